import type { ErrorInfo, Json, PendingWait, RunEvent, StepRecord } from "@heddle/schema";

/** Why a run ended early. */
export interface RunFailure {
  code: string;
  detail: string;
  hint?: string | undefined;
}

/** How a node stands in the run that is shown. */
export interface NodeRun {
  status: "running" | "completed" | "failed" | "skipped" | "retrying" | "waiting";
  durationMs: number | undefined;
  tokens: number;
  /** Runs of the node so far: more than one in loops and for tools. */
  runs: number;
  /** Runs of it that have not ended. */
  active: number;
  /** Ports by which its last run left. */
  ports: readonly string[];
  /** Rounds of a container, or items of a node that runs per item. `total` where it is known. */
  progress?: { done: number; total?: number };
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
  status: "starting" | "running" | "waiting" | "completed" | "failed" | "cancelled";
  executionId: string | undefined;
  /** Whether the connection is lost just now; the run goes on. */
  isReconnecting: boolean;
  startedAt: number;
  durationMs: number | undefined;
  tokens: number;
  steps: readonly RunStep[];
  /** Places in `steps` by key: a loop has many thousands. */
  placeOf: ReadonlyMap<string, number>;
  nodes: Readonly<Record<string, NodeRun>>;
  /** What the run waits for while it is put away. */
  waits: readonly PendingWait[];
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
    placeOf: new Map(),
    nodes: {},
    waits: [],
    streamed: undefined,
    output: undefined,
    problem: undefined,
  };
}

/** The run after one more event. */
export function afterEvent(run: RunState, event: RunEvent): RunState {
  return afterEvents(run, [event]);
}

/** A run that is being brought up to date: its own lists, which may be written to. */
interface Draft extends RunState {
  steps: RunStep[];
  placeOf: Map<string, number>;
  nodes: Record<string, NodeRun>;
}

/** The run after more events. They are taken together: a run of many thousand steps is copied once, not for each. */
export function afterEvents(run: RunState, events: readonly RunEvent[]): RunState {
  const draft: Draft = { ...run, steps: [...run.steps], placeOf: new Map(run.placeOf), nodes: { ...run.nodes } };
  for (const event of events) take(draft, event);
  return draft;
}

function take(run: Draft, event: RunEvent): void {
  switch (event.type) {
    case "run.started":
      run.status = "running";
      run.startedAt = event.at;
      return;
    case "step.started":
      forgetText(run, event.key);
      goOn(run);
      write(run, {
        key: event.key,
        nodeId: event.nodeId,
        status: "running",
        startedAt: event.at,
        durationMs: undefined,
        tokens: 0,
        attempts: 1,
        text: "",
        ports: [],
      });
      return;
    case "step.delta": {
      const before = run.streamed?.key === event.key ? run.streamed.text : "";
      run.streamed = { key: event.key, text: before + event.text };
      const step = stepOf(run, event.key);
      if (step !== undefined) write(run, { ...step, text: step.text + event.text });
      return;
    }
    case "step.retrying": {
      const step = stepOf(run, event.key);
      if (step === undefined) return;
      forgetText(run, event.key);
      write(run, { ...step, status: "retrying", attempts: event.attempt, error: event.error, text: "" });
      return;
    }
    case "step.progress": {
      const owner = ownerOf(event);
      const node = owner === undefined ? undefined : run.nodes[owner];
      if (owner === undefined || node === undefined || event.key.includes("/")) return;
      const { done, total } = event;
      run.nodes[owner] = { ...node, progress: { done, ...(total === undefined ? {} : { total }) } };
      return;
    }
    case "step.waiting": {
      const step = stepOf(run, event.key);
      if (step !== undefined) write(run, { ...step, status: "waiting" });
      return;
    }
    case "step.completed":
    case "step.failed":
      goOn(run);
      write(run, recorded(event.step, stepOf(run, event.key)));
      return;
    case "step.skipped":
      run.nodes[event.nodeId] ??= { status: "skipped", durationMs: undefined, tokens: 0, runs: 0, active: 0, ports: [] };
      return;
    case "run.waiting":
      run.status = "waiting";
      run.waits = event.waits;
      return;
    case "run.finished": {
      const { outcome } = event;
      run.status = outcome.status;
      run.waits = [];
      run.durationMs = outcome.durationMs;
      run.tokens = outcome.usage.inputTokens + outcome.usage.outputTokens;
      if (outcome.status === "completed") run.output = outcome.output;
      run.problem = outcome.status === "completed" ? undefined : problemOf(outcome.error);
    }
  }
}

