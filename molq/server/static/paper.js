// Paper: a card for every molecule that is selected, or for all that are shown.

import { h } from "./dom.js";
import { drawn, framed } from "./pictures.js";
import { reasons } from "./columns.js";
import { count, seen, whole } from "./words.js";

const MOST = 400;

/** The cards of `rows()` stand in `place` while the page is printed; `columns()` are those of the table. */
export function cardsFor(place, { rows, columns, names, colour }) {
  addEventListener("beforeprint", () => {
    const all = rows();
    const cut = all.length > MOST ? h("p", { className: "note" }, `The first ${whole(MOST)} of ${count(all.length, "molecule")} are printed.`) : null;
    const cards = all.slice(0, MOST).map((row) => card(row, columns(), names(), colour()));
    place.replaceChildren(...(cut ? [cut] : []), h("div", { className: "molecules" }, ...cards));
  });
  addEventListener("afterprint", () => place.replaceChildren());
}

/** Asks for the drawings that printing would need: it does not wait for them. */
export const drawAhead = (rows, by) => Promise.allSettled(rows.slice(0, MOST).map((row) => drawn(row.smiles, by)));

/** What a cell says, its parts one after the other. */
const text = (cell) => (cell instanceof Node ? [...cell.childNodes].map((part) => part.textContent).filter(Boolean).join(", ") : cell);

function card(row, columns, names, by) {
  const facts = columns.filter(({ key }) => /^(score|change|belief)/.test(key)).map((column) => [column.title, text(column.cell(row))]);
  const found = facts.filter(([, said]) => said).map(([name, said]) => h("small", { className: "fact" }, h("span", {}, name), " ", said));
  return h("figure", { className: "card molecule" },
    h("div", { className: "structure" }, framed(row.smiles, by) ?? h("span", { className: "note" }, "no structure")),
    h("figcaption", {}, h("b", { className: "name" }, `${row.row}. ${seen(row.identifier ?? "")}`), ...found,
      ...reasons(row, names).map((text) => h("p", { className: "fault" }, seen(text))), h("small", { className: "smiles" }, seen(row.smiles))));
}
