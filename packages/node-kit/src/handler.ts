import type { ErrorInfo, Json, ModelCall, StateUpdate, WaitRequest, WaitResolution } from "@heddle/schema";
import type { z } from "zod";
import type { NodeDefinition } from "./definition.ts";
import type { ChatTool, StepServices } from "./services.ts";

/** Facts about the run that every step may read. */
export interface RunFacts {
  executionId: string;
  agentId: string;
  workspaceId: string;
  conversationId?: string;
  /** ms since the epoch */
  startedAt: number;
  /** False in test runs of a draft. */
  isDeployed: boolean;
}

/** What arrived over one flow edge. */
export interface Arrival {
  nodeId: string;
  port: string;
  value: Json;
}

/** A node lent to this one. */
export interface AttachedNode {
  nodeId: string;
  type: string;
  name: string;
  /** Evaluated without `args`; a tool's params are evaluated anew for each call. */
  params: Record<string, unknown>;
  /** Set on nodes attached as tools. */
  tool?: ChatTool & {
    /** Runs the node as a journaled sub-step. Failures come back as errors for the model to read. */
    call: (args: Json, key: string) => Promise<{ output: Json } | { error: ErrorInfo }>;
  };
}

/** What a handler gets: its evaluated and validated params, what arrived, what is attached, and the ports. */
export interface StepContext<P = Record<string, unknown>> {
  params: P;
  /** What arrived on each input port, in order of arrival. Empty for triggers. */
  arrivals: Record<string, Arrival[]>;
  /** The run's input. */
  input: Json;
  run: RunFacts;
  /** Attached nodes by slot. */
  attachments: Record<string, AttachedNode[]>;
  /** Aborted on cancel, on the step's time limit, and when the run ends. */
  signal: AbortSignal;
  /** `executionId:stepKey`, the same on every try and after a resume. Send it with every external effect. */
  idempotencyKey: string;
  services: StepServices;
  /** Whether anybody watches the run. Where nobody does, a whole answer costs less than a streamed one. */
  isWatched: boolean;
  /** Sends a piece of partial output to whoever watches the run. */
  stream: (text: string) => void;
  /**
   * Records a model call for usage and cost, and enforces the token limit. Call it outside `once`, with what `once`
   * returned: then a call made before a crash still counts after the resume, and none counts twice.
   * @throws HeddleError token_limit
   */
  recordModelCall: (call: ModelCall) => void;
  /** Does a part of the step at most once across resumes: a recorded value is returned without doing it again. */
  once: <T extends Json>(name: string, perform: () => Promise<T>) => Promise<T>;
  /** The run's shared state, as it was when the step's turn came. Change it by `StepResult.state`. */
  readonly state: Readonly<Record<string, Json>>;
  /**
   * Waits for a time, a request or a person, maybe for days: the run is then put away, and the handler runs again from its
   * start when the wait has ended. A step waits once; what it asked for the first time stays, so `dueAt` may be counted
   * from now. The step's time limit rests meanwhile.
   */
  wait: (request: WaitRequest) => Promise<WaitResolution>;
}

export interface StepResult {
  output: Json;
  /** The output ports to leave by; all when absent. */
  ports?: string[];
  /** Updates of the run's shared state; see the document's `state`. */
  state?: StateUpdate[];
}

/** Runs one node. Throws HeddleError; whether it is tried again follows from the error and the node's retry policy. */
export interface NodeHandler<P = Record<string, unknown>> {
  run(context: StepContext<P>): Promise<StepResult> | StepResult;
}

/** Declares the handler of a definition; its params are typed by the definition's schema. */
export function defineHandler<P extends z.ZodObject>(_definition: NodeDefinition<P>, handler: NodeHandler<z.output<P>>): NodeHandler {
  return handler as NodeHandler;
}

/** Loads handlers lazily by node type; undefined for types that have none. */
export type HandlerRegistry = (type: string) => Promise<NodeHandler | undefined>;
