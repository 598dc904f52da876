// Shows and hides fields as the rules of the form say; the same steps as the server's, which has the last word.
// Regular expressions are the server's alone: it tells with each answer whether they match.

const form = document.querySelector("[data-fill]");
const rules = JSON.parse(form?.dataset.rules ?? "[]");

const entries = new Map();
for (const entry of form?.querySelectorAll("[data-entry]") ?? []) {
  for (const number of entry.dataset.numbers.split(" ")) entries.set(Number(number), entry);
}

function given(number) {
  const entry = entries.get(number);
  if (entry.dataset.kind === "radios") return entry.querySelector(`input[value="${number}"]`).checked ? "1" : "0";
  if (["tick", "ticks"].includes(entry.dataset.kind)) return form.elements[`f${number}`].checked ? "1" : "0";
  return entry.querySelector(".input").value.trim();
}

function empty(number) {
  return ["radios", "tick", "ticks"].includes(entries.get(number).dataset.kind) ? "0" : "";
}

function holds(rule, hidden) {
  const isHidden = hidden.has(rule.trigger);
  if (rule.operator === "match") return isHidden ? rule.empty : rule.holds;
  const isAmong = rule.values.includes(isHidden ? empty(rule.trigger) : given(rule.trigger));
  return ["is", "any"].includes(rule.operator) ? isAmong : !isAmong;
}

function hiddenBy(hidden) {
  const found = new Set();
  for (const rule of rules) {
    const held = holds(rule, hidden);
    for (const [number, becomesHidden] of rule.targets) if (becomesHidden === held) found.add(number);
  }
  return found;
}

// a hidden field counts as empty for the rules that it triggers; rules never form a ring
function settle() {
  let hidden = new Set();
  for (let round = 0; round <= rules.length; round++) {
    const now = hiddenBy(hidden);
    if (now.size === hidden.size && [...now].every((number) => hidden.has(number))) break;
    hidden = now;
  }
  return hidden;
}

function apply() {
  const hidden = settle();
  for (const number of new Set(rules.flatMap((rule) => rule.targets.map(([target]) => target)))) {
    for (const place of document.querySelectorAll(`[data-spot="${number}"], [data-choice="${number}"]`)) {
      place.toggleAttribute("hidden", hidden.has(number));
    }
    const entry = entries.get(number);
    if (entry) entry.hidden = entry.dataset.numbers.split(" ").every((each) => hidden.has(Number(each)));
  }
  form.dispatchEvent(new Event("fill:shown"));
}

if (rules.length) {
  for (const name of ["input", "change"]) form.addEventListener(name, apply);
  form.addEventListener("fill:answer", (event) => {
    for (const [place, held] of Object.entries(event.detail.holds)) rules[Number(place)].holds = held;
    apply();
  });
}
