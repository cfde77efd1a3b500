// What stands in the columns of the table: the molecule, its scores, how they differ, whether they can be believed.

import { h } from "./dom.js";
import { frame } from "./pictures.js";
import { fault } from "./scoring.js";
import { VERDICTS, change, percent, score, seen } from "./words.js";

const ORDER = { outside: 0, edge: 1, inside: 2 };

/** The columns for the models and properties that are chosen; `look` is called with a row whose drawing was asked to be larger. */
export function columnsFor(choice, hasReference, colour, look) {
  const names = choice.names();
  const found = [number(), picture(names, colour, look), molecule(names)];
  for (const column of choice.columns()) {
    const having = names.filter((name) => choice.column(name, column));
    found.push(...having.map((name) => scores(choice, name, column, having.length > 1 || names.length > 1, hasReference)));
    if (having.length > 1) found.push(difference(having[0], having[1], column));
  }
  if (names.some((name) => choice.model(name).has_training_set)) found.push(belief(names));
  return found;
}

/** The widths of those columns on a wide page. */
export const widths = (columns) => ["2rem", ...columns.map((column) => column.width)].join(" ");

const number = () => ({
  key: "row", title: "Row", width: "3.6rem", falls: false, className: "number row",
  value: (row) => row.row,
  fill: (cell, row) => (cell.textContent = String(row.row)),
});

const picture = (names, colour, look) => ({
  key: "picture", title: "Structure", width: "160px", className: "picture", value: null,
  fill(cell, row) {
    if (fault(row, names)) return cell.replaceChildren(h("span", { className: "note" }, "no structure"));
    const button = h("button", { type: "button", className: "frame", "aria-label": `Row ${row.row}: more about this molecule` });
    button.addEventListener("click", () => look(row));
    cell.replaceChildren(button);
    frame(button, row.smiles, colour());
  },
});

const molecule = (names) => ({
  key: "molecule", title: "Molecule", width: "minmax(9rem, 1fr)", falls: false, className: "molecule",
  value: (row) => (row.identifier ?? row.smiles).toLowerCase(),
  fill(cell, row) {
    cell.replaceChildren(
      ...(row.identifier ? [h("b", {}, seen(row.identifier))] : []),
      h("code", { className: "smiles" }, seen(row.smiles)),
      ...reasons(row, names).map((text) => h("p", { className: "fault" }, seen(text))));
  },
});

/** Why a row has no score, or which of the models gave none. */
function reasons(row, names) {
  const reason = fault(row, names);
  if (reason) return [reason];
  return names.filter((name) => row.refused?.[name]).map((name) => `${name}: ${row.refused[name]}`);
}

function scores(choice, model, column, isOneOfMany, hasReference) {
  const { kind, unit } = choice.column(model, column);
  const of = (row) => row.scores?.[model]?.[column] ?? null;
  return {
    key: `score\n${model}\n${column}`, title: seen(column), note: [isOneOfMany && seen(model), unit].filter(Boolean).join(", ") || null,
    width: "minmax(6.6rem, 8.5rem)", className: "number score",
    value: of,
    fill(cell, row) {
      const value = of(row);
      cell.classList.toggle("none", value === null && Boolean(row.error || row.refused?.[model]));
      if (value === null) return cell.replaceChildren(row.error || row.refused?.[model] ? "–" : h("span", { className: "note" }, "…"));
      const share = row.percentile?.[model]?.[column];
      cell.replaceChildren(h("b", {}, score(value, kind)), ...(hasReference && share !== undefined && share !== null ? above(share) : []));
    },
  };
}

function above(share) {
  const bar = h("i", { style: { width: `${share}%` } });
  return [h("span", { className: "meter", role: "presentation" }, bar), h("small", {}, `above ${percent(share)}`)];
}

/** The second model's score less the first one's; sorted by size, whatever the sign. */
function difference(first, second, column) {
  const of = (row) => {
    const [a, b] = [row.scores?.[first]?.[column], row.scores?.[second]?.[column]];
    return a === undefined || b === undefined || a === null || b === null ? null : b - a;
  };
  return {
    key: `change\n${column}`, title: "Difference", note: `${seen(second)} − ${seen(first)}`, width: "minmax(6.6rem, 8.5rem)",
    className: "number change", difference: of,
    value: (row) => (of(row) === null ? null : Math.abs(of(row))),
    fill(cell, row) {
      cell.classList.toggle("none", of(row) === null);
      cell.textContent = of(row) === null ? "–" : change(of(row));
    },
  };
}

function belief(names) {
  const worst = (row) => {
    const found = names.map((name) => row.belief?.[name]?.verdict).filter(Boolean);
    return found.sort((a, b) => ORDER[a] - ORDER[b])[0] ?? null;
  };
  return {
    key: "belief", title: "Can it be believed?", width: "minmax(8rem, 9.5rem)", className: "belief",
    value: (row) => (worst(row) === null ? null : ORDER[worst(row)] + (nearest(row, names) ?? 0) / 2),
    fill(cell, row) {
      const verdicts = new Map(names.map((name) => [name, row.belief?.[name]?.verdict]).filter(([, verdict]) => verdict));
      const differ = new Set(verdicts.values()).size > 1;
      const badges = [...verdicts].slice(0, differ ? undefined : 1).map(([name, verdict]) => badge(verdict, differ ? name : null));
      const likeness = nearest(row, names);
      cell.replaceChildren(...badges, ...(likeness === null ? [] : [h("small", {}, `nearest known: ${likeness.toFixed(2)}`)]));
      cell.classList.toggle("none", !badges.length);
      if (!badges.length) cell.append(fault(row, names) ? "–" : "");
    },
  };
}

export function badge(verdict, model = null) {
  const { word, tone, means } = VERDICTS[verdict];
  return h("span", { className: `badge ${tone}`, title: means }, model === null ? word : `${word} (${seen(model)})`);
}

function nearest(row, names) {
  const found = names.map((name) => row.belief?.[name]?.similarity).filter((value) => value !== undefined && value !== null);
  return found.length ? Math.min(...found) : null;
}
