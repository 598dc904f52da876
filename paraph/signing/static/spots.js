// Places on the page lead to what asks for them; a tap near a small one is a tap on it.

const form = document.querySelector("[data-fill]");
const NEAR = 22; // half of what a thumb needs

function lead(spot) {
  const entry = document.getElementById(spot.getAttribute("href").slice(1));
  if (!entry) return;
  entry.dispatchEvent(new Event("fill:go", { bubbles: true }));
  boxOf(entry, spot)?.click(); // boxes and buttons are ticked by touching them on the page
}

function boxOf(entry, spot) {
  const number = spot.dataset.spot;
  if (entry.dataset.kind === "radios") return entry.querySelector(`input[value="${number}"]`);
  return ["tick", "ticks"].includes(entry.dataset.kind) ? entry.querySelector(`input[name="f${number}"]`) : null;
}

function distance(spot, x, y) {
  const box = spot.querySelector("rect").getBoundingClientRect();
  return Math.hypot(Math.max(box.left - x, 0, x - box.right), Math.max(box.top - y, 0, y - box.bottom));
}

function nearest(paper, x, y) {
  let [best, least] = [null, NEAR];
  for (const spot of paper.querySelectorAll("a[data-spot]:not([hidden], .spot-date)")) {
    const far = distance(spot, x, y);
    if (far < least) [best, least] = [spot, far];
  }
  return best;
}

for (const paper of form ? document.querySelectorAll("[data-paper]") : []) {
  paper.addEventListener("click", (event) => {
    if (event.target.closest(".links a")) return;
    const spot = event.target.closest("a[data-spot]:not(.spot-date)") ?? nearest(paper, event.clientX, event.clientY);
    if (event.target.closest("a[data-spot]")) event.preventDefault();
    if (spot) lead(spot);
  });
}
