import type { HeddleError, Json, StepRecord } from "@heddle/schema";
import type { InnerRecords } from "./activation.ts";
import type { Scope } from "./compiled-part.ts";
import type { CompiledNode } from "./compiled-agent.ts";
import type { Frame } from "./frame.ts";
import type { StateMark } from "./shared-state.ts";
import type { ArrivalsByPort } from "./step-context.ts";

/** One run of a node: what is needed to start it. */
export interface StepPlan {
  readonly node: CompiledNode;
  readonly key: string;
  /** Where the node, or the one whose tool it is, has its turn. */
  readonly frame: Frame;
  readonly scope: Scope;
  /** The state when the step's turn came; what it reads does not depend on when it gets to it. */
  readonly state: StateMark;
  readonly arrivals: ArrivalsByPort;
  /** Used instead of running the node. */
  readonly pin?: Json | undefined;
  /** `inner` for a tool: its failure is its caller's to handle. */
  readonly kind: "flow" | "inner";
  /** For a tool: what its caller recorded inside itself. */
  readonly records?: InnerRecords;
  /** For a tool: its caller, whose time limit rests while the tool waits. */
  readonly host?: Resting;
  /** Called once the outcome is in the journal, maybe before `start` returns. */
  readonly onEnd: (record: StepRecord) => void;
  /** Called instead of `onEnd` when nobody wants the outcome any more. */
  readonly onAbandon?: (reason: HeddleError) => void;
}

/** A step whose time limit can rest. */
export interface Resting {
  rest(): void;
  wake(): void;
}

/** The scope to evaluate a plan's expressions in now: its state is that of the step's turn. */
export function scopeFor(plan: StepPlan): Scope {
  if (plan.node.readsState) plan.scope.state = plan.state.values;
  return plan.scope;
}
