// Rows of what was given, and their scores from the server, block by block.

import { read, send } from "./api.js";
import { reference } from "./reference.js";

const FIRST_BLOCK = 50;
const BLOCK = 500;

/** `{rows, total, truncated, says}` of the bytes of a file, as molq reads files. */
export const rowsOf = (bytes, filename) =>
  read(`v1/rows?filename=${encodeURIComponent(filename)}`, { method: "POST", body: bytes, type: "application/octet-stream" });

/** Asks for what `rows` lack of `models` and writes it to them; calls `came(n, total)` after every block. */
export async function score(rows, models, came, signal) {
  const lacking = models.map((model) => [model, rows.filter((row) => !row.error && !row.scores?.[model] && !row.refused?.[model])]);
  const total = lacking.reduce((sum, [, missing]) => sum + missing.length, 0);
  let n = 0;
  for (const [model, missing] of lacking) {
    for (let start = 0, end; start < missing.length; start = end) {
      end = start + (start ? BLOCK : FIRST_BLOCK);
      const block = missing.slice(start, end);
      const smiles = block.map((row) => row.smiles);
      const answer = await send("v1/predict", { smiles, models: [model], percentile: reference() !== null, belief: true }, { signal });
      block.forEach((row, i) => take(row, answer.rows[i], model));
      if (signal?.aborted) return;
      came((n += block.length), total);
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
