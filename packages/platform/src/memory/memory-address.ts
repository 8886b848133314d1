import type { MemoryScope, RunFacts } from "@heddle/node-kit";
import { HeddleError } from "@heddle/schema";

const MAX_KEY_LENGTH = 512;

/** Scope, owner and key as stored. Conversations are named by callers, so they belong to their agent. @throws HeddleError param_invalid, input_invalid */
export function memoryAddress(run: RunFacts, scope: MemoryScope, key: string): [scope: string, owner: string, key: string] {
  if (key.length === 0 || key.length > MAX_KEY_LENGTH || key.includes("\u0000")) {
    throw new HeddleError("param_invalid", `A key has 1 to ${MAX_KEY_LENGTH} characters.`);
  }
  return [scope, memoryOwner(run, scope), key];
}

/** Who remembers, within the workspace. @throws HeddleError input_invalid for a conversation where there is none */
export function memoryOwner(run: RunFacts, scope: MemoryScope): string {
  if (scope === "workspace") return "";
  if (scope === "agent") return run.agentId;
  if (scope === "execution") return run.executionId;
  if (run.conversationId !== undefined) return `${run.agentId}/${run.conversationId}`;
  throw new HeddleError("input_invalid", "This run belongs to no conversation, so nothing can be remembered for one.", {
    hint: "Send a conversationId with the request, or choose another scope.",
  });
}
