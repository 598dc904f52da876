// The bar at the bottom of a phone steps aside once what it leads to is on the screen.

const guide = document.querySelector("[data-guide]");
const panel = document.querySelector("[data-panel]");

if (guide && panel) {
  new IntersectionObserver(([entry]) => guide.classList.toggle("is-past", entry.isIntersecting), {
    rootMargin: "0px 0px -25% 0px",
  }).observe(panel);
}
