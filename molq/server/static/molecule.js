// One molecule, large: its atoms coloured by what they add to a score, every score, and whether they can be believed.

import { badge, reasons } from "./columns.js";
import { $, drawing, h } from "./dom.js";
import { drawn } from "./pictures.js";
import { reference } from "./reference.js";
import { fault } from "./scoring.js";
import { VERDICTS, percent, score, seen } from "./words.js";

const SIZE = [480, 320];

/** Opens the dialog on a row. */
export function look(row, { choice, colour, onEdit }) {
  const dialog = $("molecule");
  const [model] = choice.names();
  const ways = choice.names().flatMap((name) => choice.predictions(name).map((column) => ({ model: name, column: column.name })));
  const isFaulty = fault(row, choice.names()) !== null;
  const first = colour ?? { model, column: choice.columns().find((column) => choice.column(model, column)) };
  const select = h("select", {}, h("option", { value: "" }, "nothing"), ...ways.map((way) => option(way, first)));
  const canvas = h("div", { className: "large" });
  const remark = h("p", { className: "note" });
  const close = h("button", { type: "button" }, "Close");
  const edit = h("button", { type: "button" }, "Change it in the editor");
  close.addEventListener("click", () => dialog.close());
  edit.addEventListener("click", () => (dialog.close(), onEdit(row.smiles)));
  select.addEventListener("change", draw);
  dialog.replaceChildren(
    h("h2", {}, row.identifier ? seen(row.identifier) : `Row ${row.row}`),
    ...reasons(row, choice.names()).map((text) => h("p", { className: "fault" }, seen(text))),
    ...(isFaulty ? [] : [canvas, h("label", {}, "Colour atoms by what they add to ", select), remark]),
    h("p", {}, h("code", {}, seen(row.smiles))),
    ...(isFaulty ? [] : choice.names().flatMap((name) => facts(row, name, choice))),
    h("div", { className: "actions" }, edit, close));
  dialog.showModal();
  if (!isFaulty) draw();

  async function draw() {
    const by = select.value ? JSON.parse(select.value) : null;
    try {
      const { svg, why, contributions } = await drawn(row.smiles, by, SIZE);
      canvas.replaceChildren(svg ? drawing(svg) : h("p", { className: "note" }, why ?? "no drawing"));
      remark.replaceChildren(...(by && contributions ? key(contributions) : []));
    } catch (error) {
      canvas.replaceChildren(h("p", { className: "fault" }, error.message));
    }
  }
}

function option(way, chosen) {
  const isChosen = way.model === chosen.model && way.column === chosen.column;
  return h("option", { value: JSON.stringify(way), selected: isChosen }, `${seen(way.column)} (${seen(way.model)})`);
}

const key = ({ atoms, baseline, output }) => [
  h("span", { className: "plus" }), " raises the score, ", h("span", { className: "minus" }), " lowers it. ",
  `All atoms together add ${score(output - baseline)} to what the model says of no atom at all; `,
  `the strongest one ${score(atoms.reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a), 0))} (before a probability is made of it).`];

function facts(row, name, choice) {
  const belief = row.belief?.[name];
  const lines = choice.model(name).columns.map((column) => {
    const value = row.scores?.[name]?.[column.name];
    const share = row.percentile?.[name]?.[column.name];
    const above = share === undefined || share === null ? "" : `above ${percent(share)} of ${seen(reference()?.name ?? "")}`;
    return h("tr", {}, h("th", { scope: "row" }, seen(column.name)),
      h("td", {}, value === undefined || value === null ? "–" : score(value, column.kind), column.unit ? ` ${seen(column.unit)}` : ""), h("td", {}, above));
  });
  return [
    h("h3", {}, seen(name), " ", belief?.verdict ? badge(belief.verdict) : null),
    ...(belief?.verdict ? [h("p", { className: "note" }, why(belief))] : []),
    h("div", { className: "scroll", tabIndex: 0 }, h("table", { className: "facts" }, h("tbody", {}, ...lines)))];
}

function why({ verdict, similarity, nearest, unseen_environments: unseen, spread }) {
  const said = [`This molecule is ${VERDICTS[verdict].means}.`];
  if (similarity !== null && similarity !== undefined)
    said.push(`The nearest molecule of the training set has a similarity of ${similarity.toFixed(2)}${nearest ? ` (${seen(nearest)})` : ""}.`);
  if (unseen) said.push(`${percent(100 * unseen)} of its atoms have surroundings that the training set never held.`);
  if (spread !== null && spread !== undefined) said.push(`The members of the model differ by ${score(spread)}.`);
  return said.join(" ");
}
