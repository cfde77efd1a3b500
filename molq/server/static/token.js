// A token, where the server wants one.

import { $, h } from "./dom.js";

/** The token that was typed, or null. */
export function askForToken(wasRefused) {
  const dialog = $("token");
  const field = h("input", { type: "password", id: "token-text", autocomplete: "off", required: true });
  const words = wasRefused ? "The server did not take this token." : "This server wants a token.";
  const form = h("form", { method: "dialog" },
    h("h2", {}, words),
    h("p", { className: "note" }, "It is the one that the server was started with; who started it knows it. It stays in this tab."),
    h("label", { htmlFor: "token-text" }, "Token"), field,
    h("div", { className: "actions" },
      h("button", { className: "main", value: "ok" }, "Go on"),
      h("button", { value: "", formNoValidate: true }, "Not now")));
  dialog.replaceChildren(form);
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) =>
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "ok" ? field.value.trim() : null), { once: true }));
}
