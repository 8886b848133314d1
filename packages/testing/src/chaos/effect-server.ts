import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { unitOf } from "./seeded-random.ts";

/** What the outside world has seen of a run. */
export interface EffectCounts {
  /** Effects that were done: one for each key. */
  effects: number;
  /** Requests that came again under a key whose effect was done, and were answered from memory. */
  repeated: number;
  /** Keys under which another body came. */
  keysWithTwoBodies: string[];
  /** Effects that were asked for under more than one key, so that a server can't know that they are one. */
  effectsWithTwoKeys: string[];
  /** Requests for an effect without a key. */
  withoutKey: number;
}

export interface EffectServer {
  url: string;
  port: number;
  /** Effects by what they are of: `<token>/<step>`. */
  done(effect: string): boolean;
  counts(): EffectCounts;
  close(): Promise<void>;
}

/**
 * The world outside: a service at `/effect` that does one effect a key, as payment services do, and fails now and then; one
 * at `/refuse` that always refuses; and a model in OpenAI's protocol under `/v1` that takes its time.
 */
export async function startEffectServer(seed: number): Promise<EffectServer> {
  /** The key that an effect came under first, by what it is of. */
  const keyOf = new Map<string, string>();
  /** What a key was first sent with. */
  const bodyOf = new Map<string, string>();
  const done = new Set<string>();
  const tries = new Map<string, number>();
  const keysWithTwoBodies = new Set<string>();
  const effectsWithTwoKeys = new Set<string>();
  let repeated = 0;
  let withoutKey = 0;

  const effect = (request: IncomingMessage, text: string, response: ServerResponse): void => {
    const key = request.headers["idempotency-key"];
    if (typeof key !== "string") {
      withoutKey += 1;
      return answer(response, 400, { error: "no key" });
    }
    const { effect: name } = JSON.parse(text) as { effect: string };
    if (bodyOf.has(key) && bodyOf.get(key) !== text) keysWithTwoBodies.add(key);
    bodyOf.set(key, bodyOf.get(key) ?? text);
    if (keyOf.has(name) && keyOf.get(name) !== key) effectsWithTwoKeys.add(name);
    keyOf.set(name, keyOf.get(name) ?? key);
    const attempt = (tries.get(key) ?? 0) + 1;
    tries.set(key, attempt);
    // The first two tries may fail: before the effect, or after it, when only the answer is lost.
    const luck = attempt > 2 ? 1 : unitOf(`${seed} ${name} ${attempt}`);
    if (luck < 0.06) return answer(response, 500, { error: "try again" });
    if (luck < 0.1) return answer(response, 429, { error: "slow down" }, { "retry-after": "1" });
    if (done.has(key)) repeated += 1;
    done.add(key);
    if (luck < 0.13) return void response.destroy();
    setTimeout(() => answer(response, 200, { done: name }), 5 + unitOf(`${name} ms`) * 60);
  };

  const server = createServer((request, response) => {
    let text = "";
    request.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
    request.on("error", () => undefined);
    request.on("end", () => {
      if (request.url === "/effect") effect(request, text, response);
      else if (request.url === "/refuse") answer(response, 400, { error: "never" });
      else if (request.url === "/v1/chat/completions") converse(text, response);
      else answer(response, 404, {});
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    done: (name) => done.has(keyOf.get(name) ?? ""),
    counts: () => ({
      effects: done.size,
      repeated,
      keysWithTwoBodies: [...keysWithTwoBodies],
      effectsWithTwoKeys: [...effectsWithTwoKeys],
      withoutKey,
    }),
    close: () => {
      server.closeAllConnections();
      return new Promise((closed) => server.close(() => closed()));
    },
  };
}

function answer(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  if (response.destroyed) return;
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
}

/** Says the last message again, after 50 to 400 ms. */
function converse(text: string, response: ServerResponse): void {
  const { messages, stream } = JSON.parse(text) as { messages: { content: unknown }[]; stream?: boolean };
  const said = messages.at(-1)?.content;
  const content = `said ${typeof said === "string" ? said : JSON.stringify(said)}`;
  const common = { id: "chatcmpl-chaos", created: 1_700_000_000, model: "slow" };
  const usage = { prompt_tokens: 10, completion_tokens: 6, total_tokens: 16 };
  setTimeout(
    () => {
      if (stream !== true) {
        const choice = { index: 0, message: { role: "assistant", content, refusal: null }, logprobs: null, finish_reason: "stop" };
        return answer(response, 200, { ...common, object: "chat.completion", choices: [choice], usage });
      }
      response.writeHead(200, { "content-type": "text/event-stream" });
      const events = [
        { choices: [{ index: 0, delta: { role: "assistant", content }, finish_reason: null }] },
        { choices: [{ index: 0, delta: {}, finish_reason: "stop" }] },
        { choices: [], usage },
      ];
      const lines = events.map((event) => `data: ${JSON.stringify({ ...common, object: "chat.completion.chunk", ...event })}\n\n`);
      response.end(`${lines.join("")}data: [DONE]\n\n`);
    },
    50 + unitOf(content) * 350,
  );
}
