// Pasted text as a table that molq reads: rows of one width, and a head where the first line is none. Which column
// holds the SMILES is said by the server's reader, never here.

import { rowsOf } from "./scoring.js";

const NAME = "pasted.txt";
const HEAD = /^[\w .-]*\b(smiles|structure|molecule|compound|name|title|id|inchi|cas)\b[\w .-]*$/i;

const cells = (line) => line.split("\t");

/** The rows of a pasted text. Names may stand beside some lines alone, and a first line that is no SMILES is a row too. */
export async function rowsOfText(text) {
  const lines = text.split(/\r\n?|\n/).filter((line) => line.trim());
  const width = lines.reduce((most, line) => Math.max(most, cells(line).length), 1);
  if (width === 1) return rowsOf(new Blob([text]), NAME);
  const table = lines.map((line) => line + "\t".repeat(width - cells(line).length));
  const sent = (head) => rowsOf(new Blob([[...head, ...table].join("\n"), "\n"]), NAME);
  if (cells(lines[0]).some((cell) => HEAD.test(cell.trim()))) return sent([]);
  let at = 0;
  try {
    const found = await sent([]);
    if (found.total !== lines.length - 1) return found;
    at = Math.max(0, cells(lines[1]).indexOf(found.rows[0].smiles));
  } catch (error) {
    if (error.status !== 422) throw error;
  }
  return sent([headOf(width, at)]);
}

/** Names of `width` columns of which number `at` holds SMILES, the first other one names. */
const headOf = (width, at) =>
  Array.from({ length: width }, (_, i) => (i === at ? "smiles" : i === (at ? 0 : 1) ? "name" : `column ${i + 1}`)).join("\t");
