import { createHash } from "node:crypto";
import { type Database, uuidv7 } from "@heddle/db";
import type { NewExecution } from "@heddle/db/journal";
import { compileValue } from "@heddle/expression";
import type { CredentialPort } from "@heddle/node-kit";
import { HeddleError, isRecord, type AgentNode, type Json } from "@heddle/schema";
import { notFound } from "../access/access.ts";
import type { DeploymentCache, LoadedDeployment } from "../deployments/deployment-cache.ts";
import { isSameText, secretHeaders, verifyWebhook, webhookSecret } from "../deployments/verify-webhook.ts";
import type { ExecutionEngine, RunEnd, RunRequest } from "../executions/execution-engine.ts";
import { claimKey, WEBHOOK_TTL_MS } from "../executions/idempotency.ts";
import { toQueuedExecution } from "../executions/queue-run.ts";
import { awaitEnd, wasAccepted, type OutcomeSource } from "../executions/read-outcome.ts";
import type { Limits } from "../limits/limits.ts";
import { rateLimited } from "../limits/rate-limiter.ts";
import { webhookFor, webhooksAt } from "./find-webhook.ts";
import { plainAnswer, webhookAnswer, type WebhookAnswer } from "./webhook-answer.ts";

/** A request as it arrived. Header names are lower case. */
export interface IncomingWebhook {
  method: string;
  /** What the address has after the deployment's own part, without slashes around it. */
  path: string;
  headers: Record<string, string>;
  query: Record<string, string>;
  /** The body, byte for byte: signatures are made over it. */
  bytes: Uint8Array;
  /** The body as data; asked for once its sender was checked. @throws HeddleError invalid_json, unsupported_media_type */
  body: () => Json;
}

export interface IncomingWebhooksOptions extends OutcomeSource {
  db: Database;
  engine: ExecutionEngine;
  deployments: DeploymentCache;
  credentialsOf: (workspaceId: string) => CredentialPort;
  /** Accepts a run for whoever claims it. */
  enqueue: (execution: NewExecution) => Promise<void>;
  limits: Pick<Limits, "countAgent">;
  /** How long a sender waits for a run to finish, ms. */
  finishWithinMs?: number;
  now?: () => number;
}

/** Webhooks that other services send. */
export interface IncomingWebhooks {
  /**
   * Runs what is published for a sender that its webhook trigger trusts, once per event. Resolves once the execution is
   * committed, or has ended where the trigger answers then.
   * @throws HeddleError not_found, method_not_allowed, unauthenticated, not_configured, rate_limited; a run's own error where it failed
   */
  receive(deploymentId: string, webhook: IncomingWebhook): Promise<WebhookAnswer>;
}

/** A run's failure, with the run that it belongs to. */
export class WebhookRunFailed extends Error {
  override readonly name = "WebhookRunFailed";
  readonly executionId: string;
  readonly end: Exclude<RunEnd, { status: "completed" | "waiting" }>;
  constructor(executionId: string, end: WebhookRunFailed["end"]) {
    super(end.error.message);
    this.executionId = executionId;
    this.end = end;
  }
}

/** What HTTP requests may take. */
const FINISH_WITHIN_MS = 30_000;
const MAX_EVENT_ID_LENGTH = 200;

