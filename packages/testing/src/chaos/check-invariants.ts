import { isDeepStrictEqual } from "node:util";
import type { ChaosFlow } from "./chaos-flows.ts";
import type { LoadReport } from "./chaos-load.ts";
import type { EffectServer } from "./effect-server.ts";
import type { OutcomeRow } from "./outcome-watch.ts";

/** What is left when the dust has settled. */
export interface Aftermath {
  rows: readonly OutcomeRow[];
  /** Runs whose outcome was seen to change. */
  changed: ReadonlySet<string>;
  /** Steps that were recorded as completed more than once. */
  repeatedSteps: readonly string[];
  load: LoadReport;
  world: EffectServer;
  flows: readonly ChaosFlow[];
  /** When every tick had to be fired: from, to. */
  quiet: readonly [Date, Date];
  tickEveryMs: number;
}

export interface Verdict {
  accepted: number;
  finished: number;
  waiting: number;
  deadLettered: number;
  lost: number;
  doubleOutcomes: number;
  duplicateEffects: number;
  ticks: number;
  /** What is broken, in sentences. */
  broken: string[];
  /** Runs that ended otherwise than they do undisturbed, by how. */
  otherwise: Record<string, number>;
}

const ENDED = new Set(["COMPLETED", "FAILED", "CANCELLED"]);

/** Holds what PostgreSQL has, what clients were told and what the world has seen against each other. */
export function checkInvariants(aftermath: Aftermath): Verdict {
  const { rows, load, world } = aftermath;
  const broken: string[] = [...load.broken];
  const byId = new Map(rows.map((row) => [row.id, row]));
  const lost = lostOf(aftermath, byId);
  broken.push(...lost.map((why) => `lost: ${why}`));
  const double = doubleOf(aftermath, byId);
  broken.push(...double.map((why) => `two outcomes: ${why}`));
  const counts = world.counts();
  const duplicates = [
    ...counts.keysWithTwoBodies.map((key) => `two bodies under the key ${key}`),
    ...counts.effectsWithTwoKeys.map((effect) => `two keys for ${effect}`),
    ...(counts.withoutKey > 0 ? [`${counts.withoutKey} requests without a key`] : []),
  ];
  broken.push(...duplicates);
  broken.push(...aftermath.repeatedSteps.map((step) => `a recorded step was done again: ${step}`));
  broken.push(...missingWork(aftermath));
  const ticks = checkTicks(aftermath);
  broken.push(...ticks.broken);

  const accepted = new Set([...byId.keys(), ...load.told.map(({ executionId }) => executionId)]).size;
  const deadLettered = rows.filter(({ status, isDead }) => status === "FAILED" && isDead).length;
  const finished = rows.filter(({ status }) => ENDED.has(status)).length - deadLettered;
  const waiting = rows.filter(({ status, isUntimed }) => status === "WAITING" && isUntimed).length;
  if (accepted !== finished + waiting + deadLettered)
    broken.push(`${accepted} accepted are not ${finished} finished + ${waiting} waiting + ${deadLettered} dead-lettered`);
  return {
    accepted,
    finished,
    waiting,
    deadLettered,
    lost: lost.length,
    doubleOutcomes: double.length,
    duplicateEffects: duplicates.length,
    ticks: ticks.count,
    broken,
    otherwise: otherwiseOf(aftermath),
  };
}

function lostOf({ load, rows }: Aftermath, byId: ReadonlyMap<string, OutcomeRow>): string[] {
  const unknown = load.told.filter(({ executionId }) => !byId.has(executionId));
  const open = rows.filter(({ status, isUntimed }) => !ENDED.has(status) && !(status === "WAITING" && isUntimed));
  return [
    ...unknown.map(({ executionId, token, how }) => `${executionId} (${token}, ${how}) was accepted and is not there`),
    ...open.map(({ id, status, token }) => `${id} (${token}) is still ${status}`),
  ];
}

function doubleOf({ changed, load, rows }: Aftermath, byId: ReadonlyMap<string, OutcomeRow>): string[] {
  const found = [...changed].map((id) => `${id} changed after it had ended`);
  for (const { executionId, status, output, token } of load.told) {
    const row = byId.get(executionId);
    if (row === undefined || status === undefined) continue;
    if (row.status !== status) found.push(`${executionId} (${token}) was told to be ${status} and is ${row.status}`);
    else if (status === "COMPLETED" && !isDeepStrictEqual(row.output, output))
      found.push(`${executionId} (${token}) was told ${JSON.stringify(output)} and has ${JSON.stringify(row.output)}`);
  }
  // Each token was sent for one run, however often under its idempotency key.
  const idOf = new Map<string, string>();
  for (const { id, token } of rows) {
    if (token === null) continue;
    if (idOf.has(token)) found.push(`${token} was run twice, as ${idOf.get(token)} and ${id}`);
    idOf.set(token, id);
  }
  return found;
}

/** Runs that say that they are done, and are not. */
function missingWork({ rows, flows, world }: Aftermath): string[] {
  const flowOf = new Map(flows.map((flow) => [flow.name, flow]));
  return rows.flatMap(({ id, token, status, output }) => {
    const flow = flowOf.get(token?.replace(/-\d+$/, "") ?? "");
    if (flow === undefined || token === null || !(status === "COMPLETED" || status === "WAITING")) return [];
    const missing = flow.effects.filter((effect) => !world.done(`${token}/${effect}`));
    const problems = missing.map((effect) => `${id} (${token}) is ${status} without its effect ${effect}`);
    const wanted = flow.output?.(token);
    if (status === "COMPLETED" && wanted !== undefined && !isDeepStrictEqual(output, wanted))
      problems.push(`${id} (${token}) answered ${JSON.stringify(output)}`);
    return problems;
  });
}

function checkTicks({ rows, quiet: [from, to], tickEveryMs }: Aftermath): { count: number; broken: string[] } {
  const broken: string[] = [];
  const ticks = new Set<number>();
  for (const { scheduledAt, trigger } of rows) {
    if (trigger !== "schedule" || scheduledAt === null) continue;
    const tick = Date.parse(scheduledAt);
    if (ticks.has(tick)) broken.push(`the tick ${scheduledAt} was fired twice`);
    if (tick % tickEveryMs !== 0) broken.push(`${scheduledAt} is no tick`);
    ticks.add(tick);
  }
  for (let tick = Math.ceil(from.getTime() / tickEveryMs) * tickEveryMs; tick < to.getTime(); tick += tickEveryMs) {
    if (!ticks.has(tick)) broken.push(`the tick ${new Date(tick).toISOString()} was not fired, although nothing was broken then`);
  }
  return { count: ticks.size, broken };
}

function otherwiseOf({ rows, flows, load }: Aftermath): Record<string, number> {
  const endOf = new Map(flows.map(({ name, ends }) => [name, { completed: "COMPLETED", failed: "FAILED", waiting: "WAITING" }[ends]]));
  const cancelled = new Set(load.told.filter(({ isCancelled }) => isCancelled).map(({ executionId }) => executionId));
  const found: Record<string, number> = {};
  for (const { id, token, status, errorCode } of rows) {
    const flow = token?.replace(/-\d+$/, "") ?? "";
    const wanted = endOf.get(flow);
    if (wanted === undefined || wanted === status || (status === "CANCELLED" && cancelled.has(id))) continue;
    const how = `${flow} ${status}${errorCode === null ? "" : ` ${errorCode}`}`;
    found[how] = (found[how] ?? 0) + 1;
  }
  return found;
}
