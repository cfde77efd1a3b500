// The hits page: a table, a scatter and filters over the molecules that the page carries in #molecules.
(() => {
  "use strict";
  const { element, drawing } = globalThis.moleculeTable;
  const MOST_PRINTED = 1000;
  const data = JSON.parse(document.getElementById("molecules").textContent);
  const { columns, roles } = data;
  const rows = data.drawings.map((_, index) => ({ index }));
  const value = (row, column) => columns[column].cells[row.index];
  const role = (row, name) => (roles[name] === null ? null : value(row, roles[name]));
  const at = (id) => document.getElementById(id);

  // ---- words and numbers

  // controls and marks of direction as escapes: none hides or turns the writing around it
  const visible = (text) =>
    String(text).replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu, (sign) => `\\u{${sign.codePointAt(0).toString(16)}}`);

  const signed = (text) => text.replaceAll("-", "−");

  // whole numbers as such; the others of a column with as many digits as show four of its largest
  function written(cells) {
    const known = cells.filter(Number.isFinite);
    if (known.every(Number.isInteger)) return (value) => signed(value.toLocaleString("en", { maximumFractionDigits: 0 }));
    const largest = known.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    if (largest >= 1e6 || largest < 1e-3) return (value) => signed(value.toExponential(2));
    const digits = Math.max(1, Math.min(4, 3 - Math.floor(Math.log10(largest))));
    return (value) => signed(value.toFixed(digits));
  }

  const writers = columns.map(({ kind, cells }) => (kind === "number" ? written(cells) : visible));
  const shownValue = (row, column) => {
    const found = value(row, column);
    return found === null ? "" : writers[column](found);
  };
  const shownRole = (row, name) => (roles[name] === null ? "" : shownValue(row, roles[name]));
  const title = (row) => visible(role(row, "id") || role(row, "smiles"));
  const counted = (n, what = "molecule") => `${n.toLocaleString("en")} ${what}${n === 1 ? "" : "s"}`;

  // ---- cells

  const pictures = new Map();
  function picture(row) {
    const text = data.drawings[row.index];
    if (!text) return element("span", { class: "missing-structure" }, `No picture: ${visible(data.missing[row.index] ?? "")}`);
    if (!pictures.has(text)) pictures.set(text, drawing(text));
    return pictures.get(text).cloneNode(true);
  }

  const badge = (word) => (word ? element("span", { class: `badge ${data.badges[word] ?? ""}` }, word) : "");

  function alerts(row) {
    const names = (role(row, "alerts") ?? "").split("; ").filter(Boolean);
    if (!names.length) return "";
    const list = element("ul", { class: "alerts" });
    for (const name of names) list.append(element("li", {}, visible(name)));
    return list;
  }

  const CELLS = {
    verdict: (row) => badge(role(row, "verdict")),
    alerts,
    smiles: (row) => element("code", {}, visible(role(row, "smiles"))),
  };

  function molecule(row) {
    const name = role(row, "id");
    const smiles = element("small", { class: "smiles" }, visible(role(row, "smiles")));
    return element("div", { class: "who" }, name ? element("b", {}, visible(name)) : null, smiles);
  }

  const drawn = { key: "picture", title: "Structure", kind: "picture", cell: (row) => openable(row) };
  const openable = (row) => {
    const words = data.drawings[row.index] ? { "aria-label": `look closer at ${title(row)}` } : {};
    return element("button", { type: "button", tabindex: -1, ...words }, picture(row));
  };
  const named = {
    key: "molecule", title: "Molecule", kind: "node", cell: molecule,
    value: (row) => role(row, "id") || role(row, "smiles"),
  };
  const roleOf = new Map(Object.entries(roles).filter(([, i]) => i !== null).map(([name, i]) => [i, name]));
  const listed = columns.map((column, i) => ({
    key: String(i), title: visible(column.title), kind: column.kind, look: roleOf.get(i) in CELLS ? `kind-node kind-${roleOf.get(i)}` : undefined,
    value: (row) => value(row, i), cell: CELLS[roleOf.get(i)] ?? ((row) => shownValue(row, i)),
    falls: i === roles.score ? data.descending : roleOf.get(i) === "rank" ? false : undefined, hidden: !column.shown,
  }));
  const rank = listed[roles.rank];
  const inTable = () => [rank, drawn, named, ...listed.filter((column) => column !== rank)];

  // ---- the table

  const place = at("table");
  const table = globalThis.moleculeTable(place, {
    columns: inTable(), rows, label: "Hits, one molecule a row",
    name: (row) => `rank ${shownRole(row, "rank")}, ${title(row)}`,
  });
  table.sort(rank.key, false);

  const chooser = at("columns");
  for (const column of listed) {
    const box = element("input", { type: "checkbox" });
    box.checked = !column.hidden;
    box.addEventListener("change", () => {
      column.hidden = !box.checked;
      table.columns(inTable());
    });
    chooser.append(element("label", {}, box, column.title));
  }

  // ---- filters

  const numeric = listed.filter((column) => column.kind === "number");
  const bounds = numeric.map((column) => {
    const known = rows.map(column.value).filter(Number.isFinite);
    const [low, high] = [known.reduce((a, b) => Math.min(a, b), Infinity), known.reduce((a, b) => Math.max(a, b), -Infinity)];
    const input = (which, hint) =>
      element("input", { type: "number", step: "any", placeholder: Number.isFinite(hint) ? writers[Number(column.key)](hint) : "", "aria-label": `${column.title}, ${which}` });
    const [from, to] = [input("at least", low), input("at most", high)];
    at("ranges").append(element("div", { class: "range-filter" }, element("span", {}, column.title), from, "to", to));
    return { column, from, to };
  });
  const texts = rows.map((row) =>
    columns.filter(({ kind }) => kind === "text").map(({ cells }) => cells[row.index] ?? "").join("\n").toLowerCase());
  const graphs = new Map();
  const graph = (row) => {
    const sketch = data.sketches[row.index];
    if (sketch && !graphs.has(row)) graphs.set(row, globalThis.smarts.graph(sketch));
    return graphs.get(row);
  };

  // the rows that match, or null where nothing is asked or the pattern is refused
  function matching(pattern, among) {
    const input = at("smarts");
    const say = (text, isBad = false) => {
      at("smarts-said").textContent = text;
      input.setAttribute("aria-invalid", isBad);
    };
    if (!pattern) return say(""), among;
    try {
      const query = globalThis.smarts(pattern);
      const found = among.filter((row) => graph(row) && query.matches(graph(row)));
      const unread = among.filter((row) => !graph(row)).length;
      const notes = [...query.notes, ...(unread ? [`${counted(unread)} could not be searched`] : [])];
      say([`${counted(found.length)} ${found.length === 1 ? "matches" : "match"}`, ...notes].join("; "));
      return found;
    } catch (error) {
      if (!(error instanceof globalThis.smarts.Refused)) throw error;
      say(`Not applied: ${error.message}`, true);
      return among;
    }
  }

  function passing() {
    const words = at("text").value.toLowerCase().split(/\s+/).filter(Boolean);
    const verdict = at("verdict")?.value ?? "";
    const isClean = at("clean")?.checked ?? false;
    const set = bounds.filter(({ from, to }) => from.value !== "" || to.value !== "");
    const within = (row) => set.every(({ column, from, to }) => {
      const found = column.value(row);
      return Number.isFinite(found) && !(from.value !== "" && found < from.valueAsNumber) && !(to.value !== "" && found > to.valueAsNumber);
    });
    return rows.filter((row) => words.every((word) => texts[row.index].includes(word)) && within(row) &&
      (!verdict || role(row, "verdict") === verdict) && !(isClean && role(row, "alerts")));
  }

  function filter() {
    table.show(matching(at("smarts").value.trim(), passing()));
    plot?.draw({ points: table.shown });
    said();
  }

  let waiting = 0;
  at("filters").addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(filter, rows.length > 1000 ? 150 : 0);
  });
  at("filters").addEventListener("submit", (event) => event.preventDefault());
  at("unfilter").addEventListener("click", () => {
    at("filters").reset();
    filter();
  });

  // ---- the scatter

  const axes = numeric.map((column) => ({ title: column.title, value: column.value }));
  const choices = ["x", "y"].map((side) => {
    const select = at(`axis-${side}`);
    numeric.forEach((column, i) => select.append(element("option", { value: i }, column.title)));
    return select;
  });
  const like = (name) => numeric.indexOf(listed[roles[name]]);
  const other = roles.similarity !== null ? like("similarity") : numeric.findIndex((_, i) => i !== like("score") && i !== like("rank"));
  choices[0].value = String(other >= 0 ? other : like("rank"));
  choices[1].value = String(like("score"));
  let plot = null;
  plot = globalThis.scatter(at("scatter"), {
    label: "Scatter of two numbers. Circle molecules with the pointer to select them; or move a frame with the arrow keys, size it with Shift and arrows, and press Space.",
    points: table.shown, x: axes[choices[0].value], y: axes[choices[1].value],
    colour: (row) => data.badges[role(row, "verdict")], isSelected: (row) => table.isSelected(row),
    isFrame: () => at("frame").checked, onSelect: (chosen, isAdded) => table.select(chosen, isAdded),
  });
  for (const select of choices) {
    select.addEventListener("change", () => {
      plot.draw({ points: table.shown, x: axes[choices[0].value], y: axes[choices[1].value] });
      said();
    });
  }

  // ---- what is selected goes out

  const taken = () => (table.selected.length ? table.selected : table.shown);

  function said() {
    const n = table.selected.length;
    at("said").textContent = `${counted(table.shown.length)} of ${rows.length.toLocaleString("en")} shown, ${n.toLocaleString("en")} selected`;
    at("taken").textContent = n ? `the ${counted(n, "selected molecule")}` : `all ${table.shown.length.toLocaleString("en")} shown`;
    at("plotted").textContent = plot.missing ? `${counted(plot.missing)} without both numbers` : "";
  }
  place.addEventListener("molecules:selection", () => {
    plot?.mark();
    if (plot) said();
  });

  function save(name, kind, text) {
    const link = element("a", { href: URL.createObjectURL(new Blob([text], { type: kind })), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }

  const quoted = (cell) => {
    const text = cell === null || cell === undefined ? "" : String(cell);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const csv = (chosen) =>
    [columns.map(({ name }) => name), ...chosen.map((row) => columns.map((_, i) => value(row, i)))]
      .map((line) => `${line.map(quoted).join(",")}\n`).join("");
  const empty = { z: [], h: [], x: [], y: [], b: [] };
  const sdf = (chosen) => globalThis.molblock.sdf(chosen.map((row) => ({
    sketch: data.sketches[row.index] ?? empty, name: role(row, "id") ?? "",
    data: columns.map(({ name }, i) => [name, value(row, i)]),
  })));

  at("csv").addEventListener("click", () => save("hits.csv", "text/csv", csv(taken())));
  at("sdf").addEventListener("click", () => save("hits.sdf", "chemical/x-mdl-sdfile", sdf(taken())));
  at("copy").addEventListener("click", async () => {
    const text = `${taken().map((row) => role(row, "smiles")).join("\n")}\n`;
    try {
      await navigator.clipboard.writeText(text);
      at("copied").textContent = `${counted(taken().length)} copied as SMILES`;
    } catch {
      at("copied").textContent = "This browser did not allow copying; save a CSV instead.";
    }
  });
  at("all").addEventListener("click", () => table.select(table.shown));
  at("none").addEventListener("click", () => table.clear());
  at("print").addEventListener("click", () => print());
  at("coloured")?.addEventListener("change", (event) => {
    document.documentElement.classList.toggle("uncoloured", !event.target.checked);
  });

  // ---- one molecule, closer

  const dialog = at("closer");
  let looked = 0;
  function look(index) {
    looked = Math.max(0, Math.min(table.shown.length - 1, index));
    const row = table.shown[looked];
    at("closer-title").textContent = `Rank ${shownRole(row, "rank")}${role(row, "id") ? `, ${visible(role(row, "id"))}` : ""}`;
    at("closer-picture").replaceChildren(picture(row));
    const facts = element("dl");
    columns.forEach((column, i) => {
      const shown = CELLS[roleOf.get(i)]?.(row) ?? shownValue(row, i);
      if (shown !== "") facts.append(element("dt", {}, visible(column.title)), element("dd", {}, shown));
    });
    at("closer-facts").replaceChildren(facts);
    const nearest = data.nearest[role(row, "nearest") ?? ""];
    at("closer-nearest").hidden = !nearest;
    if (nearest) at("closer-nearest-picture").replaceChildren(drawing(nearest));
    at("closer-words").textContent = data.words[role(row, "verdict")] ?? "";
    at("closer-select").textContent = table.isSelected(row) ? "Take out of the selection" : "Select";
    at("closer-before").disabled = looked === 0;
    at("closer-after").disabled = looked === table.shown.length - 1;
  }
  place.addEventListener("molecules:open", ({ detail }) => {
    look(detail.index);
    dialog.showModal();
  });
  at("closer-before").addEventListener("click", () => look(looked - 1));
  at("closer-after").addEventListener("click", () => look(looked + 1));
  at("closer-close").addEventListener("click", () => dialog.close());
  at("closer-select").addEventListener("click", () => {
    const row = table.shown[looked];
    const others = table.selected.filter((one) => one !== row);
    table.select(table.isSelected(row) ? others : [...others, row]);
    look(looked);
  });
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "ArrowLeft") look(looked - 1);
    if (event.key === "ArrowRight") look(looked + 1);
  });
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());

  // ---- paper: cards of what is selected, or shown

  function card(row) {
    const fact = (name, text) => text && element("small", { class: "fact" }, element("span", {}, name), " ", text);
    const caption = element("figcaption", {},
      element("b", { class: "name" }, `${shownRole(row, "rank")}. ${visible(role(row, "id") ?? "")}`),
      element("span", { class: "score" }, shownRole(row, "score")));
    const found = [fact("model", role(row, "verdict")), fact("similarity", shownRole(row, "similarity")),
      fact("alerts", shownRole(row, "alerts")), fact("cluster", shownRole(row, "cluster"))];
    caption.append(...found.filter(Boolean), element("small", { class: "smiles" }, visible(role(row, "smiles"))));
    return element("figure", { class: "card molecule" }, element("div", { class: "structure" }, picture(row)), caption);
  }

  addEventListener("beforeprint", () => {
    const chosen = taken();
    const some = chosen.slice(0, MOST_PRINTED);
    at("printed-words").textContent = (table.selected.length ? `The ${counted(chosen.length, "selected molecule")}` : `${counted(chosen.length)} of ${rows.length.toLocaleString("en")}`) +
      (some.length < chosen.length ? `; the first ${some.length.toLocaleString("en")} are printed` : "");
    at("cards").replaceChildren(...some.map(card));
  });
  addEventListener("afterprint", () => at("cards").replaceChildren());

  at("cards").replaceChildren();
  at("printed-words").textContent = "";
  document.documentElement.classList.add("scripted");
  at("interactive").hidden = false;
  table.refresh();
  said();
})();
