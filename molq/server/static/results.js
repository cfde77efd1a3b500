// The scores on the page: the answer in words, the table, and what can be done with it.

import "./molecules.js"; // the table that reports have too
import { sentences } from "./answer.js";
import { columnsFor } from "./columns.js";
import { $, h, settled } from "./dom.js";
import { exported } from "./downloads.js";
import { look } from "./molecule.js";
import { cardsFor, drawAhead } from "./paper.js";
import { reference } from "./reference.js";
import { fault, forget, score } from "./scoring.js";
import { count, seen, whole } from "./words.js";

const FILES = { csv: "CSV", sdf: "SDF", xlsx: "Excel" };

/** Shows what is read and scored; `onTrouble(error)` hears of what goes wrong, `onEdit(smiles)` of a molecule to be changed. */
export function results({ choice, onTrouble, onEdit }) {
  let read = null;
  let columns = [];
  let table = null;
  let ending = new AbortController();
  const place = h("div");
  const paper = h("div", { className: "paper" });
  const colours = h("select", { "aria-label": "Colour the atoms by" });
  const filter = h("input", { type: "search", placeholder: "Name or SMILES contains …", "aria-label": "Show rows that contain" });
  const order = h("select", { "aria-label": "Sort by" });
  const picked = h("span", { className: "hint" });
  const saving = h("span", { className: "hint", role: "status" });
  const bar = h("div", { className: "actions bar" },
    filter, h("label", { className: "narrow" }, "Sort by ", order), h("label", {}, "Colour atoms by ", colours), picked,
    h("span", { className: "files" }, "Download ", ...Object.entries(FILES).map(([format, name]) => button(name, () => save(format))),
      button("Copy SMILES", copy)), saving);
  $("results").replaceChildren(bar, place, paper);

  const colour = () => (colours.value ? JSON.parse(colours.value) : null);
  const chosen = () => (table.selected.length ? table.selected : table.shown);
  cardsFor(paper, { rows: () => (read ? chosen() : []), columns: () => columns, names: choice.names, colour });

  colours.addEventListener("change", () => {
    table.refresh();
    drawAhead(read.rows.filter((row) => !fault(row, choice.names())), colour());
  });
  filter.addEventListener("input", settled(() => table.show(held()), 120));
  order.addEventListener("change", () => table.sort(...JSON.parse(order.value)));
  place.addEventListener("molecules:selection", () => (picked.textContent = table?.selected.length ? `${whole(table.selected.length)} selected` : ""));
  place.addEventListener("molecules:open", ({ detail }) =>
    look(detail.row, { choice, colour: colour(), onEdit }));

  function held() {
    const text = filter.value.toLowerCase();
    return read.rows.filter((row) => `${row.identifier ?? ""}\n${row.smiles}`.toLowerCase().includes(text));
  }
  async function save(format) {
    saving.textContent = `Writing ${count(chosen().length, "row")} …`;
    await exported(chosen(), choice.names(), format);
    saving.textContent = "";
  }
  async function copy() {
    await navigator.clipboard.writeText(chosen().map((row) => row.smiles).join("\n"));
    saving.textContent = `${count(chosen().length, "SMILES", "SMILES")} copied`;
  }
  function button(name, work) {
    const element = h("button", { type: "button" }, name);
    element.addEventListener("click", async () => {
      element.disabled = true;
      await work().catch((error) => (saving.textContent = error.message));
      element.disabled = false;
    });
    return element;
  }

  function say() {
    const [first, ...more] = sentences(read, choice, columns);
    $("answer").replaceChildren(h("p", { className: "lead" }, h("b", {}, first)), h("p", {}, more.join(" ")));
  }

  /** Draws the table for what is chosen; scores that it lacks are asked for, all of them where `isFresh`. */
  async function renew(comparing = false, isFresh = false) {
    if (!read) return;
    if (isFresh) forget(read.rows);
    ending.abort();
    ending = new AbortController();
    const { signal } = ending;
    offerColours();
    columns = columnsFor(choice, colour);
    offerOrders();
    $("results").hidden = !read.rows.length;
    table ??= globalThis.moleculeTable(place, { columns, rows: [], label: "Scores, one molecule a row", name: (row) => `row ${row.row}` });
    table.columns(columns);
    if (!columns.some((column) => column.key === table.sorted.key)) table.sort("row", false);
    table.show(held());
    say();
    try {
      await score(read.rows, choice.names(), came, signal);
      if (signal.aborted) return;
      saving.textContent = "";
      const { key, falls } = table.sorted;
      const moved = comparing && columns.find((column) => column.difference);
      moved ? table.sort(moved.key, true) : table.sort(key, falls);
      say();
      drawAhead(read.rows.filter((row) => !fault(row, choice.names())), colour());
    } catch (error) {
      if (error.name !== "AbortError") onTrouble(error);
    }
  }
  function came(n, total) {
    table.refresh();
    saving.textContent = n < total ? `${whole(n)} of ${count(total, "score")} are there` : "";
  }
  function offerColours() {
    const old = colours.value;
    const ways = choice.names().flatMap((model) =>
      choice.columns().filter((column) => choice.column(model, column)).map((column) => [JSON.stringify({ model, column }), `${seen(column)} (${seen(model)})`]));
    colours.replaceChildren(h("option", { value: "" }, "nothing"), ...ways.map(([value, text]) => h("option", { value }, text)));
    colours.value = ways.some(([value]) => value === old) ? old : "";
  }
  function offerOrders() {
    const ways = columns.filter((column) => column.kind !== "picture").flatMap(({ key, title, falls }) =>
      falls === false ? [[key, false, title]] : [[key, true, `${title}, high to low`], [key, false, `${title}, low to high`]]);
    order.replaceChildren(...ways.map(([key, falls, name]) => h("option", { value: JSON.stringify([key, falls]) }, name)));
  }

  return {
    renew,
    show(found) {
      read = { says: [], truncated: false, total: found.rows.length, ...found };
      filter.value = "";
      return renew();
    },
  };
}
