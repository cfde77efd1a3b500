// What stands in the columns of the table: the molecule, its scores, how they differ, whether they can be believed.

import { h } from "./dom.js";
import { frame } from "./pictures.js";
import { fault } from "./scoring.js";
import { VERDICTS, change, percent, score, seen } from "./words.js";

const ORDER = { outside: 0, edge: 1, inside: 2 };

/** The columns for the models and properties that are chosen; `colour()` says by what atoms are coloured. */
export function columnsFor(choice, colour) {
  const names = choice.names();
  const found = [number, picture(names, colour), molecule(names)];
  for (const column of choice.columns()) {
    const having = names.filter((name) => choice.column(name, column));
    found.push(...having.map((name) => scores(choice, name, column, names.length > 1)));
    if (having.length > 1) found.push(difference(having[0], having[1], column, choice.columns().length > 1));
  }
  if (names.some((name) => choice.model(name).has_training_set)) found.push(belief(names));
  return found;
}

const number = { key: "row", title: "Row", kind: "number", falls: false, value: (row) => row.row };

const picture = (names, colour) => ({
  key: "picture", title: "Structure", kind: "picture", value: () => null,
  cell(row) {
    if (fault(row, names)) return h("span", { className: "note" }, "no structure");
    const button = h("button", { type: "button", tabIndex: -1, "aria-label": `more about row ${row.row}` });
    frame(button, row.smiles, colour());
    return button;
  },
});

const molecule = (names) => ({
  key: "molecule", title: "Molecule", kind: "node", falls: false,
  value: (row) => row.identifier ?? row.smiles,
  cell: (row) =>
    h("div", { className: "who" },
      row.identifier ? h("b", {}, seen(row.identifier)) : null,
      ...reasons(row, names).map((text) => h("span", { className: "fault" }, seen(text))),
      h("code", { className: "smiles" }, seen(row.smiles))),
});

/** Why a row has no score, or which of the models gave none. */
export function reasons(row, names) {
  const reason = fault(row, names);
  if (reason) return [reason];
  return names.filter((name) => row.refused?.[name]).map((name) => `${name}: ${row.refused[name]}`);
}

function scores(choice, model, column, isOneOfMany) {
  const { kind, unit } = choice.column(model, column);
  const of = (row) => row.scores?.[model]?.[column] ?? null;
  return {
    key: `score\n${model}\n${column}`, title: isOneOfMany ? `${seen(column)}, ${seen(model)}` : seen(column), note: unit && seen(unit),
    kind: "number", look: "kind-number score", value: of,
    cell(row) {
      const value = of(row);
      if (value === null) return row.error || row.refused?.[model] ? "" : h("span", { className: "note waiting" }, "…");
      const share = row.percentile?.[model]?.[column];
      return h("div", {}, h("b", {}, score(value, kind)), ...(share !== undefined && share !== null ? above(share) : []));
    },
  };
}

function above(share) {
  const bar = h("i", { style: { width: `${share}%` } });
  return [h("span", { className: "meter", role: "presentation" }, bar), h("small", {}, `above ${percent(share)}`)];
}

/** The second model's score less the first one's; sorted by size, whatever the sign. */
function difference(first, second, column, isOneOfMany) {
  const of = (row) => {
    const [a, b] = [row.scores?.[first]?.[column], row.scores?.[second]?.[column]];
    return a === undefined || b === undefined || a === null || b === null ? null : b - a;
  };
  return {
    key: `change\n${column}`, title: isOneOfMany ? `Difference in ${seen(column)}` : "Difference", note: `${seen(second)} − ${seen(first)}`,
    kind: "number", look: "kind-number change", difference: of,
    value: (row) => (of(row) === null ? null : Math.abs(of(row))),
    cell: (row) => (of(row) === null ? "" : change(of(row))),
  };
}

function belief(names) {
  const worst = (row) => {
    const found = names.map((name) => row.belief?.[name]?.verdict).filter(Boolean);
    return found.sort((a, b) => ORDER[a] - ORDER[b])[0] ?? null;
  };
  return {
    key: "belief", title: "Can it be believed?", kind: "node", look: "kind-node belief", falls: true, lines: names.length - 1,
    value: (row) => (worst(row) === null ? null : ORDER[worst(row)] + (nearest(row, names) ?? 0) / 2),
    cell(row) {
      const verdicts = new Map(names.map((name) => [name, row.belief?.[name]?.verdict]).filter(([, verdict]) => verdict));
      if (!verdicts.size) return "";
      const differ = new Set(verdicts.values()).size > 1;
      const badges = [...verdicts].slice(0, differ ? undefined : 1).map(([name, verdict]) => badge(verdict, differ ? name : null));
      const likeness = nearest(row, names);
      return h("div", {}, ...badges, likeness === null ? null : h("small", {}, `nearest known: ${likeness.toFixed(2)}`));
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
