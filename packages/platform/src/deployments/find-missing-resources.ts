import { type Database, isId } from "@heddle/db";
import { fieldHint, type NodeRegistry } from "@heddle/node-kit";
import type { AgentDocument, Json, Problem } from "@heddle/schema";
import { z } from "zod";

export interface MissingResourcesOptions {
  db: Database;
  registry: NodeRegistry;
  listCredentials: (workspaceId: string) => Promise<{ id: string }[]>;
}

/** An agent that is run must be deployed; one whose failures are handled must be there. */
type Kind = "dataset" | "knowledgeBase" | "credential" | "deployedAgent" | "agent";

/** A node's setting that names something of the workspace. */
interface Reference {
  kind: Kind;
  id: string;
  nodeId: string;
  nodeName: string;
  field: string;
}

const NAMES: Record<Kind, string> = {
  dataset: "data set",
  knowledgeBase: "knowledge base",
  credential: "credential",
  deployedAgent: "agent",
  agent: "agent",
};

/**
 * A problem for each node that is set to a data set, knowledge base, credential or agent that is not there (any more), or
 * to an agent that is not deployed, which would otherwise be noticed by the first caller. What an expression chooses at run
 * time is not looked at. An agent that runs itself is deployed by the time it does.
 */
export async function findMissingResources(
  workspaceId: string,
  { id: ownId, document }: { id?: string; document: AgentDocument },
  { db, registry, listCredentials }: MissingResourcesOptions,
): Promise<Problem[]> {
  const references = referencesOf(document, registry);
  if (references.length === 0) return [];
  const prisma = db.prismaFor(workspaceId);
  const idsOf = (kind: Kind): string[] =>
    references.filter((reference) => reference.kind === kind && isId(reference.id)).map(({ id }) => id);
  const found = await Promise.all([
    prisma.dataset.findMany({ where: { id: { in: idsOf("dataset") } }, select: { id: true } }),
    prisma.knowledgeBase.findMany({ where: { id: { in: idsOf("knowledgeBase") } }, select: { id: true } }),
    listCredentials(workspaceId),
    prisma.agent.findMany({ where: { id: { in: [...idsOf("agent"), ...idsOf("deployedAgent")] } }, select: { id: true } }),
  ]);
  const deployed = await prisma.deployment.findMany({
    where: { agentId: { in: idsOf("deployedAgent") }, status: "ACTIVE" },
    select: { agentId: true },
  });
  const known = new Set(found.flat().map(({ id }) => id));
  const running = new Set([...deployed.map(({ agentId }) => agentId), ownId]);
  return references.flatMap(({ kind, id, nodeId, nodeName, field }): Problem[] => {
    const problem = { severity: "error" as const, nodeId, field: `params.${field}` };
    if (!known.has(id.toLowerCase())) {
      const message = `The ${NAMES[kind]} of "${nodeName}" does not exist, or no longer does. Choose another one.`;
      return [{ ...problem, code: "missing_resource", message }];
    }
    if (kind !== "deployedAgent" || running.has(id.toLowerCase())) return [];
    const message = `The agent that "${nodeName}" runs is not deployed. Deploy it first, or choose another one.`;
    return [{ ...problem, code: "agent_not_deployed", message }];
  });
}

function referencesOf(document: AgentDocument, registry: NodeRegistry): Reference[] {
  const variables = new Map(document.variables.map(({ name, value }) => [name, value]));
  return document.nodes.flatMap((node) => {
    const shape = (registry.get(node.type)?.params.shape ?? {}) as Record<string, z.ZodType>;
    return Object.entries(shape).flatMap(([field, schema]): Reference[] => {
      const { control } = fieldHint(schema, field);
      const about = { nodeId: node.id, nodeName: node.name };
      const value = node.params[field];
      const kind = kindOf(control === "list" ? itemControlOf(schema) : control, registry.get(node.type)?.category);
      if (kind === undefined) return [];
      const named =
        control === "list" && Array.isArray(value)
          ? value.map((item, index) => [item, `${field}.${index}`] as const)
          : [[value, field] as const];
      return named.flatMap(([item, path]): Reference[] => {
        const id = literal(item, variables);
        return id === undefined ? [] : [{ ...about, kind, id, field: path }];
      });
    });
  });
}

/** What the items of a list of plain values are chosen with. */
function itemControlOf(schema: z.ZodType): string | undefined {
  const inner = schema instanceof z.ZodDefault || schema instanceof z.ZodOptional ? (schema.unwrap() as z.ZodType) : schema;
  return inner instanceof z.ZodArray ? fieldHint(inner.element as z.ZodType, "").control : undefined;
}

function kindOf(control: string | undefined, category: string | undefined): Kind | undefined {
  if (control === "chatModel") return "credential";
  if (control === "agent") return category === "trigger" ? "agent" : "deployedAgent";
  return control === "dataset" || control === "knowledgeBase" || control === "credential" ? control : undefined;
}

/** The id that a setting holds, itself or by a variable; undefined where a run will choose it, or a server of this machine is meant. */
function literal(value: Json | undefined, variables: ReadonlyMap<string, Json>): string | undefined {
  if (typeof value !== "string") return undefined;
  const [, variable] = /^\s*\{\{\s*variables\.(\w+)\s*\}\}\s*$/.exec(value) ?? [];
  const id = variable === undefined ? value : variables.get(variable);
  if (typeof id !== "string" || id === "" || id === "auto" || id.startsWith("local:") || id.includes("{{")) return undefined;
  return id;
}
