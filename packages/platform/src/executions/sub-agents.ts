import type { Database } from "@heddle/db";
import type { AgentPort } from "@heddle/runtime";
import { HeddleError } from "@heddle/schema";
import type { PublishedAgents } from "../dispatch/published-agents.ts";

/** The agents of a workspace that run inside other runs: in the version that is deployed when they begin. */
export function createSubAgents({
  db,
  published,
  workspaceId,
}: {
  db: Database;
  published: PublishedAgents;
  workspaceId: string;
}): AgentPort {
  return {
    load: async (agentId, version) => {
      const chosen = version ?? (await deployedVersion(db, workspaceId, agentId));
      const { compiled } = await published.get(workspaceId, agentId, chosen);
      return { agent: compiled, version: chosen };
    },
  };
}

async function deployedVersion(db: Database, workspaceId: string, agentId: string): Promise<number> {
  const { rows } = await db.withWorkspace(workspaceId, (client) =>
    client.query<{ version: number }>(
      "SELECT version FROM deployments WHERE workspace_id = $1 AND agent_id::text = $2 AND status = 'ACTIVE' ORDER BY id LIMIT 1",
      [workspaceId, agentId],
    ),
  );
  const [deployment] = rows;
  if (deployment) return deployment.version;
  throw new HeddleError("not_found", "The agent that this node runs is not deployed, or is gone.", {
    hint: "Deploy it, or choose another agent in the node's settings.",
  });
}
