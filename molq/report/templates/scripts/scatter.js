// scatter(place, {label, points, x, y, colour, isSelected, onSelect}): two numbers of every molecule; what is circled or
// framed is selected, by pointer or by keyboard. Axes are {title, value: row => number|null}.
(() => {
  "use strict";
  const { element } = globalThis.moleculeTable;
  const [WIDTH, HEIGHT, LEFT, BOTTOM, EDGE] = [640, 340, 58, 44, 18];
  const SVG = "http://www.w3.org/2000/svg";

  function drawn(tag, attributes, text) {
    const made = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    if (text !== undefined) made.textContent = text;
    return made;
  }

  // whole steps of 1, 2 or 5 that cover the values
  function ticks(low, high) {
    if (!(high > low)) [low, high] = [low - 0.5 * (Math.abs(low) || 1), high + 0.5 * (Math.abs(high) || 1)];
    const rough = (high - low) / 5;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map((n) => n * power).find((size) => size >= rough);
    const first = Math.floor(low / step);
    const found = [];
    for (let i = first; i <= Math.ceil(high / step); i += 1) found.push(Number((i * step).toPrecision(12)));
    return found;
  }

  function inside(polygon, x, y) {
    let isInside = false;
    for (let i = 0, j = polygon.length - 1; i < polygon.length; j = i, i += 1) {
      const [[ax, ay], [bx, by]] = [polygon[i], polygon[j]];
      if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) isInside = !isInside;
    }
    return isInside;
  }

  class Scatter {
    #options; #at = []; #dots = []; #line = null; #frame = null;

    constructor(place, options) {
      this.#options = options;
      this.svg = drawn("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "scatter", tabindex: 0, role: "application" });
      this.svg.setAttribute("aria-label", options.label);
      place.replaceChildren(this.svg);
      this.svg.addEventListener("pointerdown", (event) => this.#begin(event));
      this.svg.addEventListener("pointermove", (event) => this.#go(event));
      this.svg.addEventListener("pointerup", (event) => this.#end(event));
      this.svg.addEventListener("pointercancel", () => this.#stop());
      this.svg.addEventListener("keydown", (event) => this.#pressed(event));
      this.svg.addEventListener("blur", () => this.#unframe());
      this.draw(options);
    }

    // other points or axes
    draw(changes) {
      const options = (this.#options = { ...this.#options, ...changes });
      const pairs = options.points.map((row) => [options.x.value(row), options.y.value(row), row]);
      const known = pairs.filter(([x, y]) => Number.isFinite(x) && Number.isFinite(y));
      this.svg.replaceChildren();
      this.missing = pairs.length - known.length;
      if (!known.length) {
        [this.#at, this.#dots] = [[], []];
        this.svg.append(drawn("text", { x: WIDTH / 2, y: HEIGHT / 2, "text-anchor": "middle" }, "No molecule has both numbers."));
        return;
      }
      const across = this.#axis(known.map(([x]) => x), LEFT, WIDTH - EDGE, "x");
      const up = this.#axis(known.map(([, y]) => y), HEIGHT - BOTTOM, EDGE, "y");
      this.#at = known.map(([x, y, row]) => [across(x), up(y), row]);
      this.#dots = this.#at.map(([x, y, row]) => {
        const dot = drawn("circle", { cx: x.toFixed(1), cy: y.toFixed(1), r: 3.2 });
        dot.dataset.colour = options.colour?.(row) ?? "";
        return dot;
      });
      const group = drawn("g", { class: "dots" });
      group.append(...this.#dots);
      this.svg.append(group);
      this.mark();
    }

    // shows which are selected
    mark() {
      this.#at.forEach(([, , row], i) => this.#dots[i].classList.toggle("selected", this.#options.isSelected(row)));
    }

    #axis(values, from, to, side) {
      let [low, high] = [Infinity, -Infinity];
      for (const value of values) [low, high] = [Math.min(low, value), Math.max(high, value)];
      const marks = ticks(low, high);
      const [first, last] = [marks[0], marks.at(-1)];
      const placed = (value) => from + ((value - first) / (last - first)) * (to - from);
      for (const mark of marks) {
        const at = placed(mark).toFixed(1);
        const line = side === "x" ? { x1: at, x2: at, y1: EDGE, y2: HEIGHT - BOTTOM } : { x1: LEFT, x2: WIDTH - EDGE, y1: at, y2: at };
        const text = side === "x"
          ? { x: at, y: HEIGHT - BOTTOM + 17, "text-anchor": "middle" }
          : { x: LEFT - 7, y: Number(at) + 4, "text-anchor": "end" };
        this.svg.append(drawn("line", line), drawn("text", text, String(mark).replace("-", "−")));
      }
      const title = side === "x"
        ? { x: (LEFT + WIDTH) / 2, y: HEIGHT - 6, "text-anchor": "middle" }
        : { x: 0, y: 0, "text-anchor": "middle", transform: `translate(13 ${(HEIGHT - BOTTOM) / 2}) rotate(-90)` };
      const words = this.#options[side].title;
      this.svg.append(drawn("text", { ...title, class: "axis" }, words.length > 60 ? `${words.slice(0, 59)}…` : words));
      return placed;
    }

    #spot(event) {
      const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(this.svg.getScreenCTM().inverse());
      return [point.x, point.y];
    }

    #begin(event) {
      if (event.button !== 0) return;
      this.svg.setPointerCapture(event.pointerId);
      this.#line = { points: [this.#spot(event)], isFrame: event.altKey || this.#options.isFrame?.() };
      this.outline = drawn("polygon", { class: "lasso" });
      this.svg.append(this.outline);
    }

    #go(event) {
      if (!this.#line) return;
      const spot = this.#spot(event);
      const { points, isFrame } = this.#line;
      if (isFrame) {
        const [x, y] = points[0];
        this.#line.points = [[x, y], [spot[0], y], spot, [x, spot[1]]];
      } else points.push(spot);
      this.outline.setAttribute("points", this.#line.points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" "));
    }

    #end(event) {
      if (!this.#line) return;
      const { points } = this.#line;
      this.#stop();
      const isAdded = event.shiftKey || event.ctrlKey || event.metaKey;
      const spread = Math.max(...points.map(([x, y]) => Math.hypot(x - points[0][0], y - points[0][1])));
      const [x, y] = points[0];
      const chosen = spread < 4
        ? this.#at.filter(([px, py]) => Math.hypot(px - x, py - y) < 6)
        : this.#at.filter(([px, py]) => inside(points, px, py));
      this.#options.onSelect(chosen.map(([, , row]) => row), isAdded);
    }

    #stop() {
      this.#line = null;
      this.outline?.remove();
    }

    // arrows move a frame, Shift with arrows sizes it, Space or Enter selects what lies in it
    #pressed(event) {
      const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
      const frame = this.#frame ?? { x: WIDTH / 2 - 60, y: HEIGHT / 2 - 40, w: 120, h: 80 };
      if (event.key in moves) {
        const [dx, dy] = moves[event.key].map((n) => n * 10);
        if (event.shiftKey) Object.assign(frame, { w: Math.max(10, frame.w + dx), h: Math.max(10, frame.h + dy) });
        else Object.assign(frame, { x: frame.x + dx, y: frame.y + dy });
        this.#draft(frame);
      } else if ((event.key === " " || event.key === "Enter") && this.#frame) {
        const { x, y, w, h } = frame;
        const chosen = this.#at.filter(([px, py]) => px >= x && px <= x + w && py >= y && py <= y + h);
        this.#options.onSelect(chosen.map(([, , row]) => row), event.shiftKey);
      } else if (event.key === "Escape") this.#unframe();
      else return;
      event.preventDefault();
    }

    #draft(frame) {
      this.#unframe();
      this.#frame = frame;
      this.framed = drawn("rect", { x: frame.x, y: frame.y, width: frame.w, height: frame.h, class: "lasso" });
      this.svg.append(this.framed);
    }

    #unframe() {
      this.#frame = null;
      this.framed?.remove();
    }
  }

  globalThis.scatter = (place, options) => new Scatter(place, options);
})();
