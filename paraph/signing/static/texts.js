// Fetches the words of a page when somebody asks for them.

for (const details of document.querySelectorAll("[data-text]")) {
  details.addEventListener("toggle", async () => {
    if (!details.open || details.dataset.fetched) return;
    details.dataset.fetched = "yes";
    try {
      const answer = await fetch(details.dataset.text);
      if (!answer.ok) throw new Error(`no text: ${answer.status}`);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const words = document.importNode(page.querySelector("[data-page-text]"), true);
      for (const link of words.querySelectorAll("a")) link.setAttribute("href", link.hash); // within this page
      details.querySelector("div").replaceChildren(words);
    } catch {
      delete details.dataset.fetched; // the link to the text stays
    }
  });
}
