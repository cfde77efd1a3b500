// The scores on the page: the answer in words, the table, and what can be done with it.

import { sentences } from "./answer.js";
import { columnsFor, widths } from "./columns.js";
import { $, h, settled } from "./dom.js";
import { exported } from "./downloads.js";
import { look } from "./molecule.js";
import { drawAll } from "./pictures.js";
import { forget, score } from "./scoring.js";
import { table } from "./table.js";
import { count, seen, whole } from "./words.js";

/** So many structures are drawn before they come near the screen, because printing does not wait. */
const DRAWN_AHEAD = 400;

/** Shows what is read and scored; `onTrouble(error)` hears of what goes wrong. */
export function results({ choice, reference, onTrouble, onEdit }) {
  let read = null;
  let columns = [];
  let ending = new AbortController();
  const colours = h("select", { "aria-label": "Colour the atoms by" });
  const colour = () => (colours.value ? JSON.parse(colours.value) : null);
  const saving = h("span", { className: "hint", role: "status" });
  const scores = table({ caption: "Scores of the molecules", onSelect: (rows) => (picked.textContent = rows.length ? `${whole(rows.length)} selected` : "") });
  const picked = h("span", { className: "hint" });
  const filter = h("input", { type: "search", placeholder: "Name or SMILES contains …", "aria-label": "Show rows that contain" });
  const order = h("select", { "aria-label": "Sort by" });
  const bar = h("div", { className: "actions bar" },
    filter, h("label", { className: "narrow" }, "Sort by ", order), h("label", {}, "Colour atoms by ", colours), picked,
    h("span", { className: "files" }, "Download ", ...["csv", "sdf", "xlsx"].map(fileButton)), copyButton(), saving);

  colours.addEventListener("change", () => scores.renew(read.rows));
  filter.addEventListener("input", settled(() => {
    const text = filter.value.toLowerCase();
    scores.filter((row) => `${row.identifier ?? ""}\n${row.smiles}`.toLowerCase().includes(text));
  }, 120));
  order.addEventListener("change", () => {
    const [key, falls] = JSON.parse(order.value);
    scores.sort(key, falls);
  });

  const chosen = () => (scores.selected().length ? scores.selected() : scores.sorted());

  function fileButton(format) {
    const name = { csv: "CSV", sdf: "SDF", xlsx: "Excel" }[format];
    const button = h("button", { type: "button", "data-format": format }, name);
    button.addEventListener("click", async () => {
      button.disabled = true;
      saving.textContent = `Writing ${count(chosen().length, "row")} …`;
      try {
        await exported(chosen(), choice.names(), format);
        saving.textContent = "";
      } catch (error) {
        saving.textContent = error.message;
      }
      button.disabled = false;
    });
    return button;
  }
  function copyButton() {
    const button = h("button", { type: "button" }, "Copy SMILES");
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(chosen().map((row) => row.smiles).join("\n"));
      saving.textContent = `${count(chosen().length, "SMILES", "SMILES")} copied`;
    });
    return button;
  }

  function say() {
    const [first, ...more] = sentences(read, choice, reference(), columns);
    $("answer").replaceChildren(h("p", { className: "lead" }, h("b", {}, first)), h("p", {}, more.join(" ")));
  }

  /** Draws the table for what is chosen; the scores that it lacks are asked for. */
  async function renew(comparing = false, isFresh = false) {
    if (!read) return;
    if (isFresh) forget(read.rows);
    ending.abort();
    ending = new AbortController();
    const { signal } = ending;
    const old = colours.value;
    const ways = choice.names().flatMap((model) =>
      choice.columns().filter((column) => choice.column(model, column)).map((column) => [JSON.stringify({ model, column }), `${seen(column)} (${seen(model)})`]));
    colours.replaceChildren(h("option", { value: "" }, "nothing"), ...ways.map(([value, text]) => h("option", { value }, text)));
    colours.value = ways.some(([value]) => value === old) ? old : "";
    columns = columnsFor(choice, Boolean(reference()), colour, (row) => look(row, { choice, colour: colour(), reference: reference(), onEdit }));
    scores.element.style.setProperty("--columns", widths(columns));
    scores.show(read.rows, columns);
    sorts();
    $("results").replaceChildren(bar, scores.element);
    $("results").hidden = !read.rows.length;
    say();
    const key = () => (comparing ? columns.find((column) => column.difference)?.key : null) ?? scores.order.key;
    try {
      await score(read.rows, choice.names(), (block) => signal.aborted || scores.renew(block), signal);
      if (signal.aborted) return;
      scores.sort(key(), comparing || scores.order.falls);
      say();
      await drawAll([...scores.element.querySelectorAll(".frame")].slice(0, DRAWN_AHEAD));
    } catch (error) {
      if (error.name !== "AbortError") onTrouble(error);
    }
  }
  function sorts() {
    const ways = columns.filter((column) => column.value).flatMap((column) => {
      const name = [column.title, column.note].filter(Boolean).join(", ");
      return column.falls === false ? [[column.key, false, name]] : [[column.key, true, `${name}, high to low`], [column.key, false, `${name}, low to high`]];
    });
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
