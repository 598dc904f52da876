// Shows the typed name in each handwriting while it is typed.

const source = document.querySelector("[data-typed-source]");
const samples = document.querySelectorAll("[data-typed]");
const faces = document.querySelector("[data-faces]");

if (source) {
  const without = samples[0].textContent;
  source.addEventListener("input", () => {
    for (const sample of samples) sample.textContent = source.value.trim() || without;
  });
}

if (faces) {
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
