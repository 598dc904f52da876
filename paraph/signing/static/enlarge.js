// Makes the pages of a document larger for who cannot pinch; they then scroll sideways, each in its own frame.

for (const button of document.querySelectorAll("[data-enlarge]")) {
  const whole = button.closest(".document");
  button.hidden = false;
  button.addEventListener("click", () => {
    const isLarge = whole.classList.toggle("is-large");
    button.setAttribute("aria-pressed", String(isLarge));
    for (const paper of whole.querySelectorAll("[data-paper]")) {
      if (isLarge) paper.tabIndex = 0; // so that arrow keys can scroll it
      else paper.removeAttribute("tabindex");
      const image = paper.querySelector("img");
      if (image) image.sizes = isLarge ? "200vw" : "(min-width: 60rem) 39rem, 100vw";
    }
  });
}
