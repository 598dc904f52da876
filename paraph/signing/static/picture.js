// Shows the chosen picture, and says at once when it cannot be used. The server checks again.

const input = document.querySelector("[data-picture]");
const problem = document.querySelector("[data-picture-problem]");
const preview = document.querySelector("[data-picture-preview]");

function fault(file) {
  if (!["image/png", "image/jpeg"].includes(file.type)) return input.dataset.wrongKind;
  if (file.size > Number(input.dataset.limit)) return input.dataset.tooLarge;
  return "";
}

function show() {
  const file = input.files[0];
  if (!file) return;
  const words = fault(file);
  problem.textContent = words;
  input.setAttribute("aria-invalid", words ? "true" : "false");
  const image = preview.querySelector("img");
  if (image.src.startsWith("blob:")) URL.revokeObjectURL(image.src);
  preview.hidden = Boolean(words);
  if (words) input.value = "";
  else image.src = URL.createObjectURL(file);
}

input?.addEventListener("change", show);
