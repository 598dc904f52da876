// A typed name that is wider than its box is made smaller, as the PDF does.

async function fit() {
  await document.fonts.ready;
  for (const text of document.querySelectorAll("[data-fit]")) {
    const room = Number(text.dataset.fit);
    const width = text.getComputedTextLength();
    if (width > room) text.setAttribute("font-size", (Number(text.getAttribute("font-size")) * room) / width);
  }
}

fit();
