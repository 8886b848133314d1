import type { Database } from "@heddle/db";
import { HeddleError } from "@heddle/schema";

/** Agents that are named in the refusal; more make it no clearer. */
const NAMED = 3;

/**
 * Refuses to delete what a published agent answers with, which its callers would be the first to notice. Drafts don't
 * count: they tell their author what is missing.
 * @throws HeddleError in_use with the agents' names
 */
export async function refuseInUse(db: Database, workspaceId: string, id: string, what: "data set" | "knowledge base"): Promise<void> {
  const { rows } = await db.withWorkspace(workspaceId, (client) =>
    client.query<{ id: string; name: string }>(SELECT_USERS, [workspaceId, id]),
  );
  if (rows.length === 0) return;
  const names = rows.slice(0, NAMED).map(({ name }) => `"${name}"`);
  const others = rows.length - names.length;
  throw new HeddleError("in_use", `This ${what} is used by ${names.join(", ")}${others > 0 ? ` and ${others} more` : ""}.`, {
    hint: "Deploy the agent with another one, or switch its deployment off, and then delete this.",
    details: { agents: rows.slice(0, 100) },
  });
}

// Ids are unique, so one that stands anywhere in a document is what it says.
const SELECT_USERS = `SELECT a.id, a.name FROM deployments d
  JOIN agents a ON a.workspace_id = d.workspace_id AND a.id = d.agent_id
  JOIN agent_versions v ON v.workspace_id = d.workspace_id AND v.agent_id = d.agent_id AND v.number = d.version
  WHERE d.workspace_id = $1 AND d.status = 'ACTIVE' AND position(lower($2::text) IN lower(v.config::text)) > 0
  ORDER BY a.name`;
