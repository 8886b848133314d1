import { parseEventStream, type StreamEvent } from "./event-stream.ts";
import { ProblemError, problemOf } from "./problem.ts";

export interface RestOptions {
  method?: "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
  /** Sent as JSON. */
  body?: unknown;
  signal?: AbortSignal;
  headers?: Record<string, string>;
}

/** Calls the REST API on this origin with the session's cookie. @throws ProblemError */
export async function rest<T>(path: string, options: RestOptions = {}): Promise<T> {
  const response = await send(path, options);
  return (response.status === 204 ? undefined : await response.json()) as T;
}

/** An answer of server-sent events. */
export interface OpenedStream {
  response: Response;
  events: AsyncGenerator<StreamEvent>;
}

/** Something comes every 15 s, a comment at least; a connection that is silent for longer than this is dead. ms */
const MAX_SILENCE_MS = 40_000;

/** Calls a REST endpoint that answers with server-sent events. @throws ProblemError */
export async function openStream(path: string, options: RestOptions = {}): Promise<OpenedStream> {
  const response = await send(path, options, "text/event-stream");
  return { response, events: parseEventStream(response.body === null ? nothing() : textOf(response.body)) };
}

async function* nothing(): AsyncGenerator<string> {}

/** Rejects as the browser does where a connection broke. */
async function withinSilence<T>(reading: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TypeError("network error: nothing came for too long")), MAX_SILENCE_MS);
  });
  try {
    return await Promise.race([reading, silence]);
  } finally {
    clearTimeout(timer);
  }
}

async function* textOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await withinSilence(reader.read());
      if (done) return;
      yield decoder.decode(value, { stream: true });
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

async function send(path: string, { method, body, signal, headers }: RestOptions, accept = "application/json"): Promise<Response> {
  const response = await fetch(path, {
    method: method ?? (body === undefined ? "GET" : "POST"),
    headers: { ...headers, accept, ...(body === undefined ? {} : { "content-type": "application/json" }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
    credentials: "same-origin",
  });
  if (!response.ok) throw await problemOf(response);
  return response;
}

export interface UploadOptions {
  /** Share of the bytes that are sent, 0…1. */
  onProgress?: (share: number) => void;
  signal?: AbortSignal;
}

/** Sends a form with files and tells how far it is (`fetch` can't). @throws ProblemError */
export function upload<T>(path: string, form: FormData, { onProgress, signal }: UploadOptions = {}): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", path);
    request.responseType = "text";
    request.setRequestHeader("accept", "application/json");
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) onProgress?.(event.loaded / event.total);
    });
    request.addEventListener("load", () => {
      const json = async (): Promise<unknown> => JSON.parse(request.responseText);
      if (request.status < 300) void json().then((value) => resolve(value as T), reject);
      else void problemOf({ status: request.status, json }).then(reject);
    });
    request.addEventListener("error", () => reject(new TypeError("Failed to fetch")));
    request.addEventListener("abort", () =>
      reject(
        new ProblemError({ type: "about:blank", title: "Stopped", status: 0, detail: "The upload was stopped.", code: "run_cancelled" }),
      ),
    );
    signal?.addEventListener("abort", () => request.abort());
    request.send(form);
  });
}
