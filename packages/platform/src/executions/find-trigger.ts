import type { AgentDocument, AgentNode, ExecutionResource } from "@heddle/schema";

/** The trigger by which a run comes in: the first that is switched on and fits. Calls never come in by a webhook's. */
export function findTrigger(document: AgentDocument, kind: ExecutionResource["trigger"] | string): AgentNode | undefined {
  const triggers = document.nodes.filter((node) => node.type.endsWith("-trigger") && node.isDisabled !== true);
  return triggers.find((node) => (node.type === "webhook-trigger") === (kind === "webhook"));
}
