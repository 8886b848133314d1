import type { Database } from "@heddle/db";
import type { NodeRegistry } from "@heddle/node-kit";
import { compileAgent, type CompiledAgent } from "@heddle/runtime";
import type { AgentDocument, AgentNode, DeploymentResource } from "@heddle/schema";
import { notFound } from "../access/access.ts";
import { readStoredDocument } from "../agents/agent-resource.ts";
import { findTrigger } from "../executions/find-trigger.ts";

/** A deployment that is ready to run. */
export interface LoadedDeployment {
  id: string;
  workspaceId: string;
  agentId: string;
  version: number;
  status: DeploymentResource["status"];
  configHash: string;
  document: AgentDocument;
  /** By which calls come in. */
  apiTrigger: AgentNode | undefined;
  compiled: CompiledAgent;
}

const MAX_KEPT = 1_000;

/**
 * Deployments by id, compiled once per published document. A call to one that is kept costs no query: changes are told
 * by the change feed.
 */
export class DeploymentCache {
  readonly #db: Database;
  readonly #registry: NodeRegistry;
  readonly #kept = new Map<string, LoadedDeployment>();
  /** Loads under way, so that callers who come at once share one. */
  readonly #loading = new Map<string, Promise<LoadedDeployment>>();
  readonly #unsubscribe: () => void;
  /** Counts what the feed told, so that a row read before a change is not kept after it. */
  #generation = 0;

  constructor(db: Database, registry: NodeRegistry) {
    this.#db = db;
    this.#registry = registry;
    this.#unsubscribe = db.changes.subscribe((event) => {
      if (event.kind === "deployment") this.#kept.delete(event.id);
      else if (event.kind === "missed") this.#kept.clear();
      else return;
      this.#loading.clear();
      this.#generation++;
    });
  }

  /** @throws HeddleError not_found */
  get(id: string): LoadedDeployment | Promise<LoadedDeployment> {
    const kept = this.#kept.get(id);
    if (kept) return kept;
    const loading: Promise<LoadedDeployment> =
      this.#loading.get(id) ?? this.#load(id).finally(() => this.#loading.get(id) === loading && this.#loading.delete(id));
    this.#loading.set(id, loading);
    return loading;
  }

  close(): void {
    this.#unsubscribe();
  }

  async #load(id: string): Promise<LoadedDeployment> {
    // What is kept is only as good as the feed: nothing is kept before it listens.
    await this.#db.changes.ready();
    const generation = this.#generation;
    const workspaceId = await this.#db.lookups.workspaceOfDeployment(id);
    if (workspaceId === undefined) throw notFound("deployment");
    const row = await this.#db
      .prismaFor(workspaceId)
      .deployment.findUnique({ where: { id }, include: { agentVersion: { select: { config: true } } } });
    if (!row) throw notFound("deployment");
    const document = readStoredDocument(row.agentVersion.config);
    const loaded: LoadedDeployment = {
      id,
      workspaceId,
      agentId: row.agentId,
      version: row.version,
      status: row.status as DeploymentResource["status"],
      configHash: row.configHash,
      document,
      apiTrigger: findTrigger(document, "api"),
      compiled: compileAgent(document, this.#registry),
    };
    if (generation === this.#generation) {
      const oldest = this.#kept.size >= MAX_KEPT ? this.#kept.keys().next().value : undefined;
      if (oldest !== undefined) this.#kept.delete(oldest);
      this.#kept.set(id, loaded);
    }
    return loaded;
  }
}
