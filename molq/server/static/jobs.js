// Screens of large files: sent with progress, then told about live until they end, here or after a restart of the server.

import { events, read, request, upload } from "./api.js";
import { $, h } from "./dom.js";
import { fetched } from "./downloads.js";
import { bytes, clock, count, duration, seen, whole } from "./words.js";

const BEST = 100;
const FORMATS = { csv: "CSV", sdf: "SDF", xlsx: "Excel", parquet: "Parquet" };
const ENDED = new Set(["done", "cancelled", "failed"]);

/** Shows the server's jobs; `onBest(rows)` gets the best molecules of one. */
export function jobs({ choice, onBest, onTrouble }) {
  const shown = new Map();
  const list = h("div", { className: "joblist" });
  $("jobs").replaceChildren(h("h2", {}, "Screens of files"), list);

  async function send(file) {
    for (const models of groups(choice)) await sendTo(file, models);
  }
  async function sendTo(file, models) {
    const ending = new AbortController();
    const bar = h("progress", { max: 1, value: 0, "aria-label": `Sending ${seen(file.name)}` });
    const state = h("p", { className: "state", role: "status" }, `Sending ${bytes(file.size)} …`);
    const sending = article(file.name, models, bar, state, [button("Cancel", () => ending.abort())]);
    list.prepend(sending);
    $("jobs").hidden = false;
    sending.scrollIntoView({ block: "nearest" });
    const query = new URLSearchParams([...models.map((name) => ["model", name]), ["filename", file.name]]);
    try {
      const progress = (share) => {
        bar.value = share;
        state.textContent = `Sent ${bytes(share * file.size)} of ${bytes(file.size)}`;
      };
      const { job = null, ...rest } = await upload(`v1/jobs?${query}`, file, progress, ending.signal);
      sending.remove();
      watch(job ?? rest);
    } catch (error) {
      bar.remove();
      state.textContent = error.name === "AbortError" ? "Not sent: you cancelled it." : error.message;
      state.classList.toggle("fault", error.name !== "AbortError");
      sending.querySelector(".actions").replaceChildren(button("Away with this", () => sending.remove()));
    }
  }

  function watch(job) {
    const old = shown.get(job.id);
    const card = draw(job);
    old ? old.replaceWith(card) : list.prepend(card);
    shown.set(job.id, card);
    $("jobs").hidden = false;
    if (!ENDED.has(job.state)) follow(job);
  }
  const following = new Set();
  async function follow(job) {
    if (following.has(job.id)) return;
    following.add(job.id);
    for (let wait = 1; !ENDED.has(job.state); wait = Math.min(2 * wait, 10)) {
      try {
        for await (const event of events(`v1/jobs/${job.id}/events`)) {
          job = event.job ?? event;
          renew(job);
          wait = 1;
        }
      } catch (error) {
        if (error.status === 404) return remove(job);
        shown.get(job.id).querySelector(".state").textContent = "The server does not answer; this screen goes on when it is back.";
      }
      if (!ENDED.has(job.state)) await new Promise((resolve) => setTimeout(resolve, 1000 * wait));
    }
    following.delete(job.id);
  }
  /** Changes what a card says; its buttons stay where they are, unless the state is another. */
  function renew(job) {
    const card = shown.get(job.id);
    if (card.dataset.state !== job.state) {
      const next = draw(job);
      card.replaceWith(next);
      shown.set(job.id, next);
      return;
    }
    card.querySelector(".state").textContent = state(job);
    const bar = card.querySelector("progress");
    if (bar && job.rows_total) (bar.max = job.rows_total), (bar.value = job.rows_done);
  }
  function remove(job) {
    following.delete(job.id);
    shown.get(job.id)?.remove();
    shown.delete(job.id);
    $("jobs").hidden = !list.children.length;
  }

  function draw(job) {
    const act = (path, method = "POST") => async () => {
      const response = await request(`v1/jobs/${job.id}${path}`, { method });
      if (method === "DELETE") return remove(job);
      const answer = await response.json();
      return watch(answer.job ?? answer);
    };
    const buttons = [];
    if (!ENDED.has(job.state)) buttons.push(button("Cancel", act("/cancel")));
    if (job.state === "cancelled" || job.state === "failed") buttons.push(button("Go on", act("/resume")));
    if (job.state === "done") {
      buttons.push(button(`Show the best ${BEST}`, () => best(job), "main"));
      for (const format of job.formats ?? ["csv"])
        if (FORMATS[format]) buttons.push(button(FORMATS[format], () => fetched(`v1/jobs/${job.id}/result?format=${format}`, fileName(job, format))));
    }
    if (ENDED.has(job.state)) buttons.push(button("Delete", act("", "DELETE")));
    const bar = ENDED.has(job.state) ? null : h("progress", { max: job.rows_total ?? 1, "aria-label": `Progress of ${seen(job.filename)}` });
    if (bar && job.rows_total) bar.value = job.rows_done;
    const card = article(job.filename, job.models, bar, h("p", { className: "state", role: "status" }, state(job)), buttons);
    card.dataset.state = job.state;
    card.dataset.job = job.id;
    if (job.state === "failed") card.querySelector(".state").classList.add("fault");
    for (const note of job.state === "done" ? job.notes ?? [] : []) card.querySelector(".state").after(h("p", { className: "note" }, seen(note)));
    return card;
  }
  async function best(job) {
    const answer = await read(`v1/jobs/${job.id}/best?n=${BEST}`);
    onBest(answer.rows.map(({ row, smiles, identifier }) => ({ row, smiles, identifier, error: null })), job, answer.column);
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
  async function renewAll() {
    const answer = await read("v1/jobs");
    for (const job of answer.jobs.toReversed()) shown.has(job.id) && following.has(job.id) ? renew(job) : watch(job);
  }
  return { send, renewAll };
}

const fileName = (job, format) => `${job.filename.replace(/(\.[^.]{1,7}){1,2}$/, "").replace(/[^\w.-]+/g, "_") || "scores"}-scores.${format}`;

const article = (filename, models, bar, state, buttons) =>
  h("article", { className: "card job" },
    h("h3", {}, seen(filename), h("small", {}, ` ${models.map(seen).join(", ")}`)), bar, state, h("div", { className: "actions" }, ...buttons));

/** Models whose columns do not clash screen together. */
function groups(choice) {
  const names = choice.names();
  const columns = names.flatMap((name) => choice.model(name).columns.map((column) => column.name));
  return new Set(columns).size === columns.length ? [names] : names.map((name) => [name]);
}

function state(job) {
  const rows = job.rows_total ? `${whole(job.rows_done)} of ${count(job.rows_total, "row")}` : count(job.rows_done, "row");
  const bad = job.rejected ? `, ${whole(job.rejected)} could not be scored` : "";
  const rate = job.rows_per_s ? `, ${whole(job.rows_per_s)} a second` : "";
  switch (job.state) {
    case "waiting":
      return job.place > 1 ? `Waiting: number ${whole(job.place)} in the queue.` : "Waiting: the next in the queue.";
    case "running":
      return `${rows}${bad}${rate}${ends(job)}.`;
    case "done":
      return `Done: ${count(job.rows_done, "row")}${bad}${took(job)}.`;
    case "cancelled":
      return `Cancelled after ${rows}; what was scored is kept until it is deleted.`;
    default:
      return seen(job.message ?? "This screen failed.");
  }
}

const ends = (job) => (job.ends_at ? `, done at ${clock(new Date(job.ends_at))} (${duration(job.seconds_left ?? (new Date(job.ends_at) - Date.now()) / 1000)} left)` : "");

const took = (job) => (job.started && job.finished ? ` in ${duration((new Date(job.finished) - new Date(job.started)) / 1000)}` : "");
