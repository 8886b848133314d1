import type { Arrival, AttachedNode, NodeDefinition, NodeHandler, RunFacts, StepContext, StepResult, StepServices } from "@heddle/node-kit";
import { HeddleError, type Json, type ModelCall, type WaitRequest, type WaitResolution } from "@heddle/schema";
import type { z } from "zod";

/** What a test says about the step that it runs; all else is ordinary. */
export interface NodeRunOptions {
  /** As they are after expressions were evaluated, before the definition's schema. */
  params?: Record<string, unknown>;
  input?: Json;
  /** On the port `in`; the values of nodes called `before`, `before2` … when no whole arrivals are given. */
  arrived?: Json[];
  arrivals?: Record<string, Arrival[]>;
  attachments?: Record<string, AttachedNode[]>;
  services?: { [Port in keyof StepServices]?: Partial<StepServices[Port]> };
  run?: Partial<RunFacts>;
  signal?: AbortSignal;
  /** Whether somebody watches the run; they do by default. */
  isWatched?: boolean;
  /** Values of `once` that an earlier try has recorded; new ones are added. */
  recorded?: Map<string, Json>;
  /** The run's shared state. */
  state?: Record<string, Json>;
  /** How the step's wait ends; a test that does not say gets an error. */
  resolution?: WaitResolution;
}

/** What a step did besides its result. */
export interface NodeRun extends StepResult {
  streamed: string[];
  modelCalls: ModelCall[];
  /** Values that `once` has recorded, by name. */
  recorded: Map<string, Json>;
  /** What the step waited for. */
  waits: WaitRequest[];
}

/** Runs a node's handler as the runtime would: params are validated, ports that the test did not give fail by name. */
export async function runNode<P extends z.ZodObject>(
  definition: NodeDefinition<P>,
  handler: NodeHandler,
  options: NodeRunOptions = {},
): Promise<NodeRun> {
  const parsed = definition.params.safeParse(options.params ?? {});
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new HeddleError("param_invalid", issue?.message ?? "invalid", { details: { field: issue?.path.join(".") } });
  }
  const run = {
    streamed: [] as string[],
    modelCalls: [] as ModelCall[],
    recorded: options.recorded ?? new Map<string, Json>(),
    waits: [] as WaitRequest[],
  };
  const context: StepContext = {
    params: parsed.data,
    arrivals: options.arrivals ?? {
      in: (options.arrived ?? []).map((value, index) => ({ nodeId: index === 0 ? "before" : `before${index + 1}`, port: "out", value })),
    },
    input: options.input ?? null,
    run: { executionId: "run-1", agentId: "agent-1", workspaceId: "workspace-1", startedAt: 0, isDeployed: false, ...options.run },
    attachments: options.attachments ?? {},
    signal: options.signal ?? new AbortController().signal,
    idempotencyKey: "run-1:node#",
    services: servicesWith(options.services ?? {}),
    isWatched: options.isWatched ?? true,
    stream: (text) => run.streamed.push(text),
    // As the runtime does: a call that is recorded is counted once.
    recordModelCall: (call) => void (run.modelCalls.includes(call) || run.modelCalls.push(call)),
    once: async (name, perform) => {
      if (!run.recorded.has(name)) run.recorded.set(name, await perform());
      return run.recorded.get(name) as Awaited<ReturnType<typeof perform>>;
    },
    state: options.state ?? {},
    wait: async (request) => {
      run.waits.push(request);
      if (options.resolution === undefined) throw new Error("The test does not say how the wait ends.");
      return options.resolution;
    },
  };
  return { ...(await handler.run(context)), ...run };
}

/** Ports with the given parts; touching any other part throws and says which. */
function servicesWith(given: NonNullable<NodeRunOptions["services"]>): StepServices {
  const port = (name: string): unknown =>
    new Proxy((given as Record<string, object | undefined>)[name] ?? {}, {
      get: (target, property) => {
        if (property in target) return Reflect.get(target, property);
        throw new Error(`The test gave no services.${name}.${String(property)}.`);
      },
    });
  return new Proxy({}, { get: (_target, name) => port(String(name)) }) as StepServices;
}
