import { type Database, uuidv7 } from "@heddle/db";
import type { NodeRegistry } from "@heddle/node-kit";
import { compileAgent } from "@heddle/runtime";
import { HeddleError, type AgentNode, type Json } from "@heddle/schema";
import { notFound, type Access } from "../access/access.ts";
import { actorLabel, type Actor } from "../access/actor.ts";
import { scopesAllow } from "../access/permission.ts";
import { readStoredDocument } from "../agents/agent-resource.ts";
import type { Dispatch } from "../dispatch/dispatch.ts";
import type { DeploymentCache, LoadedDeployment } from "../deployments/deployment-cache.ts";
import type { Limits } from "../limits/limits.ts";
import { type RateVerdict, rateLimited } from "../limits/rate-limiter.ts";
import type { LargeValues } from "../large-values/large-values.ts";
import type { ExecutionEngine, RunRequest, StartedRun } from "./execution-engine.ts";
import { findTrigger } from "./find-trigger.ts";
import { CALL_TTL_MS, claimKey } from "./idempotency.ts";
import { toQueuedExecution } from "./queue-run.ts";
import { awaitEnd, wasAccepted } from "./read-outcome.ts";

export interface RunsOptions {
  db: Database;
  access: Access;
  engine: ExecutionEngine;
  values: LargeValues;
  deployments: DeploymentCache;
  registry: NodeRegistry;
  limits: Pick<Limits, "countAgent">;
  dispatch: Pick<Dispatch, "enqueue">;
}

export interface RunInput {
  input: Json;
  conversationId?: string | undefined;
  /** Whether the caller wants to watch the run. */
  isWatched?: boolean | undefined;
  /** Requests under one key lead to one run. */
  idempotencyKey?: string | undefined;
  /** Of a queued run: not to be begun before. */
  startAt?: Date | undefined;
  /** Hears how near the agent is to its limit. */
  onRate?: ((verdict: RateVerdict) => void) | undefined;
}

/**
 * Starting runs. One that is watched, queued or has an idempotency key is committed by then; of another, nobody is to hear
 * before `finished` or the executions tell of it.
 */
export interface Runs {
  /** Runs what is published. @throws HeddleError not_found, forbidden, unprocessable where the deployment is switched off */
  executeDeployment(actor: Actor, deploymentId: string, input: RunInput): Promise<StartedRun>;
  /** Leaves what is published to a worker, which tries again what fails for a passing reason. @throws as {@link executeDeployment} */
  queueDeployment(actor: Actor, deploymentId: string, input: RunInput): Promise<{ executionId: string }>;
  /** Runs the draft as it is stored now. @throws HeddleError document_invalid */
  testAgent(actor: Actor, agentId: string, input: RunInput): Promise<StartedRun>;
}

