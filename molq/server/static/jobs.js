// Screens of large files: sent with progress, then told about live until they end, here or after a restart of the server.

import { events, read, request, upload } from "./api.js";
import { $, h } from "./dom.js";
import { fetched } from "./downloads.js";
import { card, hasEnded, jobCard, tell } from "./jobcard.js";
import { bytes, seen } from "./words.js";

const BEST = 100;
const FORMATS = { csv: "CSV", sdf: "SDF", xlsx: "Excel", parquet: "Parquet" };
const LONGEST_WAIT_S = 10;

/** Shows the server's jobs; `onBest(rows, job, column)` gets the best molecules of one. */
export function jobs({ choice, onBest, onTrouble }) {
  const known = new Map(); // id → {job, made: its card}
  const list = h("div", { className: "joblist" });
  $("jobs").replaceChildren(h("h2", {}, "Screens of files"), list);

  async function send(file) {
    for (const models of groups(choice)) await sendTo(file, models);
  }
  async function sendTo(file, models) {
    const ending = new AbortController();
    const bar = h("progress", { max: 1, value: 0, "aria-label": `Sending ${seen(file.name)}` });
    const state = h("p", { className: "state", role: "status" }, `Sending ${bytes(file.size)} …`);
    const sending = card(file.name, models, bar, state, [button("Cancel", () => ending.abort())]);
    list.prepend(sending);
    $("jobs").hidden = false;
    sending.scrollIntoView({ block: "nearest" });
    const query = new URLSearchParams([...models.map((name) => ["model", name]), ["filename", file.name]]);
    const progress = (share) => {
      bar.value = share;
      state.textContent = `Sent ${bytes(share * file.size)} of ${bytes(file.size)}`;
    };
    try {
      const job = await upload(`v1/jobs?${query}`, file, progress, ending.signal);
      sending.remove();
      show(job);
      follow();
    } catch (error) {
      bar.remove();
      state.textContent = error.name === "AbortError" ? "Not sent: you cancelled it." : error.message;
      state.classList.toggle("fault", error.name !== "AbortError");
      sending.querySelector(".actions").replaceChildren(button("Away with this", () => sending.remove()));
    }
  }

  /** Puts what is new of a job on the page; buttons that may have the focus stay, unless the state is another. */
  function show(job) {
    const old = known.get(job.id);
    if (old && old.job.state === job.state) {
      old.job = job;
      return tell(old.made, job);
    }
    const made = jobCard(job, buttonsOf(job));
    old ? old.made.replaceWith(made) : list.prepend(made);
    known.set(job.id, { job, made });
    $("jobs").hidden = false;
  }
  function forget(id) {
    known.get(id)?.made.remove();
    known.delete(id);
    $("jobs").hidden = !list.children.length;
  }

  // One stream at a time, while the page is looked at: a browser opens six connections to a server, over all its tabs.
  let stream = null;
  let wait = 1;
  async function follow() {
    if (stream || document.hidden) return;
    const open = [...known.values()].map(({ job }) => job).filter((job) => !hasEnded(job));
    const next = open.find((job) => job.state === "running") ?? open.sort((a, b) => (a.place ?? 0) - (b.place ?? 0))[0];
    if (!next) return;
    stream = new AbortController();
    try {
      for await (const job of events(`v1/jobs/${next.id}/events`, stream.signal)) {
        show(job);
        wait = 1;
      }
    } catch (error) {
      if (error.status === 404) forget(next.id);
      else if (error.name !== "AbortError") unreachable(next);
    }
    stream = null;
    if (document.hidden) return;
    if (!known.has(next.id) || hasEnded(known.get(next.id).job)) return renewAll();
    setTimeout(renewAll, 1000 * wait);
    wait = Math.min(2 * wait, LONGEST_WAIT_S);
  }
  const unreachable = ({ id }) =>
    (known.get(id).made.querySelector(".state").textContent = "The server does not answer; this screen goes on when it is back.");

  /** Asks the server for all its jobs. */
  async function renewAll() {
    const answer = await read("v1/jobs").catch(() => null);
    if (answer) {
      const there = new Set(answer.jobs.map((job) => job.id));
      for (const id of known.keys()) if (!there.has(id)) forget(id);
      for (const job of answer.jobs.toReversed()) if (job.state !== "uploading") show(job); // whoever sends it shows how far it is
    }
    follow();
  }
  document.addEventListener("visibilitychange", () => (document.hidden ? stream?.abort() : renewAll()));

  function buttonsOf(job) {
    const act = (path) => async () => {
      show(await (await request(`v1/jobs/${job.id}${path}`, { method: "POST" })).json());
      follow();
    };
    const away = async () => {
      await request(`v1/jobs/${job.id}`, { method: "DELETE" });
      forget(job.id);
    };
    if (!hasEnded(job)) return [button("Cancel", act("/cancel"))];
    if (job.state !== "done") return [button("Go on", act("/resume")), button("Delete", away)];
    const files = (job.formats ?? ["csv"]).filter((format) => FORMATS[format]).map((format) =>
      button(FORMATS[format], () => fetched(`v1/jobs/${job.id}/result?format=${format}`, fileName(job, format))));
    return [button(`Show the best ${BEST}`, () => best(job), "main"), ...files, button("Delete", away)];
  }
  async function best(job) {
    const answer = await read(`v1/jobs/${job.id}/best?n=${BEST}`);
    const shown = ({ row, smiles, identifier }) => ({ row: row + 1, smiles, identifier, error: null }); // as all rows of the page
    onBest(answer.rows.map(shown), job, answer.column);
  }
  function button(text, work, className = "") {
    const element = h("button", { type: "button", className }, text);
    element.addEventListener("click", async () => {
      element.disabled = true;
      try {
        await work();
      } catch (error) {
        onTrouble(error);
      }
      element.disabled = false;
    });
    return element;
  }
  return { send, renewAll };
}

const fileName = (job, format) => `${job.filename.replace(/(\.[^.]{1,7}){1,2}$/, "").replace(/[^\w.-]+/g, "_") || "scores"}-scores.${format}`;

/** Models whose columns do not clash screen together. */
function groups(choice) {
  const names = choice.names();
  const columns = names.flatMap((name) => choice.model(name).columns.map((column) => column.name));
  return new Set(columns).size === columns.length ? [names] : names.map((name) => [name]);
}
