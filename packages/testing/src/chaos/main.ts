// `npm run chaos -- --seed N --minutes M`: breaks everything that can break, at random but by the seed, while runs of all
// kinds are sent to real processes on a real PostgreSQL and a real Redis; then checks that nothing was lost and nothing ended
// twice. The last line is JSON. --rate N runs a second (20), --lease N seconds (30), --kinds a,b only these faults.
import { parseArgs } from "node:util";
import { FAULT_KINDS, type FaultKind } from "./fault-plan.ts";
import { runChaos } from "./run-chaos.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    minutes: { type: "string", default: "20" },
    rate: { type: "string", default: "20" },
    lease: { type: "string", default: "30" },
    kinds: { type: "string" },
  },
});
const begin = performance.now();
const seed = Number(values.seed);
const minutes = Number(values.minutes);
const kinds = values.kinds === undefined ? FAULT_KINDS : values.kinds.split(",").map(kindOf);
for (const [name, value] of Object.entries({ seed, minutes, rate: Number(values.rate), lease: Number(values.lease) })) {
  if (!Number.isFinite(value) || value < 0) fail(`--${name} takes a number.`);
}

const interrupted = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    say(`${signal}: healing and ending everything`);
    interrupted.abort();
  });
}

say(`seed ${seed}, ${minutes} minutes`);
try {
  const { broken, ...report } = await runChaos({
    seed,
    forMs: minutes * 60_000,
    roles: ["web,gateway,worker", "gateway,worker", "worker,scheduler", "worker", "scheduler"],
    leaseSeconds: Number(values.lease),
    perSecond: Number(values.rate),
    kinds,
    gapMs: [1_000, 6_000],
    say,
    signal: interrupted.signal,
  });
  for (const line of broken.slice(0, 50)) console.error(`BROKEN  ${line}`);
  if (broken.length > 50) console.error(`BROKEN  and ${broken.length - 50} more`);
  console.log(JSON.stringify({ seed, minutes, ...report }));
  process.exitCode = report.ok ? 0 : 1;
} catch (error) {
  console.error(error);
  console.log(JSON.stringify({ seed, minutes, ok: false, error: error instanceof Error ? error.message : String(error) }));
  process.exitCode = 1;
}

function say(line: string): void {
  console.log(`${new Date().toISOString()} ${((performance.now() - begin) / 1_000).toFixed(1).padStart(7)} s  ${line}`);
}

function kindOf(name: string): FaultKind {
  const kind = FAULT_KINDS.find((each) => each === name);
  return kind ?? fail(`--kinds takes some of ${FAULT_KINDS.join(", ")}.`);
}

function fail(message: string): never {
  console.error(message);
  process.exit(2);
}
