import { type Database, isId } from "@heddle/db";
import { fieldHint, type NodeRegistry } from "@heddle/node-kit";
import type { AgentDocument, Json, Problem } from "@heddle/schema";
import type { z } from "zod";

export interface MissingResourcesOptions {
  db: Database;
  registry: NodeRegistry;
  listCredentials: (workspaceId: string) => Promise<{ id: string }[]>;
}

type Kind = "dataset" | "knowledgeBase" | "credential";

/** A node's setting that names something of the workspace. */
interface Reference {
  kind: Kind;
  id: string;
  nodeId: string;
  nodeName: string;
  field: string;
}

const NAMES: Record<Kind, string> = { dataset: "data set", knowledgeBase: "knowledge base", credential: "credential" };

/**
 * A problem for each node that is set to a data set, knowledge base or credential that is not there (any more), which
 * would otherwise be noticed by the first caller. What an expression chooses at run time is not looked at.
 */
export async function findMissingResources(
  workspaceId: string,
  document: AgentDocument,
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
  ]);
  const known = new Set(found.flat().map(({ id }) => id));
  return references
    .filter(({ id }) => !known.has(id.toLowerCase()))
    .map(({ kind, nodeId, nodeName, field }) => ({
      code: "missing_resource",
      severity: "error",
      message: `The ${NAMES[kind]} of "${nodeName}" does not exist, or no longer does. Choose another one.`,
      nodeId,
      field: `params.${field}`,
    }));
}

function referencesOf(document: AgentDocument, registry: NodeRegistry): Reference[] {
  const variables = new Map(document.variables.map(({ name, value }) => [name, value]));
  return document.nodes.flatMap((node) => {
    const shape = (registry.get(node.type)?.params.shape ?? {}) as Record<string, z.ZodType>;
    return Object.entries(shape).flatMap(([field, schema]): Reference[] => {
      const kind = kindOf(fieldHint(schema, field).control);
      const id = kind && literal(node.params[field], variables);
      return kind === undefined || id === undefined ? [] : [{ kind, id, nodeId: node.id, nodeName: node.name, field }];
    });
  });
}

function kindOf(control: string | undefined): Kind | undefined {
  if (control === "chatModel") return "credential";
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
