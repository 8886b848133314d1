import type { Database } from "@heddle/db";
import type { NodeRegistry } from "@heddle/node-kit";
import { compileAgent } from "@heddle/runtime";
import { HeddleError, type Json } from "@heddle/schema";
import { notFound, type Access } from "../access/access.ts";
import { actorLabel, type Actor } from "../access/actor.ts";
import { scopesAllow } from "../access/permission.ts";
import { readStoredDocument } from "../agents/agent-resource.ts";
import type { DeploymentCache, LoadedDeployment } from "../deployments/deployment-cache.ts";
import type { ExecutionEngine, StartedRun } from "./execution-engine.ts";
import { findTrigger } from "./find-trigger.ts";

export interface RunsOptions {
  db: Database;
  access: Access;
  engine: ExecutionEngine;
  deployments: DeploymentCache;
  registry: NodeRegistry;
}

export interface RunInput {
  input: Json;
  conversationId?: string | undefined;
  /** Whether the caller wants to watch the run. */
  isWatched?: boolean | undefined;
}

/** Starting runs. Each resolves once the execution is committed. */
export interface Runs {
  /** Runs what is published. @throws HeddleError not_found, forbidden, unprocessable where the deployment is switched off */
  executeDeployment(actor: Actor, deploymentId: string, input: RunInput): Promise<StartedRun>;
  /** Runs the draft as it is stored now. @throws HeddleError document_invalid */
  testAgent(actor: Actor, agentId: string, input: RunInput): Promise<StartedRun>;
  /** Runs what is published for whoever knows the address and fits its webhook trigger. */
  receiveWebhook(deploymentId: string, request: WebhookRequest): Promise<StartedRun>;
}

/** An incoming webhook, as its trigger's output shows it. */
export interface WebhookRequest {
  method: string;
  headers: Record<string, string>;
  query: Record<string, string>;
  body: Json;
}

export function createRuns({ db, access, engine, deployments, registry }: RunsOptions): Runs {
  return {
    executeDeployment: async (actor, deploymentId, { input, conversationId, isWatched }) => {
      const kept = deployments.get(deploymentId);
      const deployment = kept instanceof Promise ? await kept : kept;
      await authorizeExecute(access, actor, deployment);
      refuseInactive(deployment);
      const trigger = findTrigger(deployment.document, "api");
      return await engine.start({
        ...published(deployment),
        trigger: trigger?.type === "chat-trigger" && conversationId !== undefined ? "chat" : "api",
        triggerNode: trigger?.id,
        actor: actorLabel(actor),
        input,
        conversationId,
        isWatched: isWatched ?? false,
      });
    },

    testAgent: async (actor, agentId, { input, conversationId, isWatched }) => {
      const { workspaceId } = await access.authorizeResource(actor, "agent", agentId, "execute");
      const row = await db.prismaFor(workspaceId).agent.findUnique({ where: { id: agentId }, select: { config: true } });
      if (!row) throw notFound("agent");
      const draft = readStoredDocument(row.config);
      return await engine.start({
        workspaceId,
        agentId,
        deploymentId: null,
        version: null,
        draft,
        compiled: compileAgent(draft, registry),
        trigger: "test",
        triggerNode: findTrigger(draft, "test")?.id,
        actor: actorLabel(actor),
        input,
        conversationId,
        isWatched: isWatched ?? false,
      });
    },

    receiveWebhook: async (deploymentId, request) => {
      const deployment = await deployments.get(deploymentId);
      const trigger = findTrigger(deployment.document, "webhook");
      // Whether there is a deployment without a webhook is nobody's business outside.
      if (!trigger || deployment.status !== "ACTIVE") throw notFound("deployment");
      return await engine.start({
        ...published(deployment),
        trigger: "webhook",
        triggerNode: trigger.id,
        actor: null,
        input: { ...request },
        conversationId: undefined,
        isWatched: false,
      });
    },
  };
}

function published(deployment: LoadedDeployment) {
  const { id, workspaceId, agentId, version, compiled } = deployment;
  return { workspaceId, agentId, deploymentId: id, version, draft: null, compiled };
}

/** The same answers as {@link Access} gives, without a query for keys: their workspace and scopes are known. */
async function authorizeExecute(access: Access, actor: Actor, { workspaceId }: LoadedDeployment): Promise<void> {
  if (actor.kind === "apiKey") {
    if (actor.workspaceId !== workspaceId) throw notFound("deployment");
    if (scopesAllow(actor.scopes, "execute")) return;
  }
  try {
    await access.authorize(actor, workspaceId, "execute");
  } catch (error) {
    throw error instanceof HeddleError && error.code === "not_found" ? notFound("deployment") : error;
  }
}

function refuseInactive({ status }: LoadedDeployment): void {
  if (status === "ACTIVE") return;
  throw new HeddleError("unprocessable", "This deployment is switched off.", { hint: "Switch it on under Deployments, or deploy the agent again." });
}
