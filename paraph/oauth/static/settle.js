// The page takes no click in the first half second after it appears or gets focus: a page of another site could
// otherwise lure a double click whose second half lands on Accept (oauth.md B13). Loaded in the head, without defer,
// so that it is in force before the buttons are there. Without scripts the page works as ever.
const SETTLE_MILLISECONDS = 500;
const root = document.documentElement;
let settled = 0;

function settle() {
  settled = performance.now() + SETTLE_MILLISECONDS;
  root.style.pointerEvents = "none";
  setTimeout(() => {
    if (performance.now() >= settled) root.style.pointerEvents = "";
  }, SETTLE_MILLISECONDS + 1);
}

settle();
addEventListener("pageshow", (event) => event.persisted && settle());
addEventListener("focus", settle);
addEventListener("submit", (event) => {
  if (performance.now() < settled) event.preventDefault();
});
