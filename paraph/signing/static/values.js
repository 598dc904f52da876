// What is typed and ticked shows at once in its places on the pages, as large as it will be, smaller where it must be.

const form = document.querySelector("[data-fill]");
const MASK = "•".repeat(8);

const spots = new Map();
for (const spot of document.querySelectorAll("a[data-spot]")) spots.set(Number(spot.dataset.spot), spot);

function show(entry) {
  for (const number of entry.dataset.numbers.split(" ").map(Number)) {
    const spot = spots.get(number);
    if (spot) put(spot, entry, number);
  }
}

function put(spot, entry, number) {
  const text = spot.querySelector("[data-value]");
  if (!text) {
    const box = boxOf(entry, number);
    const isSet = Boolean(box?.checked);
    spot.classList.toggle("is-set", isSet);
    if (isSet && ["signature", "initials"].includes(entry.dataset.kind)) putInk(spot, entry.dataset.kind);
    return;
  }
  const value = entry.querySelector(".input").value.trim();
  text.textContent = value && "masked" in spot.dataset ? MASK : value;
  spot.classList.toggle("is-set", value !== "");
  fit([text]);
}

function boxOf(entry, number) {
  if (entry.dataset.kind === "radios") return entry.querySelector(`input[value="${number}"]`);
  return entry.querySelector(`input[type=checkbox][name="f${number}"]`);
}

// a place that is signed just now gets what was adopted before
function putInk(spot, kind) {
  const ink = document.getElementById(`ink-${kind}`);
  if (!ink || spot.querySelector(".set-mark")) return;
  const box = spot.querySelector("rect");
  const [x, y, width, height] = ["x", "y", "width", "height"].map((name) => Number(box.getAttribute(name)));
  const [wide, high] = [Number(ink.dataset.width), Number(ink.dataset.height)];
  const scale = Math.min(width / wide, height / high);
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("class", "set-mark");
  use.setAttribute("href", `#ink-${kind}`);
  use.setAttribute("transform", `translate(${x + (width - wide * scale) / 2} ${y + (height - high * scale) / 2}) scale(${scale})`);
  spot.append(use);
}

function fit(texts) {
  const filled = texts.filter((text) => text.textContent);
  for (const text of filled) text.parentElement.setAttribute("font-size", text.dataset.value);
  // all is measured before anything is changed, so that the page is laid out once
  const measured = filled.map((text) => [text, text.scrollWidth, text.clientWidth]);
  for (const [text, wide, room] of measured) {
    if (wide > room) text.parentElement.setAttribute("font-size", ((Number(text.dataset.value) * room) / wide).toFixed(2));
  }
}

fit([...document.querySelectorAll(".value:not(.value-area)")]);
for (const name of ["input", "change"]) {
  form?.addEventListener(name, (event) => {
    const entry = event.target.closest("[data-entry]");
    if (entry && !event.target.closest("[data-maker]")) show(entry);
  });
}
