import { router } from "./base.ts";
import { accountRouter } from "./routers/account.ts";
import { agentRouter } from "./routers/agent.ts";
import { apiKeyRouter } from "./routers/api-key.ts";
import { approvalRouter } from "./routers/approval.ts";
import { auditRouter } from "./routers/audit.ts";
import { credentialRouter } from "./routers/credential.ts";
import { datasetRouter } from "./routers/dataset.ts";
import { deadLetterRouter } from "./routers/dead-letter.ts";
import { deploymentRouter } from "./routers/deployment.ts";
import { executionRouter } from "./routers/execution.ts";
import { knowledgeRouter } from "./routers/knowledge.ts";
import { limitsRouter } from "./routers/limits.ts";
import { memberRouter } from "./routers/member.ts";
import { modelRouter } from "./routers/model.ts";
import { scheduleRouter } from "./routers/schedule.ts";
import { templateRouter } from "./routers/template.ts";
import { webhookRouter } from "./routers/webhook.ts";
import { workspaceRouter } from "./routers/workspace.ts";

/** Everything that the pages call. */
export const appRouter = router({
  account: accountRouter,
  agent: agentRouter,
  apiKey: apiKeyRouter,
  approval: approvalRouter,
  audit: auditRouter,
  credential: credentialRouter,
  dataset: datasetRouter,
  deadLetter: deadLetterRouter,
  deployment: deploymentRouter,
  execution: executionRouter,
  knowledge: knowledgeRouter,
  limits: limitsRouter,
  member: memberRouter,
  model: modelRouter,
  schedule: scheduleRouter,
  template: templateRouter,
  webhook: webhookRouter,
  workspace: workspaceRouter,
});
export type AppRouter = typeof appRouter;
