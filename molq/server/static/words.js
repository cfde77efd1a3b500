// Numbers and sentences for people.

import { MEANS } from "./verdicts.js"; // by the server, of what molq measured

/** "1 molecule", "8 molecules". */
export const count = (n, noun, nouns = `${noun}s`) => `${whole(n)} ${n === 1 ? noun : nouns}`;

export const whole = (n) => Math.round(n).toLocaleString("en");

const signed = (text) => text.replace(/^-/, "−");

/** A score: three decimals for a probability, four digits elsewhere. */
export const score = (value, kind) =>
  signed(kind === "probability" ? value.toFixed(3) : Math.abs(value) >= 1e5 ? value.toExponential(2) : String(Number(value.toPrecision(4))));

/** A difference of scores with its sign. */
export function change(value) {
  const text = Math.abs(value) < 5e-5 ? "0" : signed(String(Number(value.toPrecision(2))));
  return value >= 5e-5 ? `+${text}` : text;
}

/** A percentile that never claims more than was counted: 100 is "all", and what is almost all is cut, not rounded. */
export const percent = (value) => `${value >= 100 ? 100 : value >= 98.5 ? (Math.floor(10 * value) / 10).toFixed(1) : Math.round(value)}%`;

export function bytes(n) {
  for (const [unit, size] of [["GB", 1e9], ["MB", 1e6], ["kB", 1e3]])
    if (n >= size) return `${(n / size).toFixed(n < 10 * size ? 1 : 0)} ${unit}`;
  return count(n, "byte");
}

export function duration(seconds) {
  if (seconds < 1) return "less than a second";
  if (seconds < 90) return count(Math.round(seconds), "second");
  if (seconds < 5400) return count(Math.round(seconds / 60), "minute");
  return `${(seconds / 3600).toFixed(1)} hours`;
}

export const clock = (date) => date.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });

/** "a", "a and b", "a, b and 3 more". */
export function listed(names, most = 3) {
  if (names.length > most) return `${names.slice(0, most).join(", ")} and ${whole(names.length - most)} more`;
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

/** Text with what would turn or hide its neighbours as an escape. */
export const seen = (text) =>
  String(text).replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Cs}]/gu, (c) => `\\u${c.codePointAt(0).toString(16).padStart(4, "0")}`);

/** `means` says what became of such scores where it was measured. */
export const VERDICTS = {
  inside: { word: "inside", tone: "good", means: MEANS.inside },
  edge: { word: "at the edge", tone: "open", means: MEANS.edge },
  outside: { word: "outside", tone: "bad", means: MEANS.outside },
};
