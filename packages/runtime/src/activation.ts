import type { RunFacts } from "@heddle/node-kit";
import type { Json, StepRecord } from "@heddle/schema";
import { Bag } from "./bag.ts";
import type { Scope } from "./compiled-part.ts";
import type { CompiledAgent } from "./compiled-agent.ts";
import type { Frame } from "./frame.ts";
import type { Resting } from "./step-plan.ts";
import { SharedState } from "./shared-state.ts";

/** One agent at work: the one that the run is of, or another that one of its nodes runs inside it. */
export class Activation {
  readonly agent: CompiledAgent;
  /** What the run was given; once the trigger has looked at it, what the trigger made of it. */
  input: Json;
  readonly facts: RunFacts;
  readonly state: SharedState;
  /** What the keys of its steps begin with: empty for the run's own agent, `ask#/agent/` … */
  readonly keyPrefix: string;
  /** How many agents are around it. */
  readonly depth: number;
  /** Where its steps' records are kept besides the journal, because the step that it belongs to may be tried again. */
  readonly records: InnerRecords | undefined;
  /** The step that called it as a tool. */
  readonly host: Resting | undefined;
  /** The frame at its top; a node that stops the agent ends it. */
  top: Frame | undefined;

  constructor(parts: {
    agent: CompiledAgent;
    input: Json;
    facts: RunFacts;
    maxStateBytes: number;
    keyPrefix?: string;
    depth?: number;
    records?: InnerRecords | undefined;
    host?: Resting | undefined;
  }) {
    this.agent = parts.agent;
    this.input = parts.input;
    this.facts = parts.facts;
    this.state = new SharedState(parts.agent.state, parts.maxStateBytes);
    this.keyPrefix = parts.keyPrefix ?? "";
    this.depth = parts.depth ?? 0;
    this.records = parts.records;
    this.host = parts.host;
  }

  /** A scope with what every node of the agent may read. */
  scope(): Scope {
    const { executionId, startedAt, conversationId } = this.facts;
    const scope = new Bag() as Scope;
    scope.input = this.input;
    scope.variables = this.agent.variables;
    scope.run = { id: executionId, startedAt, conversationId: conversationId ?? null };
    return scope;
  }
}

/** What a step recorded inside itself while it was tried, by key. Gone when the step has ended. */
export type InnerRecords = Map<string, StepRecord>;
