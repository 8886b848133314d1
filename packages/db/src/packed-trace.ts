import type { Json, StepRecord } from "@heddle/schema";

/**
 * Steps with what goes without saying left out: half the bytes for the disk, and half the parsing for the database, where
 * a short run is little else than its trace. First the moment the first step began, µs since the epoch.
 */
type PackedTrace = [beganAt: number, ...steps: (PackedStep | StepRecord)[]];

/** Times are whole µs, and count from when the first step began. */
type PackedStep = [key: string, after: number, duration: number, output: Json, ports: string[] | 0, more?: More];

/** A trace as it is kept, be it packed or, from before there was that, not. */
export type Trace = PackedTrace | StepRecord[];

type Completed = Extract<StepRecord, { status: "completed" }>;
/** What only some steps have. */
type More = Pick<Completed, "modelCalls" | "state" | "isEnvelope" | "rounds">;

/** In place of the one port that most nodes have. */
const USUAL_PORT = "out";
const US_PER_MS = 1_000;

/** A run's steps as JSON text, as they are kept with the run; null where there are none. */
export function packTrace(steps: readonly StepRecord[]): string | null {
  const [first] = steps;
  if (first === undefined) return null;
  const beganAt = Math.round(first.startedAt * US_PER_MS);
  const packed: PackedTrace = [beganAt];
  for (let index = 0; index < steps.length; index += 1) packed.push(pack(steps[index] as StepRecord, index, beganAt));
  return JSON.stringify(packed);
}

/** The steps of a trace. */
export function unpackTrace(trace: Trace): StepRecord[] {
  if (!isPacked(trace)) return trace;
  const [beganAt, ...steps] = trace;
  return steps.map((step, index) => (Array.isArray(step) ? unpack(step, index, beganAt) : step));
}

function isPacked(trace: Trace): trace is PackedTrace {
  return typeof trace[0] === "number";
}

/** The step itself where there is something unusual about it. */
function pack(step: StepRecord, index: number, beganAt: number): PackedStep | StepRecord {
  if (step.status !== "completed" || step.output === undefined || step.attempts !== 1 || step.order !== index) return step;
  const { key, startedAt, durationMs, output, ports } = step;
  const began = Math.round(startedAt * US_PER_MS);
  const duration = Math.round(durationMs * US_PER_MS);
  if (began / US_PER_MS !== startedAt || duration / US_PER_MS !== durationMs || nodeOf(key) !== step.nodeId) return step;
  const packed: PackedStep = [key, began - beganAt, duration, output, ports.length === 1 && ports[0] === USUAL_PORT ? 0 : ports];
  const { modelCalls, state, isEnvelope, rounds } = step;
  // JSON leaves out what is undefined.
  if ((modelCalls ?? state ?? isEnvelope ?? rounds) !== undefined) packed.push({ modelCalls, state, isEnvelope, rounds } as More);
  return packed;
}

function unpack([key, after, duration, output, ports, more]: PackedStep, order: number, beganAt: number): StepRecord {
  return {
    key,
    nodeId: nodeOf(key),
    startedAt: (beganAt + after) / US_PER_MS,
    durationMs: duration / US_PER_MS,
    attempts: 1,
    status: "completed",
    output,
    ports: ports === 0 ? [USUAL_PORT] : ports,
    order,
    ...more,
  };
}

/** The node that a step's key begins with. A step inside another may have a node of its own. */
function nodeOf(key: string): string {
  return key.slice(0, key.indexOf("#"));
}
