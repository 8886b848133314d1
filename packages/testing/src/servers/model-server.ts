import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { isRecord, type Json } from "@heddle/schema";

/** What a scripted model answers to one call, whichever protocol it speaks. */
export type ModelReply =
  | {
      text: string;
      usage?: { inputTokens: number; outputTokens: number };
      finishReason?: "stop" | "length" | "content-filter";
      /** A stream holds its last event back until this resolves. */
      pauseBeforeEnd?: Promise<void>;
    }
  | { toolCalls: { id?: string; name: string; args: Json }[]; text?: string; usage?: { inputTokens: number; outputTokens: number } }
  /** Structured output. */
  | { json: Json; usage?: { inputTokens: number; outputTokens: number } }
  | { failure: ModelFailure; /** seconds, with `rate-limited` and `overloaded` */ retryAfter?: number | string; message?: string };

/**
 * - `cut`: the connection ends in the middle of the answer
 * - `truncated`: a stream ends in good order, without its last events; the same as `cut` where nothing streams
 * - `stream-error`: an error event in the middle of a stream
 * - `malformed`: JSON of another shape
 */
export type ModelFailure =
  | "unauthorized"
  | "forbidden"
  | "not-found"
  | "rejected"
  | "rate-limited"
  | "server-error"
  | "overloaded"
  | "timeout"
  | "rubbish"
  | "html"
  | "empty"
  | "malformed"
  | "hang"
  | "cut"
  | "truncated"
  | "stream-error"
  | "bad-tool-arguments";

/** A request as a server got it. */
export interface RecordedRequest {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  // Protocol bodies are read by tests field by field.
  body: any; // eslint-disable-line @typescript-eslint/no-explicit-any
}

export interface ModelServer {
  /** Base URL, as a credential's `baseUrl` takes it. */
  url: string;
  requests: RecordedRequest[];
  /**
   * Adds answers, given out in order; a function sees the request. When none is left the server answers
   * {@link DEFAULT_TEXT}, or an instance of the schema that structured output was asked for.
   */
  script(...replies: (ModelReply | ((request: RecordedRequest) => ModelReply))[]): void;
  /** Forgets requests and what is left of the script. */
  reset(): void;
  close(): Promise<void>;
}

export const DEFAULT_TEXT = "Hello from the scripted model.";
export const DEFAULT_USAGE = { inputTokens: 10, outputTokens: 6 };

/** How one protocol writes what the script says. */
export interface ModelProtocol {
  /** Path of the calls that the script answers. */
  callPath: string;
  /** Other paths and what they answer to GET. */
  pages: Record<string, Json>;
  wantedSchema: (body: Record<string, unknown>) => unknown;
  reply: (body: Record<string, unknown>, reply: Exclude<ModelReply, { failure: unknown }>) => Json;
  /** Server-sent events of a reply, as they go over the wire, one string each. */
  events: (body: Record<string, unknown>, reply: Exclude<ModelReply, { failure: unknown }>) => string[];
  errorBody: (status: number, type: string, message: string) => Json;
  errorEvent: (message: string) => string;
}

/** Starts a server on a free port of loopback. */
export async function startModelServer(protocol: ModelProtocol): Promise<ModelServer> {
  const replies: (ModelReply | ((request: RecordedRequest) => ModelReply))[] = [];
  const requests: RecordedRequest[] = [];
  const server = createServer((incoming, response) => {
    void answer(incoming, response).catch((error: unknown) => response.destroy(error as Error));
  });
  const answer = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const request = await record(incoming);
    requests.push(request);
    const page = request.method === "GET" ? protocol.pages[request.path] : undefined;
    if (page !== undefined) return sendJson(response, 200, page);
    if (request.path !== protocol.callPath || !isRecord(request.body)) {
      return sendJson(response, 404, protocol.errorBody(404, "not_found_error", `Nothing at ${request.path}`));
    }
    const scripted = replies.shift();
    const reply = typeof scripted === "function" ? scripted(request) : (scripted ?? defaultReply(protocol.wantedSchema(request.body)));
    if ("failure" in reply) fail(protocol, request.body, reply, response);
    else if (request.body["stream"] === true)
      sendEvents(response, protocol.events(request.body, reply), "pauseBeforeEnd" in reply ? reply.pauseBeforeEnd : undefined);
    else sendJson(response, 200, protocol.reply(request.body, reply));
  };
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    script: (...more) => void replies.push(...more),
    reset: () => {
      replies.length = 0;
      requests.length = 0;
    },
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

async function record(incoming: IncomingMessage): Promise<RecordedRequest> {
  let text = "";
  for await (const chunk of incoming.setEncoding("utf8")) text += chunk as string;
  let body: unknown = text;
  try {
    body = JSON.parse(text);
  } catch {
    // kept as text
  }
  return { method: incoming.method ?? "", path: incoming.url ?? "", headers: incoming.headers, body };
}

