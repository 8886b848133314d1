import { setTimeout as sleep } from "node:timers/promises";
import { ChaosCluster, type ChaosMember } from "./chaos-cluster.ts";
import { chaosFlows, everyFewSeconds, TICK_EVERY_MS } from "./chaos-flows.ts";
import { ChaosLoad, type DeployedChaosFlow } from "./chaos-load.ts";
import { checkInvariants, type Verdict } from "./check-invariants.ts";
import { type EffectServer, startEffectServer } from "./effect-server.ts";
import { FAULT_KINDS, type FaultKind, planFaults, type PlannedFault } from "./fault-plan.ts";
import { inflictFault } from "./inflict-fault.ts";
import { OutcomeWatch } from "./outcome-watch.ts";
import { SeededRandom } from "./seeded-random.ts";
import { signUpForChaos } from "./sign-up-for-chaos.ts";

export interface ChaosOptions {
  seed: number;
  /** How long runs are sent and faults are done. */
  forMs: number;
  /** One process each. */
  roles: readonly string[];
  leaseSeconds: number;
  perSecond: number;
  kinds?: readonly FaultKind[];
  /** ms between faults */
  gapMs: readonly [number, number];
  /** Told what happens. */
  say: (line: string) => void;
  /** Ends it early. */
  signal?: AbortSignal;
}

export interface ChaosReport extends Verdict {
  faults: Partial<Record<FaultKind, number>>;
  /** Kinds that can't be done on this machine, and why. */
  impossible: string[];
  sent: number;
  refused: Record<string, number>;
  ok: boolean;
}

const DRAINS_WITHIN_MS = 240_000;
/** How long nothing is broken before ticks are held to be complete, and how long they are watched. */
const SETTLE_MS = 6_000;
const WATCH_TICKS_MS = 11_000;

/** Breaks one thing after another under load, heals everything, and checks that every promise was kept. */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const { seed, forMs, roles, leaseSeconds, say, kinds = FAULT_KINDS } = options;
  const random = new SeededRandom(seed);
  const plan = planFaults({ random, kinds, leaseMs: leaseSeconds * 1_000, gapMs: options.gapMs, count: 10_000 });
  const world = await startEffectServer(seed);
  let cluster: ChaosCluster | undefined;
  let watch: OutcomeWatch | undefined;
  let load: ChaosLoad | undefined;
  try {
    cluster = await ChaosCluster.start({
      roles,
      leaseSeconds,
      world: `127.0.0.1:${world.port}`,
      diskMegabytes: 300 + Math.ceil(forMs / 60_000) * 40,
    });
    const gateways = cluster.members.filter((member) => member.roles.includes("gateway"));
    const client = await signUpForChaos(gateways[0]?.process.url ?? "");
    const flows = await deploy(client, world);
    const schedule = await client.deploy("Every few seconds", everyFewSeconds);
    const running = cluster;
    watch = new OutcomeWatch(() => running.databaseUrl, client.workspaceId);
    load = new ChaosLoad({
      flows,
      gateways,
      authorization: client.authorization,
      random: new SeededRandom(seed ^ 0x5eed),
      perSecond: options.perSecond,
    });
    say(`${roles.length} processes are ready; sending ${options.perSecond} runs a second`);
    load.start();
    const faults = await inflictAll(cluster, plan, options);
    say("everything is healed; sending no more");
    const [, quiet] = await Promise.all([load.stop(), quietTime()]);
    await client.put(`/api/deployments/${schedule}`, { status: "INACTIVE" });
    await drain(watch, say);
    const { rows, changed } = await watch.end();
    const repeatedSteps = await watch.repeatedSteps();
    const verdict = checkInvariants({ rows, changed, repeatedSteps, load: load.report, world, flows, quiet, tickEveryMs: TICK_EVERY_MS });
    const broken = [...verdict.broken, ...cluster.members.flatMap(({ process }) => process.faults)];
    return {
      ...verdict,
      broken,
      ...faults,
      sent: load.report.sent,
      refused: Object.fromEntries(load.report.refused),
      ok: broken.length === 0,
    };
  } finally {
    load?.abandon();
    await watch?.stop();
    await cluster?.stop();
    await world.close();
  }
}

async function deploy(client: Awaited<ReturnType<typeof signUpForChaos>>, world: EffectServer): Promise<DeployedChaosFlow[]> {
  const connection = await client.connectModel(`${world.url}/v1`);
  const flows = chaosFlows(world.url, connection);
  const deployed: DeployedChaosFlow[] = [];
  for (const flow of flows) deployed.push({ ...flow, deploymentId: await client.deploy(flow.name, flow.document) });
  return deployed;
}

/** Does the planned faults one after another until the time is up. Resolves once all of them are undone. */
async function inflictAll(
  cluster: ChaosCluster,
  plan: readonly PlannedFault[],
  { forMs, say, signal }: ChaosOptions,
): Promise<Pick<ChaosReport, "faults" | "impossible">> {
  const faults: Partial<Record<FaultKind, number>> = {};
  const impossible = new Set<string>();
  const still = new Set<ChaosMember>();
  const healing: Promise<void>[] = [];
  const end = performance.now() + forMs;
  const left = () => (signal?.aborted === true ? 0 : end - performance.now());
  for (const fault of plan) {
    await sleep(Math.max(0, Math.min(fault.afterMs, left())), undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
    if (left() <= 0) break;
    try {
      const begin = performance.now();
      const { what, healed } = await inflictFault(cluster, fault, still);
      healing.push(healed.then(() => say(`${fault.kind}: healed`)));
      faults[fault.kind] = (faults[fault.kind] ?? 0) + 1;
      say(`${fault.kind}: ${what}; took ${Math.round(performance.now() - begin)} ms`);
    } catch (error) {
      if (!(error instanceof Error && error.message.includes("libfaketime"))) throw error;
      impossible.add(`${fault.kind}: ${error.message}`);
      say(`${fault.kind} can't be done here: ${error.message}`);
    }
  }
  await Promise.all(healing);
  return { faults, impossible: [...impossible] };
}

/** A time in which nothing is broken, and no tick may be missing. */
async function quietTime(): Promise<[Date, Date]> {
  await sleep(SETTLE_MS);
  const from = new Date();
  await sleep(WATCH_TICKS_MS);
  const to = new Date(Date.now() - TICK_EVERY_MS);
  return [from, to];
}

async function drain(watch: OutcomeWatch, say: (line: string) => void): Promise<void> {
  const begin = performance.now();
  let open = await watch.open();
  while (open > 0 && performance.now() - begin < DRAINS_WITHIN_MS) {
    await sleep(500);
    open = await watch.open();
  }
  say(`drained within ${((performance.now() - begin) / 1_000).toFixed(1)} s, ${open} open`);
}
