// Leads through the fields one at a time: which comes next, how many are done, and what the one button does.

const form = document.querySelector("[data-fill]");
const MOST_OPTIONAL = 5; // optional fields in a row that the way still leads over once nothing else is left
const ANSWER_WAIT = 1500; // milliseconds; without a connection the way goes on
const words = form?.dataset;
const all = [...(form?.querySelectorAll("[data-entry]") ?? [])];
const onward = form?.querySelector("[data-onward]");
const back = form?.querySelector("[data-back]");
const fold = form?.querySelector("[data-fold]");
const isList = form?.classList.contains("is-list");
let current = null;

const seen = () => all.filter((entry) => !entry.hidden);
const isNeeded = (entry) => "required" in entry.dataset;
const isInk = (entry) => ["signature", "initials"].includes(entry.dataset.kind);
const place = (entry) => entry.querySelector("[data-place] input");

function isFilled(entry) {
  const text = entry.querySelector(".input");
  if (isInk(entry)) return Boolean(place(entry)?.checked);
  if (["tick", "ticks", "radios"].includes(entry.dataset.kind)) return Boolean(entry.querySelector('input:checked:not([value=""])'));
  return text.value.trim() !== "";
}

const isOpen = (entry) => !isFilled(entry) || "refused" in entry.dataset;

function following() {
  const entries = seen();
  const later = entries.slice(entries.indexOf(current) + 1);
  const needed = [...later, ...entries].find((entry) => entry !== current && isNeeded(entry) && isOpen(entry));
  const optional = later.filter((entry) => !isNeeded(entry) && isOpen(entry) && !("visited" in entry.dataset));
  const next = optional[0];
  if (!next) return needed ?? null;
  if (!needed) return optional.length <= MOST_OPTIONAL ? next : null;
  return later.indexOf(needed) !== -1 && later.indexOf(needed) < later.indexOf(next) ? needed : next;
}

function previous() {
  const entries = seen();
  return entries[entries.indexOf(current) - 1] ?? null;
}

// which of its meanings the one button has now
function step() {
  if (isList) return "review";
  if (current && isInk(current) && place(current) && !place(current).checked) return current.dataset.kind === "signature" ? "sign" : "initial";
  if (!following()) return "review";
  return seen().some((entry) => "visited" in entry.dataset) ? "next" : "start";
}

function refresh() {
  const needed = seen().filter(isNeeded);
  const done = needed.filter((entry) => !isOpen(entry)).length;
  form.querySelector("[data-progress-text]").textContent = needed.length
    ? words.progress.replace("{done}", done).replace("{total}", needed.length)
    : words.none;
  Object.assign(form.querySelector("[data-bar]"), { max: needed.length || 1, value: needed.length ? done : 1 });
  const now = step();
  onward.dataset.step = now;
  onward.textContent = words[now];
  const makesInk = current && isInk(current) && !place(current);
  onward.hidden = Boolean(makesInk && (isNeeded(current) || now === "review"));
  back.hidden = isList || !previous();
  fold.hidden = isList || !current;
}

function go(entry, { quietly = false } = {}) {
  if (isList) {
    entry.scrollIntoView({ block: "center" });
    return focusOn(entry);
  }
  leave();
  current = entry;
  entry.dataset.visited = "";
  entry.classList.add("is-current");
  form.classList.add("is-walking");
  for (const spot of spotsOf(entry)) spot.classList.add("is-current");
  if (isInk(entry)) bringMaker(entry);
  refresh();
  if (quietly) return; // the list of what to mend has the focus, and the page stays at its top
  remember();
  entry.dispatchEvent(new Event("fill:at", { bubbles: true }));
  focusOn(entry);
}

// While a page loads, browsers move the focus to what its address names, so the address waits.
function remember() {
  if (document.readyState === "complete") history.replaceState(history.state, "", current ? `#${current.id}` : "#fill");
  else addEventListener("load", () => setTimeout(remember), { once: true });
}

function leave() {
  if (!current) return;
  current.classList.remove("is-current");
  for (const spot of spotsOf(current)) spot.classList.remove("is-current");
  if (isFilled(current)) current.dispatchEvent(new Event("fill:left", { bubbles: true }));
  current = null;
}

function close() {
  leave();
  form.classList.remove("is-walking");
  refresh();
  onward.focus({ preventScroll: true });
}

function spotsOf(entry) {
  return entry.dataset.numbers.split(" ").flatMap((number) => [...document.querySelectorAll(`[data-spot="${number}"]`)]);
}

// there is one pad for signatures and one for initials; it is where it is needed
function bringMaker(entry) {
  const kind = entry.dataset.kind;
  const home = form.querySelector(`[data-maker-home="${kind}"]`);
  entry.querySelector("[data-maker-slot]").append(home);
  for (const [button, step] of [["[data-adopt]", "adopt"], ["[data-on-phone]", "phone"]]) {
    const found = home.querySelector(button);
    if (found) found.value = `${step}:${kind}:${entry.dataset.entry}`;
  }
}

function focusOn(entry) {
  const control = isInk(entry) ? place(entry) : entry.querySelector(".input, input:checked, input");
  (control ?? entry).focus({ preventScroll: true });
}

// what was typed is judged before the way goes on, as long as somebody answers
async function judged(entry) {
  entry.dispatchEvent(new Event("fill:left", { bubbles: true }));
  const answer = new Promise((resolve) => {
    for (const name of ["fill:judged", "fill:offline"]) form.addEventListener(name, resolve, { once: true });
    setTimeout(resolve, ANSWER_WAIT);
  });
  form.dispatchEvent(new Event("fill:keep"));
  await answer;
  return !("problem" in entry.dataset);
}

async function press(event) {
  const now = onward.dataset.step;
  if (now === "review") return;
  event.preventDefault();
  if (now === "sign" || now === "initial") place(current).click();
  const from = current;
  if (from && !isInk(from) && !(await judged(from))) return focusOn(from);
  if (current !== from) return; // gone elsewhere while waiting
  const next = following();
  if (next) go(next);
  else {
    refresh();
    onward.focus({ preventScroll: true });
  }
}

function fromAddress() {
  const { hash, pathname, search } = location;
  const entry = hash === "#fill" && !isList ? following() ?? seen()[0] : document.getElementById(hash.slice(1));
  if (!all.includes(entry)) return;
  if (document.readyState !== "complete") history.replaceState(history.state, "", pathname + search);
  go(entry);
}

function begin() {
  onward.addEventListener("click", press);
  back.addEventListener("click", () => go(previous()));
  fold.addEventListener("click", close);
  form.addEventListener("fill:go", (event) => go(event.target));
  for (const name of ["input", "change", "fill:shown", "fill:judged"]) form.addEventListener(name, refresh);
  form.addEventListener("input", (event) => event.target.closest("[data-entry]")?.removeAttribute("data-refused"));
  form.addEventListener("submit", enter, { capture: true });
  form.addEventListener("keydown", (event) => event.key === "Escape" && current && !isList && close());
  addEventListener("hashchange", fromAddress);
  refresh();
  const refused = document.querySelector("#problems") && (form.querySelector("[data-maker] .field-error:not(:empty)") ?? form.querySelector("[data-problem]"));
  if (refused && !isList) go(refused.closest("[data-entry]"), { quietly: true });
  else fromAddress();
}

// the Enter key goes on, as the button does
function enter(event) {
  if (!event.submitter?.matches(".first-button")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (isList) form.dispatchEvent(new Event("fill:keep"));
  else if (!onward.hidden) onward.click();
}

if (form) begin();