export function createIncomingWebhooks(options: IncomingWebhooksOptions): IncomingWebhooks {
  const { db, engine, deployments, credentialsOf, enqueue, limits, finishWithinMs = FINISH_WITHIN_MS, now = Date.now } = options;

  /** Reserves the event's run. @returns its id, and whether it has been accepted already */
  const claimEvent = async (request: RunRequest, eventId: string | undefined): Promise<{ executionId: string; wasTaken: boolean }> => {
    if (eventId === undefined) return { executionId: uuidv7(), wasTaken: false };
    const { workspaceId, deploymentId, triggerNode } = request;
    const { executionId, isFirst } = await claimKey(db, {
      workspaceId,
      scope: `webhook:${deploymentId}:${triggerNode}`,
      key: eventId.length > MAX_EVENT_ID_LENGTH ? createHash("sha256").update(eventId).digest("hex") : eventId,
      // An event that comes again is the same one, however its sender writes it this time.
      request: null,
      ttlMs: WEBHOOK_TTL_MS,
    });
    // Its claimant may have died before it was accepted; the id is the same, so it can't be accepted twice.
    return { executionId, wasTaken: !isFirst && (await wasAccepted(options, workspaceId, executionId)) };
  };

  const finish = async (request: RunRequest, { executionId, wasTaken }: { executionId: string; wasTaken: boolean }) => {
    if (wasTaken) return await within(awaitEnd(options, request.workspaceId, executionId), finishWithinMs);
    const { finished } = await engine.start(request, executionId);
    return await within(finished, finishWithinMs);
  };

  return {
    receive: async (deploymentId, webhook) => {
      const deployment = await deployments.get(deploymentId);
      if (deployment.status !== "ACTIVE") throw notFound("deployment");
      const credentials = credentialsOf(deployment.workspaceId);
      const candidates = webhooksAt(deployment.document, webhook.path);
      const challenge = await answerSubscription(webhook, candidates, credentials);
      if (challenge) return challenge;
      const trigger = webhookFor(candidates, webhook.method);
      const verified = await verifyWebhook(webhook, trigger, credentials, now());
      const body = webhook.body();
      // Slack asks once whether the address is the app's, signed like everything else.
      if (trigger.params["verification"] === "slack" && isRecord(body) && body["type"] === "url_verification")
        return textAnswer(String(body["challenge"] ?? ""));
      const verdict = await limits.countAgent(deployment.workspaceId, deployment.agentId);
      if (verdict?.isAllowed === false) throw rateLimited(verdict);

      const { method, path, query } = webhook;
      const input: Json = { method, path, headers: withoutSecrets(webhook.headers, trigger), query, body };
      const request = requestOf(deployment, trigger, input);
      const claimed = await claimEvent(request, chosenEventId(trigger, input) ?? verified.eventId(body));
      const { executionId } = claimed;
      const run = { id: executionId };
      if (trigger.params["respond"] !== "finished") {
        if (!claimed.wasTaken) await enqueue(toQueuedExecution(request, executionId));
        return webhookAnswer(trigger, { input, run }, { status: 202, body: { executionId } });
      }
      const end = await finish(request, claimed);
      if (end === undefined || end.status === "waiting")
        return plainAnswer(202, { "content-type": "application/json" }, JSON.stringify({ executionId }));
      if (end.status !== "completed") throw new WebhookRunFailed(executionId, end);
      return webhookAnswer(trigger, { input, run, output: end.output }, { status: 200, body: end.output });
    },
  };
}

function requestOf({ id, workspaceId, agentId, version, compiled }: LoadedDeployment, trigger: AgentNode, input: Json): RunRequest {
  return {
    workspaceId,
    agentId,
    deploymentId: id,
    version,
    draft: null,
    compiled,
    trigger: "webhook",
    triggerNode: trigger.id,
    actor: null,
    input,
    conversationId: undefined,
    isWatched: false,
  };
}

/** The event's id as the trigger's own expression finds it in what arrived. @throws HeddleError expression_failed */
function chosenEventId({ params }: AgentNode, input: Json): string | undefined {
  const { deduplicateBy } = params;
  if (deduplicateBy === undefined || deduplicateBy === null || deduplicateBy === "") return undefined;
  const value = compileValue(deduplicateBy).evaluate({ input });
  if (value === undefined || value === null || value === "") return undefined;
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Meta's handshake: a GET with the secret as hub.verify_token, answered with hub.challenge. */
async function answerSubscription(
  { method, query }: IncomingWebhook,
  candidates: AgentNode[],
  credentials: CredentialPort,
): Promise<WebhookAnswer | undefined> {
  const { "hub.mode": mode, "hub.verify_token": token, "hub.challenge": challenge } = query;
  if (method !== "GET" || mode !== "subscribe" || token === undefined || challenge === undefined) return undefined;
  for (const { params } of candidates) {
    if (!["github", "hmac", "secret"].includes(String(params["verification"]))) continue;
    if (isSameText(token, await webhookSecret(params["credential"], credentials))) return textAnswer(challenge);
  }
  throw new HeddleError("unauthenticated", "hub.verify_token is not this webhook's secret.");
}

function textAnswer(text: string): WebhookAnswer {
  return plainAnswer(200, { "content-type": "text/plain; charset=utf-8" }, text.slice(0, 1_000));
}

function withoutSecrets(headers: Record<string, string>, trigger: AgentNode): Record<string, string> {
  const hidden = secretHeaders(trigger);
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !hidden.has(name)));
}

/** What a run ends as, or undefined where that takes longer; the run goes on. */
async function within(finished: Promise<RunEnd>, ms: number): Promise<RunEnd | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => (timer = setTimeout(() => resolve(undefined), ms)));
  try {
    return await Promise.race([finished, late]);
  } finally {
    clearTimeout(timer);
    finished.catch(() => undefined);
  }
}