/** A run that waited and in which something happens goes on. */
function goOn(run: Draft): void {
  run.status = "running";
  run.waits = [];
}

/** The run after its stream has ended with an error, or broke off. */
export function afterProblem(run: RunState, problem: RunFailure): RunState {
  const nodes = Object.fromEntries(
    Object.entries(run.nodes).map(([id, node]) => [id, isLive(node.status) ? { ...node, status: "skipped" as const } : node]),
  );
  return {
    ...run,
    nodes,
    waits: [],
    status: problem.code === "run_cancelled" ? "cancelled" : "failed",
    isReconnecting: false,
    problem: run.problem ?? problem,
  };
}

export function isUnderWay(run: RunState | undefined): boolean {
  return run?.status === "starting" || run?.status === "running" || run?.status === "waiting";
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

/** A step that begins anew, after a failure or at another process, has written nothing yet. */
function forgetText(run: Draft, key: string): void {
  if (run.streamed?.key === key) run.streamed = undefined;
}

function stepOf(run: RunState, key: string): RunStep | undefined {
  const place = run.placeOf.get(key);
  return place === undefined ? undefined : run.steps[place];
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

function write(run: Draft, step: RunStep): void {
  const place = run.placeOf.get(step.key);
  const before = place === undefined ? undefined : run.steps[place];
  if (place === undefined) run.placeOf.set(step.key, run.steps.push(step) - 1);
  else run.steps[place] = step;
  const owner = ownerOf(step);
  if (owner === undefined) return;
  const old = run.nodes[owner];
  const node =
    old === undefined || old.status === "skipped" ? { status: step.status, durationMs: 0, tokens: 0, runs: 0, active: 0, ports: [] } : old;
  run.nodes[owner] = afterStep(node, before, step);
}

/**
 * The node of the agent that a step belongs to. What a node does inside itself (`answer#/call:0`) is its own; the steps of
 * an agent that it runs are that node's too, and not of a node here that happens to be called alike.
 */
function ownerOf({ key, nodeId }: { key: string; nodeId: string }): string | undefined {
  return key.includes("/agent/") ? /^[A-Za-z_]\w*/.exec(key)?.[0] : nodeId;
}

/** A node after one of its steps has changed. Parts inside a step cost tokens, and are no run of their own unless they are all there is. */
function afterStep(node: NodeRun, before: RunStep | undefined, step: RunStep): NodeRun {
  const tokens = node.tokens + step.tokens - (before?.tokens ?? 0);
  // A tool is called from inside another step: `answer#/tool:0:lookup`.
  const isOwnRun = !step.key.includes("/") || (!step.key.includes("/agent/") && !step.key.startsWith(`${step.nodeId}#`));
  if (!isOwnRun) return { ...node, tokens };
  const active = node.active + Number(isLive(step.status)) - Number(before !== undefined && isLive(before.status));
  const spent = (node.durationMs ?? 0) + (step.durationMs ?? 0) - (before?.durationMs ?? 0);
  const { error: _old, ...kept } = node;
  return {
    ...kept,
    status: active === 0 ? step.status : liveStatus(node, step),
    durationMs: active > 0 && spent === 0 ? undefined : spent,
    tokens,
    runs: node.runs + Number(before === undefined),
    active,
    ports: isLive(step.status) ? node.ports : step.ports,
    ...(step.error === undefined ? {} : { error: step.error }),
  };
}

function liveStatus(node: NodeRun, step: RunStep): NodeRun["status"] {
  if (isLive(step.status)) return step.status;
  return isLive(node.status) ? node.status : "running";
}

function isLive(status: NodeRun["status"]): boolean {
  return status === "running" || status === "retrying" || status === "waiting";
}

function problemOf(error: ErrorInfo): RunFailure {
  return { code: error.code, detail: error.message, ...(error.hint === undefined ? {} : { hint: error.hint }) };
}
