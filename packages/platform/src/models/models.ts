import type { ChatModels } from "@heddle/models";
import type { modelConnection } from "@heddle/schema";
import type { z } from "zod";
import type { Access } from "../access/access.ts";
import type { Actor } from "../access/actor.ts";

export type ModelConnection = z.infer<typeof modelConnection>;

/** What agents of a workspace can think with. */
export interface Models {
  connections(actor: Actor, workspaceId: string): Promise<ModelConnection[]>;
}

export function createModels({ access, modelsOf }: { access: Access; modelsOf: (workspaceId: string) => ChatModels }): Models {
  return {
    connections: async (actor, workspaceId) => {
      await access.authorize(actor, workspaceId, "read");
      return await modelsOf(workspaceId).connections();
    },
  };
}
