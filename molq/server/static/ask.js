// What the chemist gives: pasted text, a file that was opened or dropped, a drawing.

import { $ } from "./dom.js";
import { editorIn } from "./editor.js";

const EXAMPLE = `CC(=O)Oc1ccccc1C(=O)O\taspirin
CN1C=NC2=C1C(=O)N(C(=O)N2C)C\tcaffeine
CC(C)Cc1ccc(cc1)C(C)C(=O)O\tibuprofen
CN1CCC[C@H]1c1cccnc1\tnicotine
CC(=O)Nc1ccc(O)cc1\tparacetamol
CC(C)(C)NCC(O)c1ccc(O)c(CO)c1\tsalbutamol
CN1c2ccc(Cl)cc2C(=NCC1=O)c1ccccc1\tdiazepam
Cc1ccc(Nc2nccc(n2)-c2cccnc2)cc1NC(=O)c1ccc(CN2CCN(C)CC2)cc1\timatinib
`;

/** Calls `onText(text)` and `onFile(file)`; gives what opens the editor on a SMILES. */
export function asked({ choice, onText, onFile }) {
  const text = $("molecules");
  const go = () => text.value.trim() && onText(text.value);
  let editor = null;

  $("score").addEventListener("click", go);
  text.addEventListener("keydown", (event) => event.key === "Enter" && (event.ctrlKey || event.metaKey) && go());
  text.addEventListener("paste", () => setTimeout(go));
  $("example").addEventListener("click", () => {
    text.value = EXAMPLE;
    go();
  });
  $("open").addEventListener("click", () => $("file").click());
  $("file").addEventListener("change", () => {
    for (const file of $("file").files) onFile(file);
    $("file").value = "";
  });
  $("draw").addEventListener("click", () => ($("editor").hidden ? draw(null) : fold()));
  dropped(onFile);

  function fold() {
    $("editor").hidden = true;
    $("draw").ariaExpanded = "false";
  }
  async function draw(smiles) {
    $("editor").hidden = false;
    $("draw").ariaExpanded = "true";
    editor ??= editorIn($("editor"), { choice, onTake: take }).catch((error) => {
      editor = null;
      throw error;
    });
    const ready = await editor;
    if (smiles !== null) ready.show(smiles);
    $("editor").scrollIntoView({ block: "nearest" });
    $("drawn").focus({ preventScroll: true });
  }
  function take(smiles) {
    text.value += `${text.value && !text.value.endsWith("\n") ? "\n" : ""}${smiles}\n`;
    go();
  }
  return { draw, renew: async () => (await editor)?.renew() };
}

function dropped(onFile) {
  let depth = 0;
  const show = (change) => {
    depth = Math.max(0, depth + change);
    $("drop").hidden = !depth;
  };
  const holds = (event) => event.dataTransfer?.types.includes("Files");
  addEventListener("dragenter", (event) => holds(event) && show(1));
  addEventListener("dragleave", (event) => holds(event) && show(-1));
  addEventListener("dragover", (event) => holds(event) && event.preventDefault());
  addEventListener("drop", (event) => {
    if (!holds(event)) return;
    event.preventDefault();
    show(-depth);
    for (const file of event.dataTransfer.files) onFile(file);
  });
}
