import { parseEventStream, type StreamEvent } from "./event-stream.ts";
import { ProblemError, problemOf } from "./problem.ts";

export interface RestOptions {
  method?: "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
  /** Sent as JSON. */
  body?: unknown;
  signal?: AbortSignal;
}

/** Calls the REST API on this origin with the session's cookie. @throws ProblemError */
export async function rest<T>(path: string, options: RestOptions = {}): Promise<T> {
  const response = await send(path, options);
  return (response.status === 204 ? undefined : await response.json()) as T;
}

/** Calls a REST endpoint that answers with server-sent events, and passes them on as they come. @throws ProblemError */
export async function* restStream(path: string, options: RestOptions = {}): AsyncGenerator<StreamEvent> {
  const response = await send(path, options, "text/event-stream");
  if (response.body === null) return;
  yield* parseEventStream(textOf(response.body));
}

async function* textOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield decoder.decode(value, { stream: true });
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

async function send(path: string, { method, body, signal }: RestOptions, accept = "application/json"): Promise<Response> {
  const response = await fetch(path, {
    method: method ?? (body === undefined ? "GET" : "POST"),
    headers: { accept, ...(body === undefined ? {} : { "content-type": "application/json" }) },
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
