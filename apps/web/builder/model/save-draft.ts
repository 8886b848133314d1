import type { AgentDocument } from "@heddle/schema";
import { isSameJson } from "./is-same-json.ts";

export interface DraftServer {
  update: (config: AgentDocument, revision: number) => Promise<number>;
  /** What is saved just now. */
  read: () => Promise<{ config: AgentDocument; revision: number }>;
  isConflict: (error: unknown) => boolean;
  /** Whether the save may have been carried out although no answer came. */
  isUncertain: (error: unknown) => boolean;
}

/**
 * Makes the function that saves a draft. When an answer was lost on the way, the next save meets a revision that is our
 * own: that is no conflict with anybody, and saving goes on from it. Every other conflict is thrown.
 */
export function createDraftSaver(server: DraftServer): (draft: AgentDocument, revision: number) => Promise<number> {
  let unanswered: AgentDocument | undefined;
  const update = async (draft: AgentDocument, revision: number) => {
    try {
      const next = await server.update(draft, revision);
      unanswered = undefined;
      return next;
    } catch (error) {
      if (server.isUncertain(error)) unanswered = draft;
      throw error;
    }
  };
  return async (draft, revision) => {
    try {
      return await update(draft, revision);
    } catch (error) {
      if (!server.isConflict(error)) throw error;
      const saved = await server.read();
      if (isSameJson(saved.config, draft)) return saved.revision;
      if (unanswered === undefined || !isSameJson(saved.config, unanswered)) throw error;
      return update(draft, saved.revision);
    }
  };
}
