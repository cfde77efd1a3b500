// The server's HTTP API: every refusal becomes words, a token is asked for once.

const KEY = "molq-token";
let askForToken = async () => null;

/** What is called, with whether a token was refused, where the server wants one; it gives the token or null. */
export const onTokenWanted = (ask) => (askForToken = ask);

export const hasToken = () => Boolean(sessionStorage.getItem(KEY));

export class Refusal extends Error {
  constructor(message, status = 0) {
    super(message);
    this.status = status;
  }
}

const headers = (type) => ({
  ...(hasToken() && { Authorization: `Bearer ${sessionStorage.getItem(KEY)}` }),
  ...(type && { "Content-Type": type }),
});

/** The response to a request; throws a Refusal for what the server refuses or where it does not answer. */
export async function request(path, { method = "GET", body, type, signal } = {}) {
  let response;
  try {
    response = await fetch(path, { method, body, signal, headers: headers(type) });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refusal("The server does not answer. Is molq serve still running?");
  }
  if (response.status === 401) {
    await wantToken();
    return request(path, { method, body, type, signal });
  }
  if (!response.ok) throw new Refusal(await words(response), response.status);
  return response;
}

export const read = async (path, options) => (await request(path, options)).json();

export const send = (path, value, options) =>
  read(path, { method: "POST", body: JSON.stringify(value), type: "application/json", ...options });

let asking = null;
async function wantToken() {
  asking ??= askForToken(hasToken()).finally(() => (asking = null));
  const token = await asking;
  if (!token) throw new Refusal("The server wants a token.", 401);
  sessionStorage.setItem(KEY, token);
}

async function words(response) {
  const text = await response.text();
  try {
    const said = JSON.parse(text);
    return said.error?.message ?? said.error ?? said.detail ?? text;
  } catch {
    return `The server refused this (${response.status}).`;
  }
}

/** A file sent with its progress, 0 to 1; `signal` ends it. */
export function upload(path, file, onProgress, signal) {
  return new Promise((resolve, reject) => {
    const sender = new XMLHttpRequest();
    sender.open("POST", path);
    for (const [name, value] of Object.entries(headers("application/octet-stream"))) sender.setRequestHeader(name, value);
    sender.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total);
    sender.onload = async () => {
      const response = new Response(sender.response || null, { status: sender.status });
      if (response.ok) return resolve(await response.json());
      if (response.status !== 401) return reject(new Refusal(await words(response), response.status));
      return wantToken().then(() => upload(path, file, onProgress, signal)).then(resolve, reject);
    };
    sender.onerror = () => reject(new Refusal("The connection broke while the file was sent. Send it again."));
    sender.onabort = () => reject(new DOMException("cancelled", "AbortError"));
    signal?.addEventListener("abort", () => sender.abort());
    sender.send(file);
  });
}

/** Server-sent events, each one's data as JSON; an EventSource could not carry the token. */
export async function* events(path, signal) {
  const response = await request(path, { signal });
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    text += value;
    const blocks = text.split(/\r?\n\r?\n/);
    text = blocks.pop();
    for (const block of blocks) {
      const data = block.split(/\r?\n/).filter((line) => line.startsWith("data:")).map((line) => line.slice(5).trimStart());
      if (data.length) yield JSON.parse(data.join("\n"));
    }
  }
}