const STATUSES: Partial<Record<ModelFailure, [number, string, string]>> = {
  unauthorized: [401, "authentication_error", "Incorrect API key provided: {key}."],
  forbidden: [403, "permission_error", "Your key may not use this model."],
  "not-found": [404, "not_found_error", "The model does not exist."],
  rejected: [400, "invalid_request_error", "The messages are not valid."],
  "rate-limited": [429, "rate_limit_error", "Rate limit reached."],
  "server-error": [500, "api_error", "The server had an error."],
  overloaded: [529, "overloaded_error", "Overloaded"],
  timeout: [408, "timeout_error", "The request took too long."],
};

function fail(
  protocol: ModelProtocol,
  body: Record<string, unknown>,
  reply: Extract<ModelReply, { failure: unknown }>,
  response: ServerResponse,
): void {
  const isStream = body["stream"] === true;
  const status = STATUSES[reply.failure];
  if (status !== undefined) {
    if (reply.retryAfter !== undefined) response.setHeader("retry-after", String(reply.retryAfter));
    return sendJson(response, status[0], protocol.errorBody(status[0], status[1], reply.message ?? status[2]));
  }
  const events = (): string[] => protocol.events(body, { text: DEFAULT_TEXT });
  switch (reply.failure) {
    case "rubbish":
      return sendText(response, isStream ? "text/event-stream" : "application/json", isStream ? "data: {]}\n\n" : "{]}");
    case "html":
      return sendText(response, "text/html", "<!doctype html><title>Sign in to the network</title>");
    case "empty":
      return sendText(response, isStream ? "text/event-stream" : "application/json", "");
    case "malformed":
      return isStream ? sendEvents(response, ['data: {"answer":42}\n\n']) : sendJson(response, 200, { answer: 42 });
    case "truncated":
      return isStream ? sendEvents(response, events().slice(0, 3)) : cut(response, "application/json", '{"id":"');
    case "cut":
      return isStream ? cut(response, "text/event-stream", events().slice(0, 3).join("")) : cut(response, "application/json", '{"id":"');
    case "stream-error":
      return isStream
        ? sendEvents(response, [...events().slice(0, 3), protocol.errorEvent("Overloaded")])
        : sendJson(response, 500, protocol.errorBody(500, "api_error", "Overloaded"));
    case "bad-tool-arguments": {
      const call = { toolCalls: [{ name: "lookup", args: "not-json" }] };
      const text = isStream ? protocol.events(body, call).join("") : JSON.stringify(protocol.reply(body, call));
      return sendText(response, isStream ? "text/event-stream" : "application/json", text);
    }
    default:
      // hang: the request is never answered
      return;
  }
}

function cut(response: ServerResponse, type: string, text: string): void {
  response.writeHead(200, { "content-type": type, ...(type === "application/json" ? { "content-length": "1000" } : {}) });
  response.write(text, () => setTimeout(() => response.destroy(), 20));
}

function defaultReply(schema: unknown): ModelReply {
  return isRecord(schema) ? { json: instanceOf(schema) } : { text: DEFAULT_TEXT };
}

/** The smallest value that a plain JSON Schema accepts. */
function instanceOf(schema: Record<string, unknown>): Json {
  if (Array.isArray(schema["enum"])) return schema["enum"][0] as Json;
  if (schema["const"] !== undefined) return schema["const"] as Json;
  const type = Array.isArray(schema["type"]) ? schema["type"][0] : schema["type"];
  if (type === "object") {
    const properties = Object.entries((schema["properties"] ?? {}) as Record<string, Record<string, unknown>>);
    return Object.fromEntries(properties.map(([name, property]) => [name, instanceOf(property)]));
  }
  return ({ string: "text", number: 1, integer: 1, boolean: true, array: [] } as Record<string, Json>)[String(type)] ?? null;
}

function sendJson(response: ServerResponse, status: number, body: Json): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

function sendText(response: ServerResponse, type: string, text: string): void {
  response.writeHead(200, { "content-type": type }).end(text);
}

function sendEvents(response: ServerResponse, events: string[], pauseBeforeEnd?: Promise<void>): void {
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
  // Each event is a packet of its own, split in the middle, as networks do.
  const next = (index: number): void => {
    if (pauseBeforeEnd !== undefined && index === events.length - 1) {
      const end = pauseBeforeEnd;
      pauseBeforeEnd = undefined;
      return void end.then(() => next(index));
    }
    const event = events[index];
    if (event === undefined || response.destroyed) return void response.end();
    const half = Math.floor(event.length / 2);
    response.write(event.slice(0, half));
    response.write(event.slice(half), () => setImmediate(next, index + 1));
  };
  next(0);
}

/** Cuts a text into pieces as a model streams them. */
export function piecesOf(text: string): string[] {
  return text.match(/[\s\S]{1,7}/g) ?? [];
}
