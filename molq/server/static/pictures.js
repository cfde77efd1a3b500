// Drawings of molecules, asked for when they come near the screen, many at a time, each once.

import { send } from "./api.js";
import { drawing, h } from "./dom.js";

const AT_ONCE = 60;
const KEPT = 4000;
const kept = new Map();
const wanted = new Map();
let isAsking = false;

const key = (smiles, by) => `${by ? `${by.model}\n${by.column}` : ""}\n${smiles}`;

/** The drawing `{svg, why, contributions}` of a molecule, its atoms coloured by what they add where `by` is `{model, column}`. */
export function drawn(smiles, by = null, size = [150, 100]) {
  const name = `${size}\n${key(smiles, by)}`;
  if (!kept.has(name)) {
    const order = { smiles, by, size, group: `${size}\n${key("", by)}` };
    kept.set(name, new Promise((resolve, reject) => wanted.set(name, { ...order, resolve, reject })));
    if (kept.size > KEPT) kept.delete(kept.keys().next().value);
    queueMicrotask(ask);
  }
  return kept.get(name);
}

async function ask() {
  if (isAsking) return;
  isAsking = true;
  while (wanted.size) {
    const [{ group }] = wanted.values();
    const orders = [...wanted].filter(([, order]) => order.group === group).slice(0, AT_ONCE);
    for (const [name] of orders) wanted.delete(name);
    await fill(orders);
  }
  isAsking = false;
}

async function fill(orders) {
  const [{ by, size: [width, height] }] = orders.map(([, order]) => order);
  const smiles = orders.map(([, order]) => order.smiles);
  try {
    const answer = await send("v1/pictures", { smiles, model: by?.model ?? null, column: by?.column ?? null, width, height });
    orders.forEach(([, order], i) =>
      order.resolve({ svg: answer.pictures[i], why: answer.why?.[i], contributions: answer.contributions?.[i] }));
  } catch (error) {
    for (const [name, order] of orders) {
      kept.delete(name);
      order.reject(error);
    }
  }
}

const near = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries)
    if (isIntersecting) {
      near.unobserve(target);
      fillFrame(target);
    }
}, { rootMargin: "400px" });

const framed = new WeakMap();

/** Puts the drawing of a molecule into `frame` when it comes near the screen. */
export function frame(element, smiles, by) {
  framed.set(element, { smiles, by });
  near.unobserve(element);
  near.observe(element);
}

async function fillFrame(element) {
  const { smiles, by } = framed.get(element);
  let content;
  try {
    const { svg, why } = await drawn(smiles, by);
    content = svg ? drawing(svg) : h("span", { className: "note" }, why ?? "no drawing");
  } catch {
    content = h("span", { className: "note" }, "no drawing: the server does not answer");
  }
  if (framed.get(element).smiles === smiles && framed.get(element).by === by) element.replaceChildren(content);
}

/** Draws frames that are not near the screen yet. */
export const drawAll = (elements) => Promise.all([...elements].filter((element) => !element.firstChild).map(fillFrame));
