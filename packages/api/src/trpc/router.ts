import { router } from "./base.ts";
import { accountRouter } from "./routers/account.ts";
import { agentRouter } from "./routers/agent.ts";
import { datasetRouter } from "./routers/dataset.ts";
import { deploymentRouter } from "./routers/deployment.ts";
import { executionRouter } from "./routers/execution.ts";
import { knowledgeRouter } from "./routers/knowledge.ts";
import { modelRouter } from "./routers/model.ts";
import { templateRouter } from "./routers/template.ts";

/** Everything that the pages call. */
export const appRouter = router({
  account: accountRouter,
  agent: agentRouter,
  dataset: datasetRouter,
  deployment: deploymentRouter,
  execution: executionRouter,
  knowledge: knowledgeRouter,
  model: modelRouter,
  template: templateRouter,
});
export type AppRouter = typeof appRouter;
