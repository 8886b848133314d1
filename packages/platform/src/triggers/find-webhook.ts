import { HeddleError, type AgentDocument, type AgentNode } from "@heddle/schema";
import { notFound } from "../access/access.ts";

/** The webhook triggers of a document that stand at a path. */
export function webhooksAt(document: AgentDocument, path: string): AgentNode[] {
  return document.nodes.filter((node) => node.type === "webhook-trigger" && node.isDisabled !== true && pathOf(node) === path);
}

/**
 * The first of them that takes a method.
 * @throws HeddleError not_found where there is none at all; method_not_allowed with `details.allow`, the methods that are taken
 */
export function webhookFor(webhooks: AgentNode[], method: string): AgentNode {
  const found = webhooks.find((node) => methodsOf(node).includes(method));
  if (found) return found;
  // Whether there is a deployment without a webhook is nobody's business outside.
  if (webhooks.length === 0) throw notFound("deployment");
  const allow = METHODS.filter((candidate) => webhooks.some((node) => methodsOf(node).includes(candidate)));
  throw new HeddleError("method_not_allowed", `This webhook takes ${allow.join(", ")}.`, { details: { allow } });
}

const METHODS: readonly string[] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/** The methods that a webhook trigger takes. */
export function methodsOf({ params }: AgentNode): readonly string[] {
  const { method = "POST", methods } = params;
  if (method === "any") return METHODS;
  return method === "several" ? (Array.isArray(methods) ? methods.map(String) : []) : [String(method)];
}

/** Its place below the deployment's address, without slashes around it; empty at the address itself. */
export function pathOf({ params }: AgentNode): string {
  return typeof params["path"] === "string" ? params["path"] : "";
}
