// Keeps the place on the page in sight of who fills it in: scrolls to it, and shows it enlarged where screens are small.

const form = document.querySelector("[data-fill]");
const strip = form?.querySelector("[data-strip]");
const isSmall = matchMedia("(width < 60rem)");
const isCalm = matchMedia("(prefers-reduced-motion: reduce)");
const STRIP_POINTS = 250; // of the page's width: about as wide on a phone as on paper
const AROUND = 14; // points above and below the field

function at(event) {
  const entry = event.target;
  const spot = document.querySelector(`[data-spot="${entry.dataset.entry}"]`);
  const box = spot?.querySelector("rect");
  if (!box) return;
  enlarge(spot, box);
  const free = innerHeight - (isSmall.matches ? form.offsetHeight : 0);
  const place = box.getBoundingClientRect();
  scrollBy({ top: place.top + place.height / 2 - free * 0.45, behavior: isCalm.matches ? "instant" : "smooth" });
}

function enlarge(spot, box) {
  const paper = spot.closest("[data-paper]").querySelector("img");
  const isTall = ["signature", "initials"].includes(form.querySelector(".is-current").dataset.kind);
  strip.toggleAttribute("hidden", isTall || !paper.currentSrc);
  const page = spot.ownerSVGElement.viewBox.baseVal;
  const [x, y, width, height] = ["x", "y", "width", "height"].map((name) => Number(box.getAttribute(name)));
  const wide = Math.min(page.width, Math.max(STRIP_POINTS, width + 2 * AROUND));
  const high = Math.min(height + 2 * AROUND, wide * 0.4);
  // what stands before a field says what belongs into it
  const left = clamp(x + Math.min(width, wide) / 2 - wide * 0.6, 0, page.width - wide);
  const top = clamp(y + height / 2 - high / 2, 0, page.height - high);
  strip.setAttribute("viewBox", `${left} ${top} ${wide} ${high}`);
  set(strip.querySelector("image"), { href: paper.currentSrc, width: page.width, height: page.height });
  set(strip.querySelector("rect"), { x, y, width, height });
}

function set(element, values) {
  for (const [name, value] of Object.entries(values)) element.setAttribute(name, value);
}

const clamp = (value, least, most) => Math.min(Math.max(value, least), Math.max(most, least));

// a keyboard on the screen covers what is fixed to the bottom, unless it is told
function aboveKeyboard() {
  const covered = Math.max(0, innerHeight - visualViewport.height - visualViewport.offsetTop);
  form.style.setProperty("--keyboard", `${Math.round(covered)}px`);
}

if (form) {
  form.addEventListener("fill:at", at);
  new ResizeObserver(() => {
    document.documentElement.style.setProperty("--fill-height", `${form.offsetHeight}px`);
  }).observe(form);
  for (const name of ["resize", "scroll"]) visualViewport.addEventListener(name, aboveKeyboard);
}
