import { deploymentStatus, type DeploymentResource } from "@heddle/schema";

export interface DeploymentRow {
  id: string;
  agentId: string;
  version: number;
  url: string | null;
  status: string;
  configHash: string;
  deployedAt: Date;
  agent?: { name: string };
}

/** How the API shows a deployment. */
export function toDeploymentResource(row: DeploymentRow, publicUrl: string): DeploymentResource {
  return {
    id: row.id,
    agentId: row.agentId,
    ...(row.agent === undefined ? {} : { agentName: row.agent.name }),
    version: row.version,
    url: row.url ?? `${publicUrl}/api/deployments/${row.id}/execute`,
    status: deploymentStatus.parse(row.status),
    configHash: row.configHash,
    deployedAt: row.deployedAt.toISOString(),
  };
}