export function createRuns({ db, access, engine, values, deployments, registry, limits, dispatch }: RunsOptions): Runs {
  /** @throws HeddleError rate_limited where the agent has been called as often as it may be in a minute */
  const countCall = ({ workspaceId, agentId }: LoadedDeployment, onRate?: RunInput["onRate"]): void | Promise<void> => {
    const note = (verdict: RateVerdict | undefined): void => {
      if (verdict === undefined) return;
      if (!verdict.isAllowed) throw rateLimited(verdict);
      onRate?.(verdict);
    };
    const counted = limits.countAgent(workspaceId, agentId);
    return counted instanceof Promise ? counted.then(note) : note(counted);
  };

  /** Starts a run, or finds the one that was started under the same key. */
  const startOnce = async (request: RunRequest, key: Omit<Parameters<typeof claimKey>[1], "workspaceId">): Promise<StartedRun> => {
    const { workspaceId } = request;
    const { executionId, isFirst } = await claimKey(db, { workspaceId, ...key });
    if (isFirst) return await engine.start(request, executionId);
    // Its claimant may have died before it was accepted; the id is the same, so it can't be accepted twice.
    if (!(await wasAccepted({ db, values }, workspaceId, executionId))) return await engine.start(request, executionId);
    return { executionId, workspaceId, agentId: request.agentId, finished: awaitEnd({ db, values }, workspaceId, executionId) };
  };

  /** What a call of a deployment is to run, once it is known that it may. */
  const requestFor = async (actor: Actor, deploymentId: string, call: RunInput): Promise<RunRequest> => {
    const { input, conversationId, isWatched, onRate } = call;
    const kept = deployments.get(deploymentId);
    const deployment = kept instanceof Promise ? await kept : kept;
    // Neither has to wait for anything in most calls, and a promise costs as much as they do.
    if (!mayExecute(actor, deployment)) await authorizeExecute(access, actor, deployment);
    refuseInactive(deployment);
    const counting = countCall(deployment, onRate);
    if (counting !== undefined) await counting;
    const { apiTrigger: trigger } = deployment;
    return {
      ...published(deployment),
      trigger: trigger?.type === "chat-trigger" && conversationId !== undefined ? "chat" : "api",
      triggerNode: trigger?.id,
      actor: actorLabel(actor),
      input: inputFor(trigger, input),
      conversationId,
      isWatched: isWatched ?? false,
    };
  };

  return {
    executeDeployment: async (actor, deploymentId, call) => {
      const request = await requestFor(actor, deploymentId, call);
      const { input, conversationId, idempotencyKey } = call;
      if (idempotencyKey === undefined) return await engine.start(request);
      return await startOnce(request, {
        scope: `execute:${deploymentId}`,
        key: idempotencyKey,
        request: { input, conversationId },
        ttlMs: CALL_TTL_MS,
      });
    },

    queueDeployment: async (actor, deploymentId, call) => {
      const request = await requestFor(actor, deploymentId, call);
      const { input, conversationId, idempotencyKey, startAt } = call;
      const { workspaceId } = request;
      const claimed =
        idempotencyKey === undefined
          ? { executionId: uuidv7(), isFirst: true }
          : await claimKey(db, {
              workspaceId,
              scope: `execute:${deploymentId}`,
              key: idempotencyKey,
              request: { input, conversationId },
              ttlMs: CALL_TTL_MS,
            });
      const { executionId, isFirst } = claimed;
      // Its claimant may have died before it was accepted; the id is the same, so it can't be accepted twice.
      if (isFirst || !(await wasAccepted({ db, values }, workspaceId, executionId))) {
        await dispatch.enqueue(toQueuedExecution(request, executionId, startAt));
      }
      return { executionId };
    },

    testAgent: async (actor, agentId, { input, conversationId, isWatched }) => {
      const { workspaceId } = await access.authorizeResource(actor, "agent", agentId, "execute");
      const row = await db.prismaFor(workspaceId).agent.findUnique({ where: { id: agentId }, select: { config: true } });
      if (!row) throw notFound("agent");
      const draft = readStoredDocument(row.config);
      const trigger = findTrigger(draft, "test");
      return await engine.start({
        workspaceId,
        agentId,
        deploymentId: null,
        version: null,
        draft,
        compiled: compileAgent(draft, registry),
        trigger: "test",
        triggerNode: trigger?.id,
        actor: actorLabel(actor),
        input: inputFor(trigger, input),
        conversationId,
        isWatched: isWatched ?? false,
      });
    },
  };
}

/** A chat may be sent its message alone; expressions find it where they look for it all the same. */
function inputFor(trigger: AgentNode | undefined, input: Json): Json {
  return trigger?.type === "chat-trigger" && typeof input === "string" ? { message: input } : input;
}

function published(deployment: LoadedDeployment) {
  const { id, workspaceId, agentId, version, compiled } = deployment;
  return { workspaceId, agentId, deploymentId: id, version, draft: null, compiled };
}

/** The same answer as {@link Access} gives, without a query for keys: their workspace and scopes are known. @throws HeddleError not_found */
function mayExecute(actor: Actor, { workspaceId }: LoadedDeployment): boolean {
  if (actor.kind !== "apiKey") return false;
  if (actor.workspaceId !== workspaceId) throw notFound("deployment");
  return scopesAllow(actor.scopes, "execute");
}

async function authorizeExecute(access: Access, actor: Actor, { workspaceId }: LoadedDeployment): Promise<void> {
  try {
    await access.authorize(actor, workspaceId, "execute");
  } catch (error) {
    throw error instanceof HeddleError && error.code === "not_found" ? notFound("deployment") : error;
  }
}

function refuseInactive({ status }: LoadedDeployment): void {
  if (status === "ACTIVE") return;
  throw new HeddleError("unprocessable", "This deployment is switched off.", {
    hint: "Switch it on under Deployments, or deploy the agent again.",
  });
}
