// Shows the chosen picture, and says at once when it cannot be used. The server checks again.

function fault(file, input) {
  if (!["image/png", "image/jpeg"].includes(file.type)) return input.dataset.wrongKind;
  if (file.size > Number(input.dataset.limit)) return input.dataset.tooLarge;
  return "";
}

function show(input, problem, preview) {
  const file = input.files[0];
  if (!file) return;
  const words = fault(file, input);
  problem.textContent = words;
  input.setAttribute("aria-invalid", words ? "true" : "false");
  const image = preview.querySelector("img");
  if (image.src.startsWith("blob:")) URL.revokeObjectURL(image.src);
  preview.hidden = Boolean(words);
  if (words) input.value = "";
  else image.src = URL.createObjectURL(file);
}

for (const maker of document.querySelectorAll("[data-maker]")) {
  const input = maker.querySelector("[data-picture]");
  const problem = maker.querySelector("[data-picture-problem]");
  const preview = maker.querySelector("[data-picture-preview]");
  input?.addEventListener("change", () => show(input, problem, preview));
}
