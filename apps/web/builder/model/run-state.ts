import type { ErrorInfo, Json, RunEvent, StepRecord } from "@heddle/schema";

/** Why a run ended early. */
export interface RunFailure {
  code: string;
  detail: string;
  hint?: string | undefined;
}

/** How a node stands in the run that is shown. */
export interface NodeRun {
  status: "running" | "completed" | "failed" | "skipped" | "retrying";
  durationMs: number | undefined;
  tokens: number;
  /** Runs of the node so far: more than one in loops and for tools. */
  runs: number;
  error?: ErrorInfo;
}

/** One line of the trace. */
export interface RunStep {
  key: string;
  nodeId: string;
  status: NodeRun["status"];
  startedAt: number;
  durationMs: number | undefined;
  tokens: number;
  attempts: number;
  text: string;
  output?: Json;
  ports: string[];
  error?: ErrorInfo;
}

/** A test run as the builder shows it, built up from what the server sends. */
export interface RunState {
  status: "starting" | "running" | "completed" | "failed" | "cancelled";
  executionId: string | undefined;
  /** Whether the connection is lost just now; the run goes on. */
  isReconnecting: boolean;
  startedAt: number;
  durationMs: number | undefined;
  tokens: number;
  steps: RunStep[];
  nodes: Record<string, NodeRun>;
  /** Text that has been streamed since the run began, by the step that writes now. */
  streamed: { key: string; text: string } | undefined;
  output: Json | undefined;
  problem: RunFailure | undefined;
}

export function startedRun(startedAt: number): RunState {
  return {
    status: "starting",
    executionId: undefined,
    isReconnecting: false,
    startedAt,
    durationMs: undefined,
    tokens: 0,
    steps: [],
    nodes: {},
    streamed: undefined,
    output: undefined,
    problem: undefined,
  };
}

/** The run after one more event. */
export function afterEvent(run: RunState, event: RunEvent): RunState {
  switch (event.type) {
    case "run.started":
      return { ...run, status: "running", startedAt: event.at };
    case "step.started":
      return withStep(
        { ...withoutText(run, event.key), status: "running" },
        {
          key: event.key,
          nodeId: event.nodeId,
          status: "running",
          startedAt: event.at,
          durationMs: undefined,
          tokens: 0,
          attempts: 1,
          text: "",
          ports: [],
        },
      );
    case "step.delta": {
      const before = run.streamed?.key === event.key ? run.streamed.text : "";
      const streamed = { key: event.key, text: before + event.text };
      const step = run.steps.find((candidate) => candidate.key === event.key);
      return step === undefined ? { ...run, streamed } : { ...withStep(run, { ...step, text: step.text + event.text }), streamed };
    }
    case "step.retrying": {
      const step = run.steps.find((candidate) => candidate.key === event.key);
      return step === undefined
        ? run
        : withStep(withoutText(run, event.key), { ...step, status: "retrying", attempts: event.attempt, error: event.error, text: "" });
    }
    case "step.completed":
    case "step.failed":
      return withStep(
        run,
        recorded(
          event.step,
          run.steps.find((candidate) => candidate.key === event.key),
        ),
      );
    case "step.skipped":
      return { ...run, nodes: { ...run.nodes, [event.nodeId]: { status: "skipped", durationMs: undefined, tokens: 0, runs: 0 } } };
    // Neither changes what is shown of the steps.
    case "step.progress":
    case "step.waiting":
    case "run.waiting":
      return run;
    case "run.finished": {
      const { outcome } = event;
      return {
        ...run,
        status: outcome.status,
        durationMs: outcome.durationMs,
        tokens: outcome.usage.inputTokens + outcome.usage.outputTokens,
        output: outcome.status === "completed" ? outcome.output : run.output,
        problem: outcome.status === "completed" ? undefined : problemOf(outcome.error),
      };
    }
  }
}

/** The run after its stream has ended with an error, or broke off. */
export function afterProblem(run: RunState, problem: RunFailure): RunState {
  const nodes = Object.fromEntries(
    Object.entries(run.nodes).map(([id, node]) => [
      id,
      node.status === "running" || node.status === "retrying" ? { ...node, status: "skipped" as const } : node,
    ]),
  );
  return {
    ...run,
    nodes,
    status: problem.code === "run_cancelled" ? "cancelled" : "failed",
    isReconnecting: false,
    problem: run.problem ?? problem,
  };
}

export function isUnderWay(run: RunState | undefined): boolean {
  return run?.status === "starting" || run?.status === "running";
}

/** What a chat shows of an output: its text, or the field that holds it. */
export function answerText(output: Json | undefined): string | undefined {
  if (typeof output === "string") return output;
  if (typeof output !== "object" || output === null || Array.isArray(output)) return undefined;
  for (const name of ["answer", "text", "message"]) {
    const value = output[name];
    if (typeof value === "string" && value !== "") return value;
  }
  return undefined;
}

/** The run without what a step has written that begins anew, after a failure or at another process. */
function withoutText(run: RunState, key: string): RunState {
  return run.streamed?.key === key ? { ...run, streamed: undefined } : run;
}

function recorded(step: StepRecord, before: RunStep | undefined): RunStep {
  const tokens = (step.modelCalls ?? []).reduce((sum, call) => sum + call.usage.inputTokens + call.usage.outputTokens, 0);
  return {
    key: step.key,
    nodeId: step.nodeId,
    status: step.status,
    startedAt: step.startedAt,
    durationMs: step.durationMs,
    tokens,
    attempts: step.attempts,
    text: before?.text ?? "",
    ...(step.output === undefined ? {} : { output: step.output }),
    ports: step.ports,
    ...(step.status === "failed" ? { error: step.error } : {}),
  };
}

function withStep(run: RunState, step: RunStep): RunState {
  const index = run.steps.findIndex((candidate) => candidate.key === step.key);
  const steps = index === -1 ? [...run.steps, step] : run.steps.with(index, step);
  return { ...run, steps, nodes: { ...run.nodes, [step.nodeId]: nodeRun(steps, step.nodeId) } };
}

/** A node's own steps; what it does inside itself (`answer#/call:0`) belongs to it as well, but is not a run of its own. */
function nodeRun(steps: readonly RunStep[], nodeId: string): NodeRun {
  const own = steps.filter((step) => step.nodeId === nodeId);
  const outer = own.filter((step) => !step.key.includes("/"));
  const runs = outer.length > 0 ? outer : own;
  const last = runs.at(-1);
  return {
    status: runs.find((step) => step.status === "running" || step.status === "retrying")?.status ?? last?.status ?? "running",
    durationMs: runs.some((step) => step.durationMs === undefined)
      ? undefined
      : runs.reduce((sum, step) => sum + (step.durationMs ?? 0), 0),
    tokens: own.reduce((sum, step) => sum + step.tokens, 0),
    runs: runs.length,
    ...(last?.error === undefined ? {} : { error: last.error }),
  };
}

function problemOf(error: ErrorInfo): RunFailure {
  return { code: error.code, detail: error.message, ...(error.hint === undefined ? {} : { hint: error.hint }) };
}
