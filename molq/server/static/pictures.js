// Drawings of molecules, asked for when a row comes near the screen, many at a time, each once.

import { send } from "./api.js";
import { drawing, h } from "./dom.js";

const AT_ONCE = 60;
const KEPT = 12_000;
const kept = new Map();
const wanted = new Map();
const SMALL = [180, 120];
const limits = new Map(); // model and column → the contribution that is drawn at full strength, the largest of the first block
let isAsking = false;

const kindOf = (by, size) => `${size}\n${by ? `${by.model}\n${by.column}` : ""}`;

/** The drawing `{svg, why, contributions}` of a molecule, its atoms coloured by what they add where `by` is `{model, column}`. */
export function drawn(smiles, by = null, size = SMALL) {
  const kind = kindOf(by, size);
  const name = `${kind}\n${smiles}`;
  if (!kept.has(name)) {
    const order = { found: null };
    order.coming = new Promise((resolve, reject) => wanted.set(name, { smiles, by, size, kind, order, resolve, reject }));
    kept.set(name, order);
    if (kept.size > KEPT) kept.delete(kept.keys().next().value);
    queueMicrotask(ask);
  }
  return kept.get(name).coming;
}

async function ask() {
  if (isAsking) return;
  isAsking = true;
  while (wanted.size) {
    const [{ kind }] = wanted.values();
    const orders = [...wanted].filter(([, order]) => order.kind === kind).slice(0, AT_ONCE);
    for (const [name] of orders) wanted.delete(name);
    await fill(orders);
  }
  isAsking = false;
}

async function fill(orders) {
  const [[, { by, size: [width, height] }]] = orders;
  const scale = by && `${by.model}\n${by.column}`;
  const smiles = orders.map(([, order]) => order.smiles);
  try {
    const limit = limits.get(scale) ?? null;
    const answer = await send("v1/pictures", { smiles, model: by?.model ?? null, column: by?.column ?? null, width, height, limit });
    if (scale && limit === null) limits.set(scale, largest(answer.contributions));
    orders.forEach(([, { order, resolve }], i) => {
      order.found = { svg: answer.pictures[i], why: answer.why?.[i], contributions: answer.contributions?.[i] };
      resolve(order.found);
    });
  } catch (error) {
    for (const [name, { reject }] of orders) {
      kept.delete(name);
      reject(error);
    }
  }
}

const largest = (contributions) =>
  Math.max(...contributions.flatMap((one) => one?.atoms ?? []).map(Math.abs)) || null; // of no atoms: null again

const shown = ({ svg, why }) => (svg ? drawing(svg) : h("span", { className: "note" }, why ?? "no drawing"));

/** Puts the drawing of a molecule into an element: at once where it is known, else when it comes. */
export function frame(element, smiles, by) {
  const known = framed(smiles, by);
  if (known) return element.replaceChildren(known);
  return drawn(smiles, by).then(
    (found) => element.replaceChildren(shown(found)),
    () => element.replaceChildren(h("span", { className: "note" }, "no drawing: the server does not answer")));
}

/** The drawing where it is known already, else null. */
export function framed(smiles, by) {
  const found = kept.get(`${kindOf(by, SMALL)}\n${smiles}`)?.found;
  return found ? shown(found) : null;
}
