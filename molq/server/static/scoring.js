// Rows of what was given, and their scores from the server, block by block.

import { read, send } from "./api.js";

const FIRST_BLOCK = 50;
const BLOCK = 500;

/** `{rows, total, truncated, says}` of the bytes of a file, as molq reads files. */
export const rowsOf = (bytes, filename) =>
  read(`v1/rows?filename=${encodeURIComponent(filename)}`, { method: "POST", body: bytes, type: "application/octet-stream" });

/** Asks for what `rows` lack of `models` and writes it to them; calls `came` with the rows of every block. */
export async function score(rows, models, came, signal) {
  for (const model of models) {
    const missing = rows.filter((row) => !row.error && !row.scores?.[model]);
    for (let start = 0, end; start < missing.length; start = end) {
      end = start + (start ? BLOCK : FIRST_BLOCK);
      const block = missing.slice(start, end);
      const smiles = block.map((row) => row.smiles);
      const answer = await send("v1/predict", { smiles, models: [model], percentile: true, belief: true }, { signal });
      block.forEach((row, i) => take(row, answer.rows[i], model));
      came(block);
    }
  }
}

function take(row, answer, model) {
  row.error ??= answer.error;
  row.scores = { ...row.scores, [model]: answer.scores?.[model] };
  row.percentile = { ...row.percentile, [model]: answer.percentile?.[model] };
  row.belief = { ...row.belief, [model]: answer.belief?.[model] };
}
