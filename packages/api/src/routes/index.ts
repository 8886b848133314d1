import type { Route } from "../http/route.ts";
import { createAgent } from "./agents/create-agent.ts";
import { deleteAgent } from "./agents/delete-agent.ts";
import { deployAgent } from "./agents/deploy-agent.ts";
import { duplicateAgent } from "./agents/duplicate-agent.ts";
import { getAgent } from "./agents/get-agent.ts";
import { getAgentMetrics } from "./agents/get-agent-metrics.ts";
import { listAgentExecutions } from "./agents/list-agent-executions.ts";
import { listAgents } from "./agents/list-agents.ts";
import { listVersions } from "./agents/list-versions.ts";
import { rollbackAgent } from "./agents/rollback-agent.ts";
import { testAgent } from "./agents/test-agent.ts";
import { updateAgent } from "./agents/update-agent.ts";
import { watchAgent } from "./agents/watch-agent.ts";
import { createApiKey } from "./api-keys/create-api-key.ts";
import { listApiKeys } from "./api-keys/list-api-keys.ts";
import { revokeApiKey } from "./api-keys/revoke-api-key.ts";
import { updateApiKey } from "./api-keys/update-api-key.ts";
import { listAuditEvents } from "./audit/list-audit-events.ts";
import { finishProvider } from "./auth/finish-provider.ts";
import { forgotPassword } from "./auth/forgot-password.ts";
import { login } from "./auth/login.ts";
import { logout } from "./auth/logout.ts";
import { methods } from "./auth/methods.ts";
import { register } from "./auth/register.ts";
import { resetPassword } from "./auth/reset-password.ts";
import { startProvider } from "./auth/start-provider.ts";
import { createCredential } from "./credentials/create-credential.ts";
import { deleteCredential } from "./credentials/delete-credential.ts";
import { listCredentialTypes } from "./credentials/list-credential-types.ts";
import { listCredentials } from "./credentials/list-credentials.ts";
import { updateCredential } from "./credentials/update-credential.ts";
import { createDataset } from "./datasets/create-dataset.ts";
import { deleteDataset } from "./datasets/delete-dataset.ts";
import { getDataset } from "./datasets/get-dataset.ts";
import { listDatasets } from "./datasets/list-datasets.ts";
import { listRows } from "./datasets/list-rows.ts";
import { renameDataset } from "./datasets/rename-dataset.ts";
import { retrainDataset } from "./datasets/retrain-dataset.ts";
import { executeDeployment } from "./deployments/execute-deployment.ts";
import { getDeploymentMetrics } from "./deployments/get-deployment-metrics.ts";
import { getDeployment } from "./deployments/get-deployment.ts";
import { listDeployments } from "./deployments/list-deployments.ts";
import { updateDeployment } from "./deployments/update-deployment.ts";
import { cancelExecution } from "./executions/cancel-execution.ts";
import { getExecution } from "./executions/get-execution.ts";
import { getTrace } from "./executions/get-trace.ts";
import { getValueFile } from "./executions/get-value-file.ts";
import { listExecutions } from "./executions/list-executions.ts";
import { watchExecution } from "./executions/watch-execution.ts";
import { listWebhookAddresses } from "./hooks/list-webhook-addresses.ts";
import { receiveWebhookRoutes } from "./hooks/receive-webhook.ts";
import { addDocuments } from "./knowledge/add-documents.ts";
import { createKnowledgeBase } from "./knowledge/create-knowledge-base.ts";
import { deleteDocument } from "./knowledge/delete-document.ts";
import { deleteKnowledgeBase } from "./knowledge/delete-knowledge-base.ts";
import { getKnowledgeBase } from "./knowledge/get-knowledge-base.ts";
import { listDocuments } from "./knowledge/list-documents.ts";
import { listKnowledgeBases } from "./knowledge/list-knowledge-bases.ts";
import { renameKnowledgeBase } from "./knowledge/rename-knowledge-base.ts";
import { searchKnowledge } from "./knowledge/search-knowledge.ts";
import { getAgentLimits } from "./limits/get-agent-limits.ts";
import { getLimits } from "./limits/get-limits.ts";
import { getUsage } from "./limits/get-usage.ts";
import { updateAgentLimits } from "./limits/update-agent-limits.ts";
import { updateLimits } from "./limits/update-limits.ts";
import { acceptInvitation } from "./members/accept-invitation.ts";
import { inviteMember } from "./members/invite-member.ts";
import { listInvitations } from "./members/list-invitations.ts";
import { listMembers } from "./members/list-members.ts";
import { previewInvitation } from "./members/preview-invitation.ts";
import { removeMember } from "./members/remove-member.ts";
import { revokeInvitation } from "./members/revoke-invitation.ts";
import { updateMember } from "./members/update-member.ts";
import { listConnections } from "./models/list-connections.ts";
import { discardDeadLetter } from "./dead-letters/discard-dead-letter.ts";
import { getDeadLetter } from "./dead-letters/get-dead-letter.ts";
import { listDeadLetters } from "./dead-letters/list-dead-letters.ts";
import { redriveAllDeadLetters } from "./dead-letters/redrive-all-dead-letters.ts";
import { redriveDeadLetter } from "./dead-letters/redrive-dead-letter.ts";
import { listDeploymentSchedules } from "./schedules/list-deployment-schedules.ts";
import { listSchedules } from "./schedules/list-schedules.ts";
import { runSchedule } from "./schedules/run-schedule.ts";
import { updateSchedule } from "./schedules/update-schedule.ts";
import { health } from "./system/health.ts";
import { metrics } from "./system/metrics.ts";
import { openapi } from "./system/openapi.ts";
import { ready } from "./system/ready.ts";
import { getTemplate } from "./templates/get-template.ts";
import { listTemplates } from "./templates/list-templates.ts";
import { decideApproval } from "./waits/decide-approval.ts";
import { listApprovals } from "./waits/list-approvals.ts";
import { listWaits } from "./waits/list-waits.ts";
import { receiveWait } from "./waits/receive-wait.ts";
import { createWebhook } from "./webhooks/create-webhook.ts";
import { deleteWebhook } from "./webhooks/delete-webhook.ts";
import { getWebhookDelivery } from "./webhooks/get-webhook-delivery.ts";
import { getWebhookSecret } from "./webhooks/get-webhook-secret.ts";
import { getWebhook } from "./webhooks/get-webhook.ts";
import { listWebhookDeliveries } from "./webhooks/list-webhook-deliveries.ts";
import { listWebhooks } from "./webhooks/list-webhooks.ts";
import { redriveWebhookDelivery } from "./webhooks/redrive-webhook-delivery.ts";
import { redriveWebhook } from "./webhooks/redrive-webhook.ts";
import { rotateWebhookSecret } from "./webhooks/rotate-webhook-secret.ts";
import { testWebhook } from "./webhooks/test-webhook.ts";
import { updateWebhook } from "./webhooks/update-webhook.ts";
import { createWorkspace } from "./workspaces/create-workspace.ts";
import { deleteWorkspace } from "./workspaces/delete-workspace.ts";
import { getWorkspace } from "./workspaces/get-workspace.ts";
import { listWorkspaces } from "./workspaces/list-workspaces.ts";
import { updateWorkspace } from "./workspaces/update-workspace.ts";

