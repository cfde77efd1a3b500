// Files for the chemist's own programs: the server writes them, the browser keeps them.

import { request } from "./api.js";
import { h } from "./dom.js";

/** Scores of rows as `format` (csv, sdf, xlsx), computed by the server. */
export async function exported(rows, models, format) {
  const body = JSON.stringify({ rows: rows.map(({ smiles, identifier }) => ({ smiles, identifier })), models });
  const response = await request(`v1/export?format=${format}`, { method: "POST", body, type: "application/json" });
  keep(await response.blob(), `molq-scores.${format}`);
}

/** The file at `path` of the server. */
export async function fetched(path, name) {
  keep(await (await request(path)).blob(), name);
}

function keep(blob, name) {
  const link = h("a", { href: URL.createObjectURL(blob), download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
