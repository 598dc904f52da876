// Shows beside each field what the server found wrong with it, once the person has left it.

const form = document.querySelector("[data-fill]");
let wrong = {};

function left(entry) {
  if (!entry) return;
  entry.dataset.left = "";
  show(entry);
}

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
  form.addEventListener("fill:answer", (event) => {
    wrong = event.detail.problems;
    for (const entry of form.querySelectorAll("[data-entry]")) {
      entry.toggleAttribute("data-refused", entry.id in wrong);
      show(entry);
    }
    form.dispatchEvent(new Event("fill:judged"));
  });
  form.addEventListener("fill:left", (event) => left(event.target));
  form.addEventListener("change", (event) => left(event.target.closest("[data-entry]")));
}
