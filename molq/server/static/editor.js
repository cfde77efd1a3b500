// Drawing: openchemlib's editor, loaded when it is first wanted. RDKit on the server writes the SMILES of what was drawn.

import { h, settled } from "./dom.js";
import { fault, rowsOf, score as scored } from "./scoring.js";
import { percent, score, seen } from "./words.js";

/** The editor in `place`; `onTake(smiles)` gets a molecule that is to be scored with the others. */
export async function editorIn(place, { choice, onTake }) {
  const loading = h("p", { className: "note" }, "Loading the editor …");
  place.replaceChildren(loading);
  const { CanvasEditor, Molecule } = await import("./vendor/openchemlib.js");
  const canvas = h("div", { className: "canvas" });
  const field = h("input", { id: "drawn", spellcheck: false, autocomplete: "off" });
  const said = h("p", { className: "drawn", role: "status" });
  const take = h("button", { type: "button", className: "main" }, "Add to the list");
  const clear = h("button", { type: "button" }, "Clear");
  place.replaceChildren(canvas,
    h("div", { className: "side" },
      h("label", { htmlFor: "drawn" }, "SMILES of the drawing; typing draws"), field, said,
      h("div", { className: "actions" }, take, clear),
      h("p", { className: "note" }, "With the pointer on an atom, its letter changes it: n, o, s, f, l for Cl, b for Br; ",
        "digits 3 to 8 put a ring there, Del removes it. Ctrl + Z takes a step back.")));
  const editor = new CanvasEditor(canvas);
  const [tools, sheet] = canvas.firstChild.shadowRoot.querySelectorAll("canvas");
  tools.setAttribute("role", "img");
  tools.setAttribute("aria-label", "Tools for drawing, for a pointer; the SMILES beside does the same by keyboard");
  sheet.setAttribute("role", "application");
  sheet.setAttribute("aria-label", "Drawing of a molecule");
  let turn = 0;

  /** What the models say of the SMILES in the field, unless it has changed meanwhile. */
  async function tell() {
    const mine = ++turn;
    const row = { row: 1, smiles: field.value.trim() };
    take.disabled = !row.smiles;
    if (!row.smiles) return said.replaceChildren("Draw a molecule; its scores appear here.");
    await scored([row], choice.names(), () => {}).catch((error) => (row.error = error.message));
    if (mine !== turn) return null;
    const reason = fault(row, choice.names());
    return said.replaceChildren(...(reason ? [h("span", { className: "fault" }, seen(reason))] : lines(row)));
  }
  const lines = (row) => choice.names().flatMap((model) =>
    choice.columns().filter((column) => row.scores[model] && choice.column(model, column)).map((column) => {
      const share = row.percentile?.[model]?.[column];
      const above = share === undefined || share === null ? "" : `, above ${percent(share)} of the reference`;
      return h("span", {}, `${seen(column)} (${seen(model)}) `, h("b", {}, score(row.scores[model][column], choice.column(model, column).kind)), above);
    }));

  const drawing = settled(async () => {
    const mine = ++turn;
    const molecule = editor.getMolecule();
    if (!molecule.getAllAtoms()) field.value = "";
    else {
      const { rows } = await rowsOf(`${molecule.toMolfileV3()}\n$$$$\n`, "drawing.sdf").catch((error) => ({ rows: [{ smiles: "", error: error.message }] }));
      if (mine !== turn) return;
      field.value = rows[0].smiles ?? "";
      if (rows[0].error) {
        take.disabled = true;
        said.replaceChildren(h("span", { className: "fault" }, seen(rows[0].error)));
        return;
      }
    }
    tell();
  }, 200);
  editor.setOnChangeListener(({ type, isUserEvent }) => isUserEvent && type === "molecule" && drawing());
  const typed = settled(() => {
    draw(field.value.trim());
    tell();
  }, 250);
  field.addEventListener("input", typed);
  field.addEventListener("keydown", (event) => event.key === "Enter" && !take.disabled && take.click());
  take.addEventListener("click", () => onTake(field.value.trim()));
  clear.addEventListener("click", () => show(""));

  /** Draws what openchemlib can read of a SMILES; RDKit judges it in any case. */
  function draw(smiles) {
    try {
      if (smiles) editor.setMolecule(Molecule.fromSmiles(smiles));
      else if (editor.getMolecule().getAllAtoms()) editor.clearAll();
    } catch {
      // half-typed; the drawing stays as it is and the server says what is wrong
    }
  }
  function show(smiles) {
    field.value = smiles;
    draw(smiles);
    tell();
  }
  show("");
  return { show, renew: tell };
}
