import type { AgentDocument, AgentNode } from "@heddle/schema";

/** Kinds of runs that come in by a trigger of their own. Calls, chats and tests come in by any other. */
const OWN_TRIGGERS: Readonly<Record<string, string>> = {
  webhook: "webhook-trigger",
  schedule: "schedule-trigger",
  error: "error-trigger",
};
const OWNED = new Set(Object.values(OWN_TRIGGERS));

/**
 * The trigger by which a run comes in: the one that is named, or the first that is switched on and fits. A document whose
 * triggers fit no call at all is tested by its first.
 */
export function findTrigger(document: AgentDocument, kind: string, nodeId?: string | null): AgentNode | undefined {
  const triggers = document.nodes.filter((node) => node.type.endsWith("-trigger") && node.isDisabled !== true);
  const named = nodeId ? triggers.find((node) => node.id === nodeId) : undefined;
  if (named) return named;
  const own = OWN_TRIGGERS[kind];
  const fitting = triggers.find((node) => (own === undefined ? !OWNED.has(node.type) : node.type === own));
  return fitting ?? (kind === "test" ? triggers[0] : undefined);
}
