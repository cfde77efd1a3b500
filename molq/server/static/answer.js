// The answer in sentences: what was read, what stands out, what is not to be believed, how two models differ.

import { reference } from "./reference.js";
import { fault } from "./scoring.js";
import { VERDICTS, change, count, listed, seen, whole } from "./words.js";

const HIGH = 95;
const MOST = 3;

/** Sentences, the most important first; `columns` are those of the table. */
export function sentences({ rows, says, total, truncated }, choice, columns) {
  const names = choice.names();
  const found = [read(rows, names, total, truncated)];
  const scored = rows.filter((row) => !fault(row, names));
  for (const column of choice.columns()) {
    const model = choice.names().find((name) => choice.column(name, column));
    if (reference()) found.push(high(scored, model, column, choice));
  }
  found.push(...choice.names().slice(0, 1).map((model) => unlike(scored, model)));
  for (const column of columns) if (column.difference) found.push(differ(scored, column));
  return [...found.filter(Boolean), ...says.map((text) => `${sentence(seen(text))}`)];
}

function read(rows, names, total, truncated) {
  const bad = Map.groupBy(rows.filter((row) => fault(row, names)), (row) => fault(row, names));
  const n = [...bad.values()].flat().length;
  const reasons = [...bad].slice(0, MOST).map(([reason, group]) => `${rowNumbers(group)}: ${seen(reason)}`);
  const others = bad.size > MOST ? "; others for other reasons" : "";
  const lost = n ? `, ${whole(n)} could not be scored (${reasons.join("; ")}${others})` : "";
  const cut = truncated ? ` The first ${whole(rows.length)} of ${whole(total)} rows are shown.` : "";
  return `${count(rows.length, "molecule")}${lost}.${cut}`;
}

const rowNumbers = (rows) => `${rows.length === 1 ? "row" : "rows"} ${listed(rows.map((row) => whole(row.row)), 4)}`;

function high(rows, model, column, choice) {
  const n = rows.filter((row) => row.percentile?.[model]?.[column] >= HIGH).length;
  const what = choice.columns().length > 1 ? `${seen(column)}: ` : "";
  const known = rows.some((row) => row.percentile?.[model]?.[column] !== undefined);
  if (!known) return null;
  const verb = n === 1 ? "scores" : "score";
  return `${what}${n ? whole(n) : what ? "none" : "None"} ${n ? verb : "scores"} above ${HIGH}% of the reference library, ${seen(reference().name)}.`;
}

function unlike(rows, model) {
  const n = rows.filter((row) => row.belief?.[model]?.verdict === "outside").length;
  return n ? `${whole(n)} ${n === 1 ? "is" : "are"} ${VERDICTS.outside.means}.` : null;
}

function differ(rows, column) {
  const moved = rows.map((row) => ({ row, by: column.difference(row) })).filter(({ by }) => by !== null);
  if (!moved.length) return null;
  const most = moved.reduce((a, b) => (Math.abs(b.by) > Math.abs(a.by) ? b : a));
  return `The two models differ most for row ${most.row.row}${most.row.identifier ? ` (${seen(most.row.identifier)})` : ""}, by ${change(most.by)}.`;
}

const sentence = (text) => `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? "" : "."}`;
