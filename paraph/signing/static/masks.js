// Shows what is typed into a masked field, or hides it again.

for (const button of document.querySelectorAll("[data-unmask], [data-unmask-words]")) {
  const input = document.getElementById(button.dataset.unmask ?? "");
  const words = button.parentElement.querySelector("[data-masked-words]");
  const dots = words?.textContent;
  button.hidden = false;
  button.addEventListener("click", () => {
    const isShown = button.getAttribute("aria-pressed") !== "true";
    if (input) input.type = isShown ? "text" : "password";
    else words.textContent = isShown ? words.dataset.maskedWords : dots;
    button.setAttribute("aria-pressed", String(isShown));
    button.textContent = isShown ? button.dataset.hide : button.dataset.show;
  });
  // a browser offers to keep only what is a password field when the form goes out
  input?.form.addEventListener("submit", () => { input.type = "password"; });
}
