// The page: what is given goes to the table, what is large becomes a job.

import { onTokenWanted, read } from "./api.js";
import { asked } from "./ask.js";
import { $, h } from "./dom.js";
import { jobs } from "./jobs.js";
import { modelChoice } from "./models.js";
import { reference, setReference } from "./reference.js";
import { results } from "./results.js";
import { rowsOfText } from "./pasted.js";
import { rowsOf } from "./scoring.js";
import { askForToken } from "./token.js";
import { count, seen, whole } from "./words.js";

const READ_AT_ONCE = 4e6;
const MOST_PATIENT_MS = 10_000;

onTokenWanted(askForToken);

function trouble(error, again = null) {
  const retry = again && h("button", { type: "button" }, "Try again");
  retry?.addEventListener("click", again);
  $("trouble").replaceChildren(seen(error.message), " ", ...(retry ? [retry] : []));
  $("trouble").hidden = false;
  $("trouble").scrollIntoView({ block: "nearest" });
}
const fine = () => ($("trouble").hidden = true);

async function start() {
  let served;
  try {
    served = await read("v1/models");
  } catch (error) {
    $("models-wait").textContent = "";
    return trouble(error, start);
  }
  fine();
  const view = {};
  const choice = modelChoice(served.models, (comparing) => (view.scores?.renew(comparing), view.ask?.renew()));
  view.scores = results({ choice, onTrouble: trouble, onEdit: (smiles) => view.ask.draw(smiles) });
  view.jobs = jobs({ choice, onTrouble: trouble, onBest: best });
  view.ask = asked({
    choice,
    onText: (text) => take(new Blob([text]), "pasted.txt", () => rowsOfText(text)),
    onFile: (file) => take(file, file.name, () => rowsOf(file, file.name)),
  });
  choice.start();
  document.documentElement.dataset.ready = "true";
  performance.mark("molq-ready");
  known(served);
  view.jobs.renewAll();
  addEventListener("focus", () => view.jobs.renewAll());

  /** Small things are shown at once, large ones are screened. */
  async function take(bytes, name, reading) {
    fine();
    document.body.dataset.busy = "true";
    try {
      if (bytes.size > Math.min(READ_AT_ONCE, served.limits.body_bytes)) return await screen(bytes, name);
      const found = await reading();
      if (found.truncated) return await screen(bytes, name);
      const shown = view.scores.show(found);
      $("answer").scrollIntoView({ block: "nearest" });
      await shown;
    } catch (error) {
      trouble(error, error.status ? null : () => take(bytes, name, reading));
    } finally {
      delete document.body.dataset.busy;
    }
  }
  const screen = (bytes, name) => view.jobs.send(bytes instanceof File ? bytes : new File([bytes], name));

  function best(rows, job, column) {
    view.scores.show({ rows, says: [`the best ${whole(rows.length)} of ${count(job.rows_done, "row")} of ${job.filename} by ${column}`] });
    $("answer").scrollIntoView();
  }

  /** The reference library is scored while the page is there already. */
  async function known(said) {
    for (let turn = 0; !said.reference; turn++) {
      await new Promise((resolve) => setTimeout(resolve, Math.min(1000 + 20 * turn, MOST_PATIENT_MS)));
      said = await read("v1/models").catch(() => said);
    }
    setReference(said.reference);
    const { name, rows } = reference();
    $("reference").textContent = `“Above 97%” means: 97% of the reference library score lower. The library is ${seen(name)}, ${count(rows, "molecule")}.`;
    view.scores.renew(false, true);
  }
}

start();
