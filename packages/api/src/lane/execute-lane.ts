import type { IncomingMessage, ServerResponse } from "node:http";
import type { ApiKeyActor } from "@heddle/platform/access/actor";
import { scopesAllow } from "@heddle/platform/access/permission";
import { type RateVerdict, rateLimited } from "@heddle/platform/limits/rate-limiter";
import { executeInput } from "@heddle/schema";
import type { ApiOptions } from "../app.ts";
import { MAX_JSON_BYTES, parseJson } from "../http/body.ts";
import { clientAddressOf, type NodeRequest } from "../http/client-address.ts";
import { closest, rateHeadersFor, refusalHeaders } from "../http/count-request.ts";
import { invalidRequest, toHeddleError, toProblemDocument } from "../http/problem.ts";
import { endAnswer, type EndAnswer } from "../http/end-answer.ts";

/** What a request of the plain kind wants, and what its sender shows for it. */
export interface LaneTarget {
  readonly deploymentId: string;
  readonly key: string;
  readonly path: string;
  readonly address: string;
}
/** A call of the plain kind, by someone who may make it. */
export interface LaneCall {
  readonly caller: { actor: ApiKeyActor; address: string; isRun: true };
  readonly target: LaneTarget;
}
/** What a lane looks at before it takes a request. */
export interface LaneRequest extends NodeRequest {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
}
export interface LaneAnswer {
  readonly status: number;
  /** Names and values by turns. */
  readonly headers: string[];
  readonly body: string;
}

export interface ExecuteLane {
  /** What a request wants; undefined for one that goes the long way. Says the same of each request with the same head. */
  aim(request: LaneRequest): LaneTarget | undefined;
  /** The call, where its key is known and may make it. Costs no query. */
  recognize(target: LaneTarget): LaneCall | undefined;
  /** The same, where the key is not known yet. */
  inquire(target: LaneTarget): Promise<LaneCall | undefined>;
  /** Never rejects. */
  answer(call: LaneCall, text: string): Promise<LaneAnswer>;
  /** For Node's server: answers a request itself, or returns false and has not touched it. */
  take(incoming: IncomingMessage, outgoing: ServerResponse): boolean;
}

/**
 * The short way for the one call that programs make all day: execute a deployment with an API key that is known, and wait
 * for the answer. It does what the route `deployments.execute` does, by the same use case, without making objects of the
 * Fetch API, which cost more than a small run. Whatever is unusual about a request (a session, streaming,
 * an idempotency key, a body of another type) goes the long way, as if this were not here.
 */
export function createExecuteLane({ platform, settings, logger }: ApiOptions): ExecuteLane {
  const answer = async (call: LaneCall, text: string): Promise<LaneAnswer> => {
    const requestId = crypto.randomUUID();
    let nearest: RateVerdict | undefined;
    const onRate = (verdict: RateVerdict | undefined) => (nearest = closerOf(nearest, verdict));
    let answered: EndAnswer;
    try {
      const counted = platform.limits.countCaller(call.caller);
      onRate(counted instanceof Promise ? await counted : counted);
      const { executionId, finished } = await platform.runs.executeDeployment(call.caller.actor, call.target.deploymentId, {
        ...readInput(text),
        onRate,
      });
      answered = endAnswer(executionId, await finished);
    } catch (thrown) {
      const error = toHeddleError(thrown);
      const fields = { requestId, method: "POST", path: call.target.path, code: error.code };
      if (error.status >= 500) logger.error({ ...fields, err: error.cause ?? error }, error.message);
      else logger.debug(fields, error.message);
      const problem = toProblemDocument(error, { instance: `urn:uuid:${requestId}` });
      answered = { status: error.status, type: "application/problem+json", body: problem, headers: refusalHeaders(error) };
    }
    const body = JSON.stringify(answered.body);
    const headers = ["x-request-id", requestId, ...FIXED_HEADERS, "content-type", answered.type];
    headers.push("content-length", String(Buffer.byteLength(body)));
    if (nearest !== undefined || answered.headers !== undefined) {
      const extra = { ...(nearest === undefined ? {} : rateHeadersFor(nearest)), ...answered.headers };
      for (const [name, value] of Object.entries(extra)) headers.push(name, value);
    }
    return { status: answered.status, headers, body };
  };
  const aim = (request: LaneRequest): LaneTarget | undefined => {
    const deploymentId = deploymentOf(request);
    if (deploymentId === undefined) return undefined;
    const { url = "", headers } = request;
    const key = headers.authorization?.slice(BEARER.length) ?? "";
    return { deploymentId, key, path: url, address: clientAddressOf(request, settings.isProxyTrusted) };
  };
  const callBy = (actor: ApiKeyActor | undefined, target: LaneTarget): LaneCall | undefined =>
    actor === undefined || !scopesAllow(actor.scopes, "execute")
      ? undefined
      : { caller: { actor, address: target.address, isRun: true }, target };
  const recognize = (target: LaneTarget): LaneCall | undefined => callBy(platform.apiKeys.recall(target.key), target);

  return {
    aim,
    recognize,
    inquire: async (target) => callBy(await platform.apiKeys.authenticate(target.key), target),
    answer,
    take: (incoming, outgoing) => {
      const target = aim(incoming);
      const call = target && recognize(target);
      if (call === undefined) return false;
      void collect(incoming)
        .then((text) => answer(call, text))
        .then(({ status, headers, body }) => outgoing.writeHead(status, headers).end(body));
      return true;
    },
  };
}

const BEARER = "Bearer ";
const FIXED_HEADERS = ["x-content-type-options", "nosniff", "cache-control", "no-store"];
const PATH = /^\/api\/deployments\/([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\/execute$/;

/** The deployment that is called, where the request is of the plain kind. */
function deploymentOf({ method, url = "", headers }: LaneRequest): string | undefined {
  if (method !== "POST" || headers["content-type"] !== "application/json" || headers["idempotency-key"] !== undefined) return undefined;
  if (headers.authorization?.startsWith(BEARER) !== true || headers.expect !== undefined) return undefined;
  if (headers.accept?.includes("text/event-stream") === true || headers["content-encoding"] !== undefined) return undefined;
  if (!(Number(headers["content-length"]) <= MAX_JSON_BYTES)) return undefined;
  return PATH.exec(url)?.[1];
}

/** The body, whose length the server holds its sender to. Never settles where the sender goes away before its end. */
function collect(incoming: IncomingMessage): Promise<string> {
  return new Promise((done) => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("end", () => done((chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)).toString()));
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

/** The verdict whose limit is nearer. @throws HeddleError rate_limited */
function closerOf(nearest: RateVerdict | undefined, verdict: RateVerdict | undefined): RateVerdict | undefined {
  if (verdict === undefined) return nearest;
  if (!verdict.isAllowed) throw rateLimited(verdict);
  return closest(nearest, verdict);
}
