// Keeps what is typed on the server, a moment after it was typed, so that nothing is lost and any device can go on.
// Says "fill:answer" with what is wrong now, or "fill:offline".

const form = document.querySelector("[data-fill]");
const status = form?.querySelector("[data-save-status]");
const REST = 500; // milliseconds without a key
const RETRY = 5000;

const changed = new Set();
let timer = 0;
let sending = null;

function note(event) {
  const name = event.target.name ?? "";
  if (!/^f\d+$/.test(name)) return;
  changed.add(name);
  clearTimeout(timer);
  timer = setTimeout(send, event.type === "change" ? 0 : REST);
}

function bodyOf(names) {
  const all = new FormData(form);
  const body = new URLSearchParams({ locale: all.get("locale"), controls: names.map((name) => name.slice(1)).join(" ") });
  for (const name of names) for (const value of all.getAll(name)) body.append(name, value);
  return body;
}

async function send() {
  clearTimeout(timer);
  if (sending) await sending;
  const names = [...changed];
  changed.clear();
  sending = deliver(names);
  await sending;
  sending = null;
}

async function deliver(names) {
  tell(form.dataset.saving);
  try {
    const answer = await fetch(form.dataset.save, { method: "POST", body: bodyOf(names) });
    if ([403, 409, 410].includes(answer.status)) return location.reload(); // cancelled, expired: the page says it
    if ([400, 413].includes(answer.status)) return tell(""); // sending it again would not help; the button says why
    if (!answer.ok) throw new Error(`not saved: ${answer.status}`);
    const detail = await answer.json();
    tell(form.dataset.saved);
    form.dispatchEvent(new CustomEvent("fill:answer", { detail }));
  } catch {
    for (const name of names) changed.add(name);
    tell(form.dataset.offline);
    form.dispatchEvent(new Event("fill:offline"));
    clearTimeout(timer);
    timer = setTimeout(send, RETRY);
  }
}

function tell(words) {
  if (status.textContent !== words) status.textContent = words;
}

// a button sends only what was not kept yet: forms of many hundred fields stay small
function slim() {
  clearTimeout(timer);
  const about = document.createElement("input");
  Object.assign(about, { type: "hidden", name: "controls", value: [...changed].map((name) => name.slice(1)).join(" ") });
  about.dataset.slim = "";
  form.append(about);
  for (const control of form.elements) {
    if (/^f\d+$/.test(control.name) && !changed.has(control.name)) control.dataset.kept = control.disabled = true;
  }
}

function whole() {
  form.querySelector("[data-slim]")?.remove();
  for (const control of form.querySelectorAll("[data-kept]")) {
    delete control.dataset.kept;
    control.disabled = false;
  }
}

if (form) {
  for (const name of ["input", "change"]) form.addEventListener(name, note);
  form.addEventListener("fill:keep", send);
  form.addEventListener("submit", (event) => event.defaultPrevented || slim());
  addEventListener("pageshow", whole);
  addEventListener("online", () => changed.size && send());
  addEventListener("pagehide", () => {
    if (changed.size) navigator.sendBeacon(form.dataset.save, bodyOf([...changed]));
  });
}
