import { EXHAUSTED_PORT, type NodeHandler } from "@heddle/node-kit";
import { HeddleError } from "@heddle/schema";
import { JUMP_PORT, type CompiledNode } from "./compiled-agent.ts";
import type { Frame } from "./frame.ts";

const DEFAULT_MAX_JUMPS = 10;

/** Decides whether a go-to goes back once more; the scheduler does what its record says. */
export function gotoHandler(frame: Frame, node: CompiledNode): NodeHandler {
  return {
    run: ({ params, arrivals }) => {
      const output = Object.values(arrivals)[0]?.[0]?.value ?? null;
      const maxJumps = typeof params.maxJumps === "number" ? params.maxJumps : DEFAULT_MAX_JUMPS;
      if ((frame.jumps?.get(node) ?? 0) < maxJumps) return { output, ports: [JUMP_PORT] };
      if (node.outgoing.some((edge) => edge.sourcePort === EXHAUSTED_PORT)) return { output, ports: [EXHAUSTED_PORT] };
      throw new HeddleError("jump_limit", `"${node.name}" may go back ${maxJumps} times and needed to once more.`, {
        details: { maxJumps },
        hint: "Raise its limit, or connect what should happen then.",
      });
    },
  };
}
