// Show-password buttons: <button data-reveal="id-of-the-input" hidden>Show</button>.

for (const button of document.querySelectorAll("button[data-reveal]")) {
  const input = document.getElementById(button.dataset.reveal);
  if (!input) continue;
  button.hidden = false;
  button.addEventListener("click", () => {
    const shown = input.type === "text";
    input.type = shown ? "password" : "text";
    button.textContent = shown ? "Show" : "Hide";
    button.setAttribute("aria-pressed", String(!shown));
  });
  // a browser offers to keep only what is a password field when the form goes out
  input.form?.addEventListener("submit", () => { input.type = "password"; });
}
