// The models of the server: which are asked, which of their columns are shown, which two are compared.

import { $, h } from "./dom.js";
import { bytes, seen, whole } from "./words.js";

const FEW = 4;

/** Chips to choose models with; `changed` is called after every change. */
export function modelChoice(served, changed) {
  const models = new Map(served.map((model) => [model.name, model]));
  const asked = new Set([served[0].name]);
  const predictions = (name) => models.get(name).columns.filter((column) => column.kind !== "uncertainty");
  const shown = new Set(predictions(served[0].name).slice(0, 1).map((column) => column.name));

  const boxes = served.map((model) => {
    const box = h("input", { type: "checkbox", name: "model", value: model.name, checked: asked.has(model.name) });
    box.addEventListener("change", () => {
      box.checked ? asked.add(model.name) : asked.delete(model.name);
      if (!asked.size) (asked.add(model.name), (box.checked = true));
      update();
    });
    return box;
  });
  const chips = served.map((model, i) =>
    h("label", { className: "chip", title: seen(model.description ?? "") }, boxes[i], h("b", {}, seen(model.name)), h("small", {}, about(model))));
  const compare = twins(served).map(([fp32, other]) => {
    const button = h("button", { type: "button" }, `Compare ${seen(other.scheme)} with ${seen(fp32.scheme)}`);
    button.addEventListener("click", () => {
      asked.clear();
      for (const name of [fp32.name, other.name]) asked.add(name);
      boxes.forEach((box) => (box.checked = asked.has(box.value)));
      update(true);
    });
    return button;
  });
  const columns = h("details", { className: "columns" });
  $("models").replaceChildren(h("legend", {}, served.length > 1 ? "Models, side by side" : "Model"), h("div", { className: "chips" }, ...chips, ...compare), columns);

  function update(comparing = false) {
    const names = columnNames();
    for (const name of shown) if (!names.includes(name)) shown.delete(name);
    if (!shown.size) shown.add(names[0]);
    for (const name of asked) if (!predictions(name).some((column) => shown.has(column.name))) shown.add(predictions(name)[0].name);
    columns.hidden = names.length < 2;
    columns.replaceChildren(h("summary", {}, `What is shown: ${shown.size} of ${names.length}`), ...names.map(columnBox));
    changed(comparing);
  }
  function columnBox(name) {
    const box = h("input", { type: "checkbox", checked: shown.has(name) });
    box.addEventListener("change", () => {
      box.checked ? shown.add(name) : shown.delete(name);
      columns.querySelector("summary").textContent = `What is shown: ${shown.size} of ${columnNames().length}`;
      changed(false);
    });
    return h("label", {}, box, " ", seen(name));
  }
  const columnNames = () => [...new Set(askedNames().flatMap((name) => predictions(name).map((column) => column.name)))];
  const askedNames = () => served.map((model) => model.name).filter((name) => asked.has(name));
  if (columnNames().length <= FEW) for (const name of columnNames()) shown.add(name);
  const choice = {
    names: askedNames,
    model: (name) => models.get(name),
    predictions,
    columns: () => columnNames().filter((name) => shown.has(name)),
    column: (model, name) => predictions(model).find((column) => column.name === name),
    start: () => update(),
  };
  return choice;
}

const about = (model) =>
  `${seen(model.scheme)}, ${bytes(model.size_bytes)}${model.columns.length > 1 ? `, ${whole(model.columns.length)} properties` : ""}`;

/** Pairs of models with the same columns: the first one large, the other made of it or smaller. */
function twins(served) {
  const pairs = [];
  const columns = (model) => model.columns.map((column) => column.name).join("\n");
  for (const other of served) {
    const parent = served.find((model) => model.name === other.of) ??
      served.find((model) => model !== other && model.size_bytes > other.size_bytes && columns(model) === columns(other));
    if (parent && parent.scheme !== other.scheme) pairs.push([parent, other]);
  }
  return pairs;
}
