// Reports that a person opened the document, then asks for its pages. A mail scanner that only fetches the link
// runs no script, so it is never taken for the signer.

const papers = document.querySelector("[data-view]");

function showPages() {
  for (const image of papers.querySelectorAll("[data-src]")) {
    image.srcset = image.dataset.srcset;
    image.src = image.dataset.src;
  }
  for (const element of papers.querySelectorAll("[data-after-view]")) element.hidden = false;
}

async function report() {
  const body = new URLSearchParams({ by: "script" });
  const answer = await fetch(papers.dataset.view, { method: "POST", body });
  if (answer.status === 409 || answer.status === 410) location.reload(); // cancelled, expired: the page says it
  if (!answer.ok) throw new Error(`the view was not recorded: ${answer.status}`);
}

async function open() {
  try {
    await report();
    showPages();
  } catch {
    const byHand = papers.querySelector("[data-by-hand]");
    if (byHand) byHand.hidden = false;
  }
}

if (papers) {
  // a page that the browser loads ahead is not seen by anybody yet
  if (document.prerendering) document.addEventListener("prerenderingchange", open, { once: true });
  else open();
}
