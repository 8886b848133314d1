// `npm run bench`: Heddle beside the same thing written by hand, in one go on one machine. The ratios last, the times don't.
// Options: --seconds N (per measurement, 5), --rounds N (3), --connections 16,64 (each flow's own), --flows A,B,C, --json FILE
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { flows as allFlows, type Flow } from "./flows.ts";
import { load, type LoadRequest } from "./load.ts";
import { treeUsage } from "./process-tree.ts";
import { startHeddle } from "@heddle/testing/heddle-process";
import { deployFlows, startScript } from "./servers.ts";

interface Measurement {
  rps: number;
  p50Ms: number;
  p99Ms: number;
  cpuMsPerRequest: number;
  rssMb: number;
}
interface Row {
  flow: string;
  connections: number;
  heddle: Measurement;
  bare: Measurement;
  ratio: number;
}

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "5" },
    rounds: { type: "string", default: "3" },
    connections: { type: "string" },
    flows: { type: "string", default: "A,B,C" },
    json: { type: "string" },
  },
});
const seconds = Number(values.seconds);
const rounds = Number(values.rounds);
const flows = allFlows.filter((flow) => values.flows.split(",").includes(flow.name));

const model = await startScript("model-server.ts");
const bare = await startScript("bare-server.ts", { MODEL_URL: model.url });
const heddle = await startHeddle();
try {
  const atRest = treeUsage(heddle.pid);
  console.log(`Heddle at rest: ${atRest.rssMb.toFixed(0)} MB, and PostgreSQL ${atRest.databaseRssMb.toFixed(0)} MB`);
  const deployed = await deployFlows(heddle, model.url, flows);
  const rows: Row[] = [];
  for (const flow of flows) {
    for (const count of values.connections?.split(",").map(Number) ?? flow.connections) {
      const row = await compare(flow, count, deployed.get(flow.name) ?? { url: "", headers: {} });
      rows.push(row);
      print(row, flow);
    }
  }
  if (values.json) writeFileSync(values.json, `${JSON.stringify(rows, null, 2)}\n`);
} finally {
  await heddle.stop();
  await bare.stop();
  await model.stop();
}

/** Rounds alternate between the two servers, so that a busy moment of the machine hits both; medians are kept. */
async function compare(flow: Flow, count: number, target: { url: string; headers: Record<string, string> }): Promise<Row> {
  const ours: LoadRequest = { url: target.url, headers: target.headers, body: { input: flow.body }, connections: count, seconds };
  const theirs: LoadRequest = { url: `${bare.url}${flow.barePath}`, body: flow.body, connections: count, seconds };
  await load({ ...ours, seconds: 2 });
  await load({ ...theirs, seconds: 2 });
  const results = { heddle: [] as Measurement[], bare: [] as Measurement[] };
  for (let round = 0; round < rounds; round += 1) {
    results.bare.push(await measure(theirs, bare.pid));
    results.heddle.push(await measure(ours, heddle.pid));
  }
  const row = { flow: flow.name, connections: count, heddle: median(results.heddle), bare: median(results.bare) };
  return { ...row, ratio: round3(row.heddle.rps / row.bare.rps) };
}

async function measure(request: LoadRequest, pid: number): Promise<Measurement> {
  const before = treeUsage(pid);
  const result = await load(request);
  const after = treeUsage(pid);
  if (result.errors > 0) throw new Error(`${result.errors} of ${result.requests} requests to ${request.url} failed`);
  return {
    rps: result.rps,
    p50Ms: result.p50Ms,
    p99Ms: result.p99Ms,
    cpuMsPerRequest: round3((after.cpuMs - before.cpuMs) / Math.max(1, result.requests)),
    rssMb: Math.round(after.rssMb),
  };
}

function median(measurements: Measurement[]): Measurement {
  const middle = measurements.toSorted((a, b) => a.rps - b.rps)[Math.floor(measurements.length / 2)];
  if (!middle) throw new Error("--rounds must be at least 1");
  return middle;
}

function round3(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}

function print({ flow, connections: count, heddle: ours, bare: theirs, ratio }: Row, { modelMs }: Flow): void {
  const describe = (m: Measurement): string =>
    `${m.rps.toFixed(0)}/s, p50 ${m.p50Ms} ms, p99 ${m.p99Ms} ms, ${m.cpuMsPerRequest} ms CPU, ${m.rssMb} MB`;
  const ideal = modelMs === 0 ? undefined : count / (modelMs / 1_000);
  const ofIdeal = ideal === undefined ? "" : `, ${((ours.rps / ideal) * 100).toFixed(0)} % of the ideal ${ideal.toFixed(0)}/s`;
  console.log(
    `flow ${flow}, ${count} connections: ${(ratio * 100).toFixed(0)} % of bare${ofIdeal}\n  heddle ${describe(ours)}\n  bare   ${describe(theirs)}`,
  );
}
