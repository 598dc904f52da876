// Shows the typed name in each handwriting while it is typed.

for (const maker of document.querySelectorAll("[data-maker]")) {
  const source = maker.querySelector("[data-typed-source]");
  const samples = maker.querySelectorAll("[data-typed]");
  const without = samples[0]?.textContent;
  source?.addEventListener("input", () => {
    for (const sample of samples) sample.textContent = source.value.trim() || without;
  });
  const faces = maker.querySelector("[data-faces]");
  if (faces) whenNear(faces);
}

function whenNear(faces) {
  const near = new IntersectionObserver(
    (entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      faces.classList.add("is-near");
      near.disconnect();
    },
    { rootMargin: "200px" },
  );
  near.observe(faces);
}
