// The pad: lines of points in 0..1 of the box, drawn smooth through the midpoints as the PDF will draw them.

const WIDTH = 1000;
const HEIGHT = 500;
const LEAST_STEP = 3; // of WIDTH; nearer points say nothing new
const MOST_LINES = 200;
const MOST_POINTS = 5000;
const PEN = 11; // 0.022 of the height, as in the PDF

class Pad {
  constructor(root) {
    this.words = root.dataset; // in the language of the page
    this.surface = root.querySelector("svg");
    this.field = root.querySelector("[data-strokes]");
    this.status = root.querySelector("[data-pad-status]");
    this.undo = root.querySelector("[data-pad-undo]");
    this.clear = root.querySelector("[data-pad-clear]");
    this.hint = this.status.textContent;
    this.lines = [];
    this.paths = [];
    this.current = null;
    this.restore();
    this.listen();
  }

  restore() {
    try {
      const kept = JSON.parse(this.field.value);
      for (const line of kept.lines) this.begin(line.map(([x, y]) => [x * WIDTH, y * HEIGHT]));
    } catch {
      // nothing was kept
    }
    this.current = null;
    this.tell();
  }

  listen() {
    this.surface.addEventListener("pointerdown", (event) => this.down(event));
    this.surface.addEventListener("pointermove", (event) => this.move(event));
    for (const name of ["pointerup", "pointercancel"]) this.surface.addEventListener(name, (event) => this.up(event));
    this.undo.addEventListener("click", () => this.remove(1));
    this.clear.addEventListener("click", () => this.remove(this.lines.length));
  }

  down(event) {
    if (!event.isPrimary || event.button !== 0 || this.isFull()) return;
    event.preventDefault();
    this.surface.setPointerCapture(event.pointerId);
    this.frame = this.surface.getBoundingClientRect();
    this.pointer = event.pointerId;
    this.begin([this.place(event)]);
  }

  move(event) {
    if (!this.current || event.pointerId !== this.pointer) return;
    const events = event.getCoalescedEvents?.() ?? [];
    for (const each of events.length ? events : [event]) this.extend(this.place(each));
    this.draw();
  }

  up(event) {
    if (!this.current || event.pointerId !== this.pointer) return;
    this.current = null;
    this.tell();
  }

  begin(line) {
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("class", "ink-line");
    path.setAttribute("stroke-width", PEN);
    this.surface.append(path);
    this.lines.push(line);
    this.paths.push(path);
    this.current = line;
    this.draw();
  }

  extend(point) {
    const [x, y] = this.current.at(-1);
    if (this.isFull() || Math.hypot(point[0] - x, point[1] - y) < LEAST_STEP) return;
    this.current.push(point);
  }

  draw() {
    this.paths.at(-1).setAttribute("d", smooth(this.current));
  }

  remove(count) {
    if (!count) return;
    this.lines.splice(-count);
    for (const path of this.paths.splice(-count)) path.remove();
    this.tell(this.lines.length ? this.words.removed : this.words.empty);
    if (!this.lines.length) this.surface.focus({ preventScroll: true });
  }

  tell(words) {
    const lines = this.lines.map((line) => line.map(([x, y]) => [round(x / WIDTH), round(y / HEIGHT)]));
    this.field.value = lines.length ? JSON.stringify({ lines, aspect: WIDTH / HEIGHT }) : "";
    this.undo.disabled = this.clear.disabled = !lines.length;
    if (this.isFull()) this.status.textContent = this.words.full;
    else this.status.textContent = words ?? (lines.length ? this.words.drawn : this.hint);
  }

  isFull() {
    return this.lines.length >= MOST_LINES || this.lines.reduce((sum, line) => sum + line.length, 0) >= MOST_POINTS;
  }

  place(event) {
    const x = (event.clientX - this.frame.left) / this.frame.width;
    const y = (event.clientY - this.frame.top) / this.frame.height;
    return [clamp(x) * WIDTH, clamp(y) * HEIGHT];
  }
}

function smooth(points) {
  const path = [`M${points[0].map(short).join(" ")}`];
  for (let i = 1; i < points.length - 1; i++) {
    const middle = [0, 1].map((axis) => (points[i][axis] + points[i + 1][axis]) / 2);
    path.push(`Q${[...points[i], ...middle].map(short).join(" ")}`);
  }
  path.push(`L${points.at(-1).map(short).join(" ")}`);
  return path.join("");
}

const clamp = (value) => Math.min(Math.max(value, 0), 1);
const round = (value) => Math.round(value * 1e4) / 1e4;
const short = (value) => Math.round(value * 10) / 10;

for (const root of document.querySelectorAll("[data-pad]")) new Pad(root);
