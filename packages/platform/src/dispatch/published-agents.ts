import type { Database } from "@heddle/db";
import type { NodeRegistry } from "@heddle/node-kit";
import { compileAgent, type CompiledAgent } from "@heddle/runtime";
import { HeddleError, type AgentDocument } from "@heddle/schema";
import { readStoredDocument } from "../agents/agent-resource.ts";

interface PublishedAgent {
  document: AgentDocument;
  compiled: CompiledAgent;
}

const MAX_KEPT = 500;

/** Published versions, compiled. One never changes, so what is kept stays right. */
export class PublishedAgents {
  readonly #db: Database;
  readonly #registry: NodeRegistry;
  readonly #kept = new Map<string, Promise<PublishedAgent>>();

  constructor(db: Database, registry: NodeRegistry) {
    this.#db = db;
    this.#registry = registry;
  }

  /** @throws HeddleError not_found where the version was deleted with its agent */
  async get(workspaceId: string, agentId: string, version: number | null): Promise<PublishedAgent> {
    const key = `${workspaceId}/${agentId}/${version}`;
    const kept = this.#kept.get(key);
    if (kept !== undefined) return await kept;
    const loading = this.#load(workspaceId, agentId, version);
    if (this.#kept.size >= MAX_KEPT) this.#kept.clear();
    this.#kept.set(key, loading);
    loading.catch(() => this.#kept.delete(key));
    return await loading;
  }

  async #load(workspaceId: string, agentId: string, version: number | null): Promise<PublishedAgent> {
    const row =
      version === null
        ? null
        : await this.#db.prismaFor(workspaceId).agentVersion.findFirst({ where: { agentId, number: version }, select: { config: true } });
    if (!row) throw new HeddleError("not_found", "The version that this run belongs to no longer exists.");
    const document = readStoredDocument(row.config);
    return { document, compiled: compileAgent(document, this.#registry) };
  }
}
