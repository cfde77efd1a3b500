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
    const missing = rows.filter((row) => !row.error && !row.scores?.[model] && !row.refused?.[model]);
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
  const scores = answer.scores?.[model];
  if (!scores) row.refused = { ...row.refused, [model]: answer.error ?? "no score" };
  row.scores = { ...row.scores, [model]: scores };
  row.percentile = { ...row.percentile, [model]: answer.percentile?.[model] };
  row.belief = { ...row.belief, [model]: answer.belief?.[model] };
}

/** Why no chosen model scores a row, or null. */
export const fault = (row, models) =>
  row.error ?? (models.every((model) => row.refused?.[model]) ? row.refused[models[0]] : null);

/** Rows whose scores are asked for again. */
export const forget = (rows) => rows.forEach((row) => ["scores", "refused", "percentile", "belief"].forEach((name) => delete row[name]));
