// Elements: text is text, never markup; styles are set as properties, which a strict policy allows.

export const $ = (id) => document.getElementById(id);

/** An element with properties and children; strings among them become text. */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null) continue;
    if (name === "style" || name === "dataset") Object.assign(element[name], value);
    else if (name in element && !name.includes("-")) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

const DRAWN = new Set(["svg", "g", "path", "rect", "circle", "ellipse", "line", "polygon", "polyline", "text", "tspan"]);
const SVG = "http://www.w3.org/2000/svg";

/** The drawing in the text of an SVG, shapes and letters alone. */
export function drawing(text) {
  const parsed = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
  return parsed.localName === "svg" ? shapes(parsed) : h("span");
}

function shapes(source) {
  const copy = document.createElementNS(SVG, source.localName);
  for (const { name, value } of source.attributes)
    if (!/^(on|xmlns|style|href|xlink)/i.test(name)) copy.setAttribute(name, value);
  for (const child of source.childNodes) {
    if (child.nodeType === Node.TEXT_NODE) copy.append(child.data);
    else if (DRAWN.has(child.localName)) copy.append(shapes(child));
  }
  return copy;
}

/** Calls `work` when there was no call for `wait` ms. */
export function settled(work, wait) {
  let timer;
  return (...given) => {
    clearTimeout(timer);
    timer = setTimeout(() => work(...given), wait);
  };
}
