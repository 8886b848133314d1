import { agentStatus, migrateDocument, type AgentDetail, type AgentDocument, type AgentResource, type Problem } from "@heddle/schema";

/** An agent's row, without its document. */
export interface AgentRow {
  id: string;
  workspaceId: string;
  name: string;
  description: string | null;
  icon: string | null;
  templateId: string | null;
  version: number;
  revision: number;
  status: string;
  createdAt: Date;
  updatedAt: Date;
}

/** Columns of {@link AgentRow}, for queries. */
export const AGENT_COLUMNS = {
  id: true,
  workspaceId: true,
  name: true,
  description: true,
  icon: true,
  templateId: true,
  version: true,
  revision: true,
  status: true,
  createdAt: true,
  updatedAt: true,
} as const;

/** How the API shows an agent in lists. */
export function toAgentResource(row: AgentRow): AgentResource {
  const { id, workspaceId, name, description, icon, templateId, version, revision } = row;
  return {
    id,
    workspaceId,
    name,
    description,
    icon,
    templateId,
    version,
    revision,
    status: agentStatus.parse(row.status),
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}

/** How the API shows one agent: with its draft and what is wrong with it. */
export function toAgentDetail(row: AgentRow & { config: unknown }, findProblems: (document: AgentDocument) => Problem[]): AgentDetail {
  const config = readStoredDocument(row.config);
  return { ...toAgentResource(row), config, problems: findProblems(config) };
}

/** A document as it was saved, in today's form. @throws HeddleError document_too_new, document_invalid */
export function readStoredDocument(stored: unknown): AgentDocument {
  return migrateDocument(stored);
}
