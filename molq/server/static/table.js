// A table that sorts by its heads, selects by boxes and is walked with the arrow keys. What stands in a cell is its column's affair.

import { h } from "./dom.js";

/**
 * `columns`: `{key, title, note, className, value(row), fill(cell, row)}`; `value` is what is sorted by (numbers: large first,
 * null last). `rows`: objects; `onSelect(rows)` after a change of the selection.
 */
export function table({ caption, onSelect }) {
  let columns = [];
  let rows = [];
  let order = { key: null, falls: true };
  const drawn = new Map();
  const selected = new Set();
  const everything = h("input", { type: "checkbox", "aria-label": "Select all rows" });
  const head = h("tr", { role: "row" });
  const body = h("tbody", { role: "rowgroup" });
  const element = h("table", { className: "scores", role: "table" },
    h("caption", { className: "visually-hidden" }, caption), h("thead", { role: "rowgroup" }, head), body);

  everything.addEventListener("change", () => select(visible(), everything.checked));
  body.addEventListener("keydown", walk);
  body.addEventListener("change", ({ target }) => {
    if (target.matches(".pick")) select([rowOf(target)], target.checked);
  });

  const rowOf = (node) => rows[Number(node.closest("tr").dataset.index)];
  const visible = () => rows.filter((row) => !drawn.get(row)?.hidden);

  function select(chosen, isChosen) {
    for (const row of chosen) {
      isChosen ? selected.add(row) : selected.delete(row);
      const line = drawn.get(row);
      line.querySelector(".pick").checked = isChosen;
      line.classList.toggle("picked", isChosen);
    }
    const n = visible().filter((row) => selected.has(row)).length;
    everything.checked = n > 0 && n === visible().length;
    everything.indeterminate = n > 0 && !everything.checked;
    onSelect(rows.filter((row) => selected.has(row)));
  }

  function line(row, index) {
    const name = `Select row ${row.row}`;
    const cells = columns.map((column) => h("td", { className: column.className ?? "", role: "cell", dataset: { label: [column.title, column.note].filter(Boolean).join(", ") } }));
    columns.forEach((column, i) => column.fill(cells[i], row));
    const box = h("input", { type: "checkbox", className: "pick", "aria-label": name, checked: selected.has(row) });
    return h("tr", { role: "row", dataset: { index }, className: selected.has(row) ? "picked" : "" },
      h("td", { className: "box", role: "cell" }, box), ...cells);
  }

  function heading(column) {
    const cell = h("th", { scope: "col", role: "columnheader", className: column.className ?? "" });
    if (!column.value) cell.append(column.title);
    else {
      const button = h("button", { type: "button", className: "sort" }, column.title);
      if (column.note) button.append(h("small", {}, column.note));
      button.addEventListener("click", () =>
        sort(column.key, order.key === column.key ? !order.falls : column.falls ?? true));
      cell.append(button);
    }
    if (order.key === column.key) cell.ariaSort = order.falls ? "descending" : "ascending";
    return cell;
  }

  function sort(key, falls) {
    order = { key, falls };
    head.replaceChildren(h("th", { className: "box", role: "columnheader", scope: "col" }, everything), ...columns.map(heading));
    const column = columns.find((one) => one.key === key);
    const sign = falls ? -1 : 1;
    const compare = (a, b) => {
      const [x, y] = [column.value(a), column.value(b)];
      if (x === null || y === null) return (x === null) - (y === null) || a.row - b.row;
      return sign * (typeof x === "string" ? x.localeCompare(y) : x - y) || a.row - b.row;
    };
    const sorted = column ? [...rows].sort(compare) : rows;
    body.append(...sorted.map((row) => drawn.get(row)));
  }

  return {
    element,
    sort,
    get order() {
      return order;
    },
    selected: () => rows.filter((row) => selected.has(row)),
    /** The rows in the order in which they stand. */
    sorted: () => [...body.rows].filter((one) => !one.hidden).map((one) => rows[Number(one.dataset.index)]),
    show(newRows, newColumns) {
      columns = newColumns;
      if (newRows !== rows) selected.clear();
      rows = newRows;
      drawn.clear();
      rows.forEach((row, i) => drawn.set(row, line(row, i)));
      body.replaceChildren();
      const keep = columns.some((column) => column.key === order.key);
      sort(keep ? order.key : columns[0].key, keep ? order.falls : false);
      select([], true);
    },
    /** Fills the cells of rows anew. */
    renew(changed) {
      for (const row of changed) columns.forEach((column, i) => column.fill(drawn.get(row).cells[i + 1], row));
    },
    /** Shows the rows that `holds` is true of, alone. */
    filter(holds) {
      for (const row of rows) drawn.get(row).hidden = !holds(row);
      select([], true);
    },
  };
}

/** Up and down: to the same control of the next row. */
function walk(event) {
  const step = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
  const control = event.target.closest("input, button");
  if (!step || !control) return;
  let next = control.closest("tr")[step];
  while (next?.hidden) next = next[step];
  if (!next) return;
  event.preventDefault();
  (next.querySelector(control.matches(".pick") ? ".pick" : "td button") ?? next.querySelector(".pick")).focus();
}
