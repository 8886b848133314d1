import { WebhookRunFailed, type IncomingWebhook } from "@heddle/platform/triggers/incoming-webhooks";
import { HeddleError, type Json } from "@heddle/schema";
import { z } from "zod";
import { MAX_JSON_BYTES, parseJson, readBytes } from "../../http/body.ts";
import { endAnswer } from "../../http/end-answer.ts";
import { problemResponse, toProblemDocument } from "../../http/problem.ts";
import { definePublicRoute, type Method, type Route, type RouteCall } from "../../http/route.ts";

const accepted = z.object({ executionId: z.string() });
const DESCRIPTION =
  "The deployment's webhook triggers say which paths and methods they take, how the sender proves itself and what it gets back. By default the answer is 202, once the execution is committed. An event with the id of an earlier one is not run again.";
const METHODS: readonly Method[] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/**
 * One route for each method, at the deployment's own address and below it: which of them are taken, and what is answered,
 * is up to the agent's webhook triggers.
 */
export const receiveWebhookRoutes: readonly Route[] = METHODS.flatMap((method) => {
  const name = method.charAt(0) + method.slice(1).toLowerCase();
  const isUsual = method === "POST";
  return [
    definePublicRoute({
      id: isUsual ? "hooks.receive" : `hooks.receive${name}`,
      method,
      path: "/api/hooks/:id",
      summary: isUsual ? "Where other services send events for a deployment" : `The same for services that send with ${method}`,
      ...(isUsual ? { description: DESCRIPTION } : {}),
      params: z.object({ id: z.uuid() }),
      rate: "run",
      success: { status: 202, schema: accepted },
      handle: (call) => receive(call, { id: call.params.id, path: "" }),
    }),
    definePublicRoute({
      id: isUsual ? "hooks.receiveAt" : `hooks.receive${name}At`,
      method,
      path: "/api/hooks/:id/:path{.+}",
      summary: isUsual ? "The same for a webhook with a path of its own" : `The same with a path, sent with ${method}`,
      params: z.object({ id: z.uuid(), path: z.string().max(200) }),
      rate: "run",
      success: { status: 202, schema: accepted },
      handle: (call) => receive(call, call.params),
    }),
  ];
});

async function receive({ platform, request }: Pick<RouteCall, "platform" | "request">, { id, path }: { id: string; path: string }) {
  const bytes = request.method === "GET" ? new Uint8Array() : await readBytes(request, MAX_JSON_BYTES);
  const webhook: IncomingWebhook = {
    method: request.method,
    path,
    headers: Object.fromEntries(request.headers),
    query: Object.fromEntries(new URL(request.url).searchParams),
    bytes,
    body: () => parseBody(bytes, request.headers.get("content-type") ?? ""),
  };
  try {
    const { status, headers, body } = await platform.incomingWebhooks.receive(id, webhook);
    return new Response(body, { status, headers });
  } catch (error) {
    const answer = answerFor(error);
    if (answer === undefined) throw error;
    return answer;
  }
}

/** Answers that are more than their error: a run that failed, and which methods there are. */
function answerFor(error: unknown): Response | undefined {
  if (error instanceof WebhookRunFailed) {
    const { status, type, body, headers } = endAnswer(error.executionId, error.end);
    return new Response(JSON.stringify(body), { status, headers: { "content-type": type, ...headers } });
  }
  const allow = error instanceof HeddleError && error.code === "method_not_allowed" ? error.details?.["allow"] : undefined;
  return Array.isArray(allow) ? problemResponse(toProblemDocument(error), { allow: allow.join(", ") }) : undefined;
}

/** JSON as data, a form as names with values, and other text as it is. @throws HeddleError invalid_json, unsupported_media_type */
function parseBody(bytes: Uint8Array, contentType: string): Json {
  const text = decode(bytes);
  const type = (contentType.split(";")[0] ?? "").trim().toLowerCase();
  if (/^application\/(?:[\w.+-]+\+)?json$/.test(type)) return text.trim() === "" ? "" : z.json().parse(parseJson(text));
  return type === "application/x-www-form-urlencoded" ? parseForm(text) : text;
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new HeddleError("unsupported_media_type", "A webhook's body must be text in UTF-8: JSON, a form or plain text.");
  }
}

/** A name that comes more than once has a list of values. */
function parseForm(text: string): Json {
  const form = new URLSearchParams(text);
  const values = Object.create(null) as Record<string, Json>;
  for (const name of new Set(form.keys())) {
    if (name === "__proto__") continue;
    const all = form.getAll(name);
    values[name] = all.length === 1 ? (all[0] ?? "") : all;
  }
  return { ...values };
}
