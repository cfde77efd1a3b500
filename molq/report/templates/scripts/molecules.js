// moleculeTable(place, {columns, rows, label, name}): a table of any number of molecules of which only what is seen
// exists; sorted by a click on a head, selected by click, Shift and keyboard. It tells ``place`` of what happens:
// molecules:selection, molecules:sort, molecules:open (detail.row).
(() => {
  "use strict";
  const SPARE = 4; // rows beyond each edge of what is seen
  let tables = 0;

  // text from outside becomes text, never markup
  function element(tag, attributes = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (value !== undefined && value !== null && value !== false) made.setAttribute(name, value === true ? "" : value);
    }
    made.append(...children.filter((child) => child !== null && child !== undefined));
    return made;
  }

  // what RDKit drew, parsed as SVG: an element of this document without anything that runs
  function drawing(text) {
    const root = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
    if (root.localName !== "svg" || root.querySelector("script, foreignObject")) return element("span");
    const svg = document.importNode(root, true);
    svg.setAttribute("aria-hidden", "true");
    return svg;
  }

  class MoleculeTable {
    #place; #columns; #label; #name; #id;
    #rows = []; #shown = []; #selected = new Set(); #made = new Map();
    #sort = { key: null, falls: true };
    #active = 0; #anchor = 0; #rowHeight = 0; #waits = false;

    constructor(place, { columns, rows, label, name }) {
      [this.#place, this.#label, this.#name, this.#id] = [place, label, name, `molecules-${(tables += 1)}`];
      this.#build();
      this.columns(columns);
      this.show(rows);
      new ResizeObserver(() => this.#measure()).observe(this.scroller);
      document.addEventListener("scroll", () => this.#later(), { capture: true, passive: true });
    }

    // ---- what a page asks of it

    get shown() {
      return this.#shown;
    }
    get selected() {
      return this.#shown.filter((row) => this.#selected.has(row)).concat(
        this.#rows.length === this.#shown.length ? [] : [...this.#selected].filter((row) => !this.#rows.includes(row)));
    }
    get sorted() {
      return { ...this.#sort };
    }
    isSelected(row) {
      return this.#selected.has(row);
    }

    columns(columns) {
      this.#columns = columns.filter((column) => !column.hidden);
      const facts = this.#columns.reduce((n, { kind, lines }) => n + (lines ?? Number(kind === "number" || kind === "text")), 0);
      this.grid.style.setProperty("--facts", facts); // lines of a card, where rows are cards
      this.#head();
      this.refresh();
    }

    // rows that are no longer shown are no longer selected: what is exported is what is seen
    show(rows) {
      this.#rows = rows;
      const stays = new Set(rows);
      for (const row of this.#selected) if (!stays.has(row)) this.#selected.delete(row);
      this.#order();
      this.#active = this.#anchor = 0;
      this.scroller.scrollTop = 0;
      this.refresh();
      this.#tell("selection");
    }

    sort(key, falls) {
      this.#sort = { key, falls };
      const active = this.#shown[this.#active];
      this.#order();
      this.#active = this.#anchor = Math.max(0, this.#shown.indexOf(active));
      this.#heads();
      this.refresh();
      this.#tell("sort");
    }

    select(rows, isAdded = false) {
      if (!isAdded) this.#selected.clear();
      const may = new Set(this.#shown);
      for (const row of rows) if (may.has(row)) this.#selected.add(row);
      this.#changed();
    }

    clear() {
      this.select([]);
    }

    refresh() {
      for (const made of this.#made.values()) made.remove();
      this.#made.clear();
      this.grid.setAttribute("aria-rowcount", this.#shown.length + 1);
      this.#measure();
    }

    // ---- building

    #build() {
      this.head = element("tr", { role: "row", "aria-rowindex": 1 });
      this.before = element("tr", { class: "space", role: "presentation" });
      this.after = element("tr", { class: "space", role: "presentation" });
      this.body = element("tbody", { role: "rowgroup" }, this.before, this.after);
      const head = element("thead", { role: "rowgroup" }, this.head);
      this.grid = element("table", {
        role: "grid", tabindex: 0, "aria-multiselectable": "true", "aria-label": this.#label, class: "molecule-table",
      }, head, this.body);
      this.scroller = element("div", { class: "molecule-scroller" }, this.grid);
      this.empty = element("p", { class: "none-shown", hidden: true }, "No molecule passes the filters.");
      this.#place.replaceChildren(this.scroller, this.empty);
      this.body.addEventListener("click", (event) => this.#clicked(event));
      this.grid.addEventListener("keydown", (event) => this.#pressed(event));
    }

    #head() {
      const cells = this.#columns.map((column) => {
        const button = element("button", { type: "button", tabindex: 0 }, column.title);
        if (column.note) button.append(element("small", {}, column.note));
        button.addEventListener("click", () => this.sort(column.key, this.#falls(column)));
        const isSorted = column.kind !== "picture";
        return element("th", { role: "columnheader", scope: "col", class: `kind-${column.kind}`, "data-key": column.key },
          isSorted ? button : column.title);
      });
      const all = element("input", { type: "checkbox", "aria-label": "select all that are shown" });
      all.addEventListener("change", () => this.select(all.checked ? this.#shown : []));
      this.all = all;
      this.head.replaceChildren(element("th", { role: "columnheader", class: "kind-select" }, all), ...cells);
      this.#heads();
    }

    // a second click turns the order round; numbers begin with the largest, unless the column says otherwise
    #falls(column) {
      if (this.#sort.key === column.key) return !this.#sort.falls;
      return column.falls ?? column.kind === "number";
    }

    #heads() {
      for (const head of this.head.querySelectorAll("[data-key]")) {
        if (head.dataset.key !== this.#sort.key) head.removeAttribute("aria-sort");
        else head.setAttribute("aria-sort", this.#sort.falls ? "descending" : "ascending");
      }
    }

    #order() {
      const column = this.#columns.find(({ key }) => key === this.#sort.key);
      this.#shown = [...this.#rows];
      if (!column) return;
      const sign = this.#sort.falls ? -1 : 1;
      const missing = (value) => value === null || value === undefined || Number.isNaN(value) || value === "";
      const keyed = this.#shown.map((row, place) => [column.value(row), place, row]);
      const collator = new Intl.Collator(undefined, { numeric: true });
      keyed.sort(([a, i], [b, j]) => {
        if (missing(a) || missing(b)) return missing(a) - missing(b) || i - j;
        const difference = typeof a === "number" && typeof b === "number" ? a - b : collator.compare(a, b);
        return sign * difference || i - j;
      });
      this.#shown = keyed.map(([, , row]) => row);
    }

    #row(index) {
      const row = this.#shown[index];
      const box = element("input", { type: "checkbox", tabindex: -1, "aria-label": `select ${this.#name(row)}` });
      const cells = this.#columns.map((column) => {
        const content = column.cell ? column.cell(row) : column.value(row);
        const cell = element("td", { role: "gridcell", class: column.look ?? `kind-${column.kind}`, "data-title": column.title },
          content ?? "");
        if (content === null || content === undefined || content === "") cell.classList.add("blank");
        cell.dataset.key = column.key;
        return cell;
      });
      const made = element("tr", { role: "row", id: `${this.#id}-${index}`, "aria-rowindex": index + 2 },
        element("td", { role: "gridcell", class: "kind-select" }, box), ...cells);
      made.dataset.index = index;
      this.#mark(made, index);
      return made;
    }

    #mark(made, index) {
      const isSelected = this.#selected.has(this.#shown[index]);
      made.setAttribute("aria-selected", isSelected);
      made.classList.toggle("active", index === this.#active);
      made.querySelector("input").checked = isSelected;
    }

    // ---- what is seen

    #later() {
      if (this.#waits) return;
      this.#waits = true;
      requestAnimationFrame(() => {
        this.#waits = false;
        this.#draw();
      });
    }

    // all rows are as high as the style sheet says
    #measure() {
      this.empty.hidden = this.#shown.length > 0;
      this.scroller.hidden = !this.#shown.length;
      if (!this.#shown.length) return;
      if (!this.#made.size) {
        this.#made.set(0, this.#row(0));
        this.before.after(this.#made.get(0));
      }
      this.#rowHeight = this.#made.values().next().value.getBoundingClientRect().height || 100;
      this.#draw();
      this.#draw(); // the first one gave the box its height, by which the second draws
    }

    #range() {
      const box = this.scroller.getBoundingClientRect();
      const [high, low] = [Math.max(box.top, -innerHeight), Math.min(box.bottom, 2 * innerHeight)];
      const top = high - this.before.getBoundingClientRect().top;
      const height = Math.max(0, low - high);
      const first = Math.max(0, Math.floor(top / this.#rowHeight) - SPARE);
      const last = Math.min(this.#shown.length, Math.ceil((top + height) / this.#rowHeight) + SPARE);
      return [Math.min(first, Math.max(0, this.#shown.length - 1)), Math.max(last, 1)];
    }

    #draw() {
      if (!this.#shown.length) return;
      const [first, last] = this.#range();
      for (const [index, made] of this.#made) {
        if (index >= first && index < last) continue;
        made.remove();
        this.#made.delete(index);
      }
      let at = this.before;
      for (let index = first; index < last; index += 1) {
        const made = this.#made.get(index) ?? this.#row(index);
        this.#made.set(index, made);
        if (at.nextSibling !== made) at.after(made);
        at = made;
      }
      this.#space(this.before, first);
      this.#space(this.after, this.#shown.length - last);
      this.#point();
    }

    #space(row, n) {
      row.style.height = `${Math.max(0, n) * this.#rowHeight}px`;
      row.hidden = n <= 0 && row === this.after;
    }

    #point() {
      if (this.#made.has(this.#active)) this.grid.setAttribute("aria-activedescendant", `${this.#id}-${this.#active}`);
      else this.grid.removeAttribute("aria-activedescendant");
    }

    #changed() {
      for (const [index, made] of this.#made) this.#mark(made, index);
      this.all.checked = this.#shown.length > 0 && this.#selected.size === this.#shown.length;
      this.all.indeterminate = this.#selected.size > 0 && !this.all.checked;
      this.#point();
      this.#tell("selection");
    }

    #tell(what, detail = {}) {
      this.#place.dispatchEvent(new CustomEvent(`molecules:${what}`, { detail, bubbles: true }));
    }

    // ---- hands

    #clicked(event) {
      const made = event.target.closest("tr[data-index]");
      if (!made || event.target.closest("a")) return;
      const index = Number(made.dataset.index);
      this.#activate(index, false);
      if (event.target.closest(".kind-picture")) return void this.#open(index);
      if (getSelection().type === "Range" && made.contains(getSelection().anchorNode)) return; // text is being marked
      if (event.shiftKey) this.#stretch(index, true);
      else this.#toggle(index);
      this.grid.focus({ preventScroll: true });
    }

    #toggle(index) {
      const row = this.#shown[index];
      if (!this.#selected.delete(row)) this.#selected.add(row);
      this.#anchor = index;
      this.#changed();
    }

    // what lies between the row that was chosen last and this one
    #stretch(index, isAdded) {
      const [from, to] = [Math.min(this.#anchor, index), Math.max(this.#anchor, index)];
      this.select(this.#shown.slice(from, to + 1), isAdded);
    }

    #open(index) {
      this.#tell("open", { row: this.#shown[index], index });
    }

    #activate(index, isSeen = true) {
      this.#active = Math.max(0, Math.min(this.#shown.length - 1, index));
      if (isSeen) this.#reveal();
      for (const [i, made] of this.#made) made.classList.toggle("active", i === this.#active);
      this.#point();
    }

    #reveal() {
      const box = this.scroller;
      const head = this.head.getBoundingClientRect().height;
      if (box.scrollHeight > box.clientHeight + 1) {
        const top = this.#active * this.#rowHeight;
        if (top < box.scrollTop) box.scrollTop = top;
        else if (top + this.#rowHeight + head > box.scrollTop + box.clientHeight) {
          box.scrollTop = top + this.#rowHeight + head - box.clientHeight;
        }
      }
      this.#draw();
      this.#made.get(this.#active)?.scrollIntoView({ block: "nearest" });
    }

    #pressed(event) {
      if (event.target !== this.grid || !this.#shown.length) return;
      const page = Math.max(1, Math.floor(this.scroller.clientHeight / this.#rowHeight) - 1);
      const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
      if (event.key in steps) {
        this.#activate(this.#active + steps[event.key]);
        if (event.shiftKey) this.#stretch(this.#active, event.ctrlKey || event.metaKey);
      } else if (event.key === " ") {
        if (event.shiftKey) this.#stretch(this.#active, true);
        else this.#toggle(this.#active);
      } else if (event.key === "Enter") this.#open(this.#active);
      else if (event.key === "Escape") this.clear();
      else if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "a") this.select(this.#shown);
      else return;
      event.preventDefault();
    }
  }

  const moleculeTable = (place, options) => new MoleculeTable(place, options);
  globalThis.moleculeTable = Object.assign(moleculeTable, { drawing, element });
})();
