import type { Json } from "@heddle/schema";
import type { Scope } from "./compile-params.ts";
import type { CompiledAgent, CompiledNode } from "./compiled-agent.ts";
import type { ArrivalsByPort } from "./step-context.ts";
import type { StepRun } from "./step-run.ts";

/**
 * The state of all nodes for one iteration path. A run has one frame, with the empty path; what repeats a part of the
 * document (a loop, a map) gives each round a frame of its own.
 */
export class Frame {
  /** What step keys carry after `#`: empty, `3`, `3.0` … */
  readonly path: string;
  /** By {@link CompiledNode.index}. */
  readonly states: NodeState[];
  readonly scope: Scope;

  constructor(agent: CompiledAgent, path: string, scope: Scope) {
    this.path = path;
    this.scope = scope;
    this.states = agent.nodes.map((node) => ({
      status: "waiting",
      unresolved: node.incoming.length,
      arrivals: undefined,
      step: undefined,
    }));
  }

  state(node: CompiledNode): NodeState {
    const state = this.states[node.index];
    if (state === undefined) throw new RangeError(`${node.id} is not scheduled`);
    return state;
  }

  keyOf(node: CompiledNode): string {
    return `${node.id}#${this.path}`;
  }

  /** Makes a finished node visible to expressions. */
  publish(node: CompiledNode, result: { output?: Json; error?: unknown }): void {
    this.scope[node.id] = result;
  }
}

export interface NodeState {
  /** `abandoned`: a `first` merge went on without it. */
  status: "waiting" | "ready" | "running" | "done" | "skipped" | "abandoned";
  /** Incoming edges of which it is not known yet whether a value will come. */
  unresolved: number;
  arrivals: ArrivalsByPort | undefined;
  step: StepRun | undefined;
}
