// Shows beside each field what the server found wrong with it, once the person has left it.

const form = document.querySelector("[data-fill]");
let wrong = {};

// words that appear while a finger is down would move the button away from under it
let isPressed = false;
const released = () =>
  new Promise((resolve) => {
    if (isPressed) addEventListener("pointerup", () => setTimeout(resolve), { once: true });
    else resolve();
  });

function show(entry) {
  if (!("left" in entry.dataset) && !("problem" in entry.dataset)) return;
  const words = wrong[entry.id] ?? "";
  const place = entry.querySelector("[data-error]");
  if (place.textContent !== words) place.textContent = words;
  entry.toggleAttribute("data-problem", words !== "");
  for (const control of entry.querySelectorAll("[aria-describedby]")) {
    if (words) control.setAttribute("aria-invalid", "true");
    else control.removeAttribute("aria-invalid");
  }
  for (const number of entry.dataset.numbers.split(" ")) {
    document.querySelector(`[data-spot="${number}"]`)?.classList.toggle("is-wrong", words !== "");
  }
}

if (form) {
  addEventListener("pointerdown", () => { isPressed = true; }, { capture: true });
  for (const name of ["pointerup", "pointercancel"]) addEventListener(name, () => { isPressed = false; }, { capture: true });
  form.addEventListener("fill:answer", async (event) => {
    await released();
    wrong = event.detail.problems;
    for (const entry of form.querySelectorAll("[data-entry]")) {
      entry.toggleAttribute("data-refused", entry.id in wrong);
      show(entry);
    }
    form.dispatchEvent(new Event("fill:judged"));
  });
  form.addEventListener("fill:left", (event) => { event.target.dataset.left = ""; });
  form.addEventListener("change", (event) => event.target.closest("[data-entry]")?.setAttribute("data-left", ""));
}
