import type { Database } from "@heddle/db";
import {
  HeddleError,
  type AgentDetail,
  type AgentDocument,
  type Json,
  type Page,
  type templateDetail,
  type TemplateResource,
} from "@heddle/schema";
import type { z } from "zod";
import { notFound, type Access } from "../access/access.ts";
import type { Actor } from "../access/actor.ts";
import type { Agents } from "../agents/agents.ts";
import type { Datasets } from "../datasets/datasets.ts";
import type { KnowledgeBases } from "../knowledge/knowledge-bases.ts";
import { readTemplateArticles, readTemplateCsv, type TemplateFolder } from "./template-files.ts";

export type TemplateDetail = z.infer<typeof templateDetail>;
type Variable = TemplateResource["variables"][number];

export interface TemplatesOptions {
  db: Database;
  access: Access;
  agents: Pick<Agents, "create">;
  datasets: Pick<Datasets, "create">;
  knowledge: Pick<KnowledgeBases, "create" | "addDocuments">;
  library: ReadonlyMap<string, TemplateFolder>;
}

export interface TemplateUse {
  workspaceId: string;
  templateId: string;
  name: string;
  description?: string | undefined;
  variables: Record<string, Json>;
}

/** The library of agents to start from. */
export interface Templates {
  list(query: { category?: string | undefined }): Page<TemplateResource>;
  /** @throws HeddleError not_found */
  byId(id: string): TemplateDetail;
  /** Makes an agent of a template. Data that is not given is made from the template's own, once per workspace. */
  use(actor: Actor, use: TemplateUse): Promise<AgentDetail>;
}

export function createTemplates({ db, access, agents, datasets, knowledge, library }: TemplatesOptions): Templates {
  const find = (id: string): TemplateFolder => {
    const template = library.get(id);
    if (!template) throw notFound("template");
    return template;
  };

  /** The data set that this workspace made of the template's examples, or a new one. */
  const shippedDataset = async (
    actor: Actor,
    workspaceId: string,
    template: TemplateFolder,
    variable: Variable,
  ): Promise<string | undefined> => {
    const source = `${template.resource.id}/${variable.name}.csv`;
    const made = await db.prismaFor(workspaceId).dataset.findFirst({ where: { source }, select: { id: true } });
    if (made) return made.id;
    const bytes = await readTemplateCsv(template, variable.name);
    if (!bytes) return undefined;
    const { id } = await withFreeName(`${template.resource.name}: ${variable.label}`, (name) =>
      datasets.create(actor, workspaceId, { name, bytes, source }),
    );
    return id;
  };

  const shippedKnowledge = async (
    actor: Actor,
    workspaceId: string,
    template: TemplateFolder,
    variable: Variable,
  ): Promise<string | undefined> => {
    const source = `${template.resource.id}/${variable.name}`;
    const made = await db.prismaFor(workspaceId).knowledgeBase.findFirst({ where: { source }, select: { id: true } });
    if (made) return made.id;
    const files = await readTemplateArticles(template, variable.name);
    if (files.length === 0) return undefined;
    const { id } = await withFreeName(`${template.resource.name}: ${variable.label}`, (name) =>
      knowledge.create(actor, workspaceId, { name, source }),
    );
    await knowledge.addDocuments(actor, id, files);
    return id;
  };

  const valueOf = async (
    actor: Actor,
    workspaceId: string,
    template: TemplateFolder,
    variable: Variable,
    given: Json | undefined,
  ): Promise<Json | undefined> => {
    if (given !== undefined && given !== null && given !== "") {
      await checkValue(db, workspaceId, variable, given);
      return given;
    }
    if (variable.kind === "dataset") return await shippedDataset(actor, workspaceId, template, variable);
    if (variable.kind === "knowledgeBase") return await shippedKnowledge(actor, workspaceId, template, variable);
    return variable.default;
  };

  return {
    list: ({ category }) => {
      const items = [...library.values()]
        .map((template) => template.resource)
        .filter((resource) => category === undefined || resource.category === category);
      return {
        items: items.toSorted((a, b) => Number(b.isFeatured) - Number(a.isFeatured) || (a.name < b.name ? -1 : 1)),
        nextCursor: null,
      };
    },

    byId: (id) => {
      const { resource, document } = find(id);
      return { ...resource, config: document };
    },

    use: async (actor, { workspaceId, templateId, name, description, variables }) => {
      await access.authorize(actor, workspaceId, "write");
      const template = find(templateId);
      const { resource, document } = template;
      const unknown = Object.keys(variables).find((given) => !resource.variables.some((variable) => variable.name === given));
      if (unknown !== undefined)
        throw new HeddleError("invalid_request", `The template has no variable "${unknown.slice(0, 64)}".`, {
          details: { variables: resource.variables.map((variable) => variable.name) },
        });
      // All are checked before any data is made, so that a wrong one leaves nothing behind.
      for (const variable of resource.variables) {
        const given = variables[variable.name];
        if (given !== undefined && given !== null && given !== "") await checkValue(db, workspaceId, variable, given);
        else if (variable.isRequired && variable.default === undefined)
          throw new HeddleError("invalid_request", `Fill in "${variable.label}".`, { details: { variable: variable.name } });
      }
      const values = new Map<string, Json>();
      for (const variable of resource.variables) {
        const value = await valueOf(actor, workspaceId, template, variable, variables[variable.name]);
        if (value !== undefined) values.set(variable.name, value);
      }
      return await agents.create(actor, workspaceId, {
        name,
        description: description ?? resource.summary,
        icon: resource.icon,
        templateId,
        config: withVariables(document, values),
      });
    },
  };
}

function withVariables(document: AgentDocument, values: ReadonlyMap<string, Json>): AgentDocument {
  return {
    ...document,
    variables: document.variables.map((variable) => ({ ...variable, value: values.get(variable.name) ?? variable.value })),
  };
}

async function checkValue(db: Database, workspaceId: string, variable: Variable, value: Json): Promise<void> {
  const wrong = (expected: string) =>
    new HeddleError("invalid_request", `${variable.label}: ${expected}.`, { details: { variable: variable.name } });
  if (variable.kind === "number" && typeof value !== "number") throw wrong("use a number");
  if (variable.kind === "boolean" && typeof value !== "boolean") throw wrong("use true or false");
  if (variable.kind === "text" || variable.kind === "chatModel") {
    if (typeof value !== "string" || value.length > 10_000) throw wrong("use a text");
    return;
  }
  if (variable.kind !== "dataset" && variable.kind !== "knowledgeBase") return;
  const isUuid = typeof value === "string" && /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value);
  const prisma = db.prismaFor(workspaceId);
  const where = { where: { id: String(value) }, select: { id: true } } as const;
  // Row-level security hides those of other workspaces, so they are as absent as what never was.
  const found = !isUuid
    ? null
    : variable.kind === "dataset"
      ? await prisma.dataset.findFirst(where)
      : await prisma.knowledgeBase.findFirst(where);
  if (!found) throw notFound(variable.kind);
}

/** Numbers a name until it is free. */
async function withFreeName<T>(name: string, create: (name: string) => Promise<T>): Promise<T> {
  for (let number = 1; ; number++) {
    try {
      return await create(number === 1 ? name : `${name} ${number}`);
    } catch (error) {
      if (!(error instanceof HeddleError) || error.code !== "conflict" || number >= 50) throw error;
    }
  }
}
