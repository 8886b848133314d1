import type { Database } from "@heddle/db";
import type { WebhookAddress } from "@heddle/schema";
import { notFound, type Access } from "../access/access.ts";
import type { Actor } from "../access/actor.ts";
import { readStoredDocument } from "../agents/agent-resource.ts";
import { methodsOf, pathOf } from "./find-webhook.ts";

export interface WebhookAddressesOptions {
  db: Database;
  access: Access;
  publicUrl: string;
}

/** Where other services send their events. */
export interface WebhookAddresses {
  /** The webhooks of what is deployed now. @throws HeddleError not_found */
  list(actor: Actor, deploymentId: string): Promise<{ items: WebhookAddress[] }>;
}

export function createWebhookAddresses({ db, access, publicUrl }: WebhookAddressesOptions): WebhookAddresses {
  return {
    list: async (actor, deploymentId) => {
      const { workspaceId } = await access.authorizeResource(actor, "deployment", deploymentId, "read");
      const row = await db
        .prismaFor(workspaceId)
        .deployment.findUnique({ where: { id: deploymentId }, select: { agentVersion: { select: { config: true } } } });
      if (!row) throw notFound("deployment");
      const webhooks = readStoredDocument(row.agentVersion.config).nodes.filter(
        (node) => node.type === "webhook-trigger" && node.isDisabled !== true,
      );
      return {
        items: webhooks.map((node) => {
          const path = pathOf(node);
          const { verification = "signature" } = node.params;
          return {
            nodeId: node.id,
            name: node.name,
            url: `${publicUrl}/api/hooks/${deploymentId}${path === "" ? "" : `/${path}`}`,
            methods: [...methodsOf(node)],
            verification: String(verification),
          };
        }),
      };
    },
  };
}
