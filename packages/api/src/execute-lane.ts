import type { IncomingMessage, ServerResponse } from "node:http";
import type { ApiKeyActor } from "@heddle/platform/access/actor";
import { scopesAllow } from "@heddle/platform/access/permission";
import { type RateVerdict, rateLimited } from "@heddle/platform/limits/rate-limiter";
import { executeInput, HeddleError } from "@heddle/schema";
import type { ApiOptions } from "./app.ts";
import { MAX_JSON_BYTES, overLimit, parseJson } from "./http/body.ts";
import { clientAddressOf } from "./http/client-address.ts";
import { closest, rateHeadersFor, refusalHeaders } from "./http/count-request.ts";
import { invalidRequest, toHeddleError, toProblemDocument } from "./http/problem.ts";
import { endAnswer, type EndAnswer } from "./http/end-answer.ts";

/** Answers a request itself, or returns false and has not touched it. */
export type Lane = (incoming: IncomingMessage, outgoing: ServerResponse) => boolean;

/**
 * The short way for the one call that programs make all day: execute a deployment with an API key that is known, and wait
 * for the answer. It does what the route `deployments.execute` does, by the same use case, without making objects of the
 * Fetch API, which cost more than a small run. Whatever is unusual about a request (a session, a key not seen lately,
 * streaming, an idempotency key, a body of another type) goes the long way, as if this were not here.
 */
export function createExecuteLane({ platform, settings, logger }: ApiOptions): Lane {
  const answer = async (call: Call, text: string | HeddleError, outgoing: ServerResponse): Promise<void> => {
    const requestId = crypto.randomUUID();
    let answered: EndAnswer;
    try {
      if (text instanceof HeddleError) throw text;
      const counted = platform.limits.countCaller(call.caller);
      noteVerdict(call, counted instanceof Promise ? await counted : counted);
      const { executionId, finished } = await platform.runs.executeDeployment(call.caller.actor, call.deploymentId, {
        ...readInput(text),
        onRate: (verdict) => noteVerdict(call, verdict),
      });
      answered = endAnswer(executionId, await finished);
    } catch (thrown) {
      const error = toHeddleError(thrown);
      const fields = { requestId, method: "POST", path: call.path, code: error.code };
      if (error.status >= 500) logger.error({ ...fields, err: error.cause ?? error }, error.message);
      else logger.debug(fields, error.message);
      const problem = toProblemDocument(error, { instance: `urn:uuid:${requestId}` });
      answered = { status: error.status, type: "application/problem+json", body: problem, headers: refusalHeaders(error) };
    }
    const body = JSON.stringify(answered.body);
    const headers = ["x-request-id", requestId, ...FIXED_HEADERS, "content-type", answered.type];
    headers.push("content-length", String(Buffer.byteLength(body)));
    if (call.verdict !== undefined || answered.headers !== undefined) {
      const extra = { ...(call.verdict === undefined ? {} : rateHeadersFor(call.verdict)), ...answered.headers };
      for (const [name, value] of Object.entries(extra)) headers.push(name, value);
    }
    outgoing.writeHead(answered.status, headers).end(body);
  };

  return (incoming, outgoing) => {
    const deploymentId = deploymentOf(incoming);
    const length = Number(incoming.headers["content-length"]);
    if (deploymentId === undefined || !(length <= MAX_JSON_BYTES)) return false;
    const actor = platform.apiKeys.recall(incoming.headers.authorization?.slice(BEARER.length) ?? "");
    if (actor === undefined || !scopesAllow(actor.scopes, "execute")) return false;
    const address = clientAddressOf(incoming, settings.isProxyTrusted);
    const call: Call = { caller: { actor, address, isRun: true }, deploymentId, path: incoming.url ?? "", verdict: undefined };
    collect(incoming, (text) => void answer(call, text, outgoing));
    return true;
  };
}

interface Call {
  readonly caller: { actor: ApiKeyActor; address: string; isRun: true };
  readonly deploymentId: string;
  readonly path: string;
  /** What is left of the limit that is nearest. */
  verdict: RateVerdict | undefined;
}

const BEARER = "Bearer ";
const FIXED_HEADERS = ["x-content-type-options", "nosniff", "cache-control", "no-store"];
const PATH = /^\/api\/deployments\/([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\/execute$/;

/** The deployment that is called, where the request is of the plain kind. */
function deploymentOf({ method, url = "", headers }: IncomingMessage): string | undefined {
  if (method !== "POST" || headers["content-type"] !== "application/json" || headers["idempotency-key"] !== undefined) return undefined;
  if (headers.authorization?.startsWith(BEARER) !== true || headers.expect !== undefined) return undefined;
  if (headers.accept?.includes("text/event-stream") === true || headers["content-encoding"] !== undefined) return undefined;
  return PATH.exec(url)?.[1];
}

function collect(incoming: IncomingMessage, done: (text: string | HeddleError) => void): void {
  const chunks: Buffer[] = [];
  let size = 0;
  incoming.on("data", (chunk: Buffer) => {
    size += chunk.byteLength;
    if (size <= MAX_JSON_BYTES) chunks.push(chunk);
  });
  incoming.on("end", () => {
    if (size > MAX_JSON_BYTES) done(overLimit(MAX_JSON_BYTES));
    else done(chunks.length === 1 ? (chunks[0] as Buffer).toString() : Buffer.concat(chunks).toString());
  });
}

/** What {@link executeInput} reads. What JSON.parse made is JSON, so only what could be wrong is looked at by the schema. */
function readInput(text: string): Pick<Input, "input" | "conversationId"> {
  const body = text.trim() === "" ? {} : parseJson(text);
  if (isPlain(body)) return { input: body.input ?? {} };
  const parsed = executeInput.safeParse(body);
  if (!parsed.success) throw invalidRequest(parsed.error);
  return parsed.data;
}

type Input = ReturnType<typeof executeInput.parse>;

function isPlain(body: unknown): body is { input?: Input["input"] } {
  return (
    typeof body === "object" &&
    body !== null &&
    !Array.isArray(body) &&
    !("conversationId" in body) &&
    (!("input" in body) || body.input !== null)
  );
}

/** @throws HeddleError rate_limited */
function noteVerdict(call: Call, verdict: RateVerdict | undefined): void {
  if (verdict === undefined) return;
  if (!verdict.isAllowed) throw rateLimited(verdict);
  call.verdict = closest(call.verdict, verdict);
}