/** Every REST route: the one list that routing, the OpenAPI document and the security tests are made from. */
export const routes: readonly Route[] = [
  createAgent,
  deleteAgent,
  deployAgent,
  duplicateAgent,
  getAgent,
  getAgentMetrics,
  listAgentExecutions,
  listAgents,
  listVersions,
  rollbackAgent,
  testAgent,
  updateAgent,
  watchAgent,
  createApiKey,
  updateApiKey,
  listApiKeys,
  revokeApiKey,
  listAuditEvents,
  finishProvider,
  forgotPassword,
  login,
  logout,
  methods,
  register,
  resetPassword,
  startProvider,
  createCredential,
  deleteCredential,
  listCredentialTypes,
  listCredentials,
  updateCredential,
  createDataset,
  deleteDataset,
  getDataset,
  listDatasets,
  listRows,
  renameDataset,
  retrainDataset,
  executeDeployment,
  getDeploymentMetrics,
  getDeployment,
  listDeployments,
  updateDeployment,
  cancelExecution,
  getExecution,
  getTrace,
  getValueFile,
  listExecutions,
  watchExecution,
  listWebhookAddresses,
  ...receiveWebhookRoutes,
  addDocuments,
  createKnowledgeBase,
  deleteDocument,
  deleteKnowledgeBase,
  getKnowledgeBase,
  listDocuments,
  listKnowledgeBases,
  renameKnowledgeBase,
  searchKnowledge,
  getLimits,
  updateLimits,
  getUsage,
  getAgentLimits,
  updateAgentLimits,
  acceptInvitation,
  inviteMember,
  listInvitations,
  listMembers,
  previewInvitation,
  removeMember,
  revokeInvitation,
  updateMember,
  listConnections,
  discardDeadLetter,
  getDeadLetter,
  listDeadLetters,
  redriveAllDeadLetters,
  redriveDeadLetter,
  listDeploymentSchedules,
  listSchedules,
  runSchedule,
  updateSchedule,
  health,
  metrics,
  openapi,
  ready,
  getTemplate,
  listTemplates,
  decideApproval,
  listApprovals,
  listWaits,
  receiveWait,
  createWebhook,
  deleteWebhook,
  getWebhookDelivery,
  getWebhookSecret,
  getWebhook,
  listWebhookDeliveries,
  listWebhooks,
  redriveWebhookDelivery,
  redriveWebhook,
  rotateWebhookSecret,
  testWebhook,
  updateWebhook,
  createWorkspace,
  deleteWorkspace,
  getWorkspace,
  listWorkspaces,
  updateWorkspace,
];
