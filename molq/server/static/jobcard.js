// A screen of a file as a card: what it is, how far it is, what can be done with it.

import { h } from "./dom.js";
import { clock, count, duration, seen, whole } from "./words.js";

const ENDED = new Set(["done", "cancelled", "failed"]);

export const hasEnded = (job) => ENDED.has(job.state);

/** A card with the parts `progress`, `.state` and `.actions`. */
export const card = (filename, models, bar, state, buttons) =>
  h("article", { className: "card job" },
    h("h3", {}, seen(filename), h("small", {}, ` ${models.map(seen).join(", ")}`)), bar, state, h("div", { className: "actions" }, ...buttons));

/** The card of a job, with `buttons`. */
export function jobCard(job, buttons) {
  const bar = hasEnded(job) ? null : h("progress", { "aria-label": `Progress of ${seen(job.filename)}` });
  const state = h("p", { className: job.state === "failed" ? "state fault" : "state", role: "status" });
  const made = card(job.filename, job.models, bar, state, buttons);
  Object.assign(made.dataset, { state: job.state, job: job.id });
  for (const note of job.state === "done" ? job.notes ?? [] : []) state.after(h("p", { className: "note" }, seen(note)));
  tell(made, job);
  return made;
}

/** Changes what a card says of its job; its buttons stay as they are. */
export function tell(made, job) {
  made.querySelector(".state").textContent = said(job);
  const bar = made.querySelector("progress");
  if (bar && job.rows_total && job.state === "running") {
    bar.max = job.rows_total;
    bar.value = job.rows_done;
  }
}

function said(job) {
  const rows = job.rows_total ? `${whole(job.rows_done)} of ${count(job.rows_total, "row")}` : count(job.rows_done, "row");
  const bad = job.rejected ? `, ${whole(job.rejected)} could not be scored` : "";
  const rate = job.rows_per_s ? `, ${whole(job.rows_per_s)} a second` : "";
  switch (job.state) {
    case "waiting":
      return job.place > 1 ? `Waiting: number ${whole(job.place)} in the queue.` : "Waiting: the next in the queue.";
    case "running":
      if (!job.rows_done) return "Starting …";
      return `${rows}${bad}${rate}${ends(job)}.`;
    case "done":
      return `Done${took(job)}: ${count(job.rows_done, "row")}${bad}.`;
    case "cancelled":
      return `Cancelled after ${rows}; what was scored is kept until it is deleted.`;
    default:
      return seen(job.message ?? "This screen failed.");
  }
}

function ends(job) {
  if (!job.ends_at) return "";
  const seconds = job.seconds_left ?? (new Date(job.ends_at) - Date.now()) / 1000;
  return `, done at ${clock(new Date(job.ends_at))} (${duration(seconds)} left)`;
}

const took = (job) => (job.started && job.finished ? ` in ${duration((new Date(job.finished) - new Date(job.started)) / 1000)}` : "");
