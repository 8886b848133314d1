// `npm run bench:growth`: what people wait for with few executions stored, and with many. Two servers, as shipped but for
// their number of executions, answer in turn, request by request; medians are compared.
// Options: --rows N (5,000,000), --base N (5,000), --requests N (300, of each kind), --json FILE. Exits with 1 where a ratio is above 1.5.
import { writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startEmbeddedPostgres } from "@heddle/db/embedded-postgres";
import { startHeddle } from "@heddle/testing/heddle-process";
import { type ApiClient, signUp } from "./api-client.ts";
import { flows } from "./flows.ts";
import { generateExecutions, type GrowthAgent } from "@heddle/testing/generate-executions";

const MOST = 1.5;
const WARM_UP = 20;

const { values } = parseArgs({
  options: {
    rows: { type: "string", default: "5000000" },
    base: { type: "string", default: "5000" },
    requests: { type: "string", default: "300" },
    json: { type: "string" },
  },
});

interface Grown {
  rows: number;
  operations: Map<string, () => Promise<unknown>>;
  stop: () => Promise<void>;
}

const servers: Grown[] = [];
try {
  const few = await grow(Number(values.base));
  const many = await grow(Number(values.rows));
  const results = [];
  for (const name of few.operations.keys()) {
    const result = await compare(name, few, many);
    results.push(result);
    const [before, after] = [result.fewMs, result.manyMs].map((ms) => ms.toFixed(2));
    console.log(
      `${name}: ${before} ms with ${few.rows.toLocaleString("en")}, ${after} ms with ${many.rows.toLocaleString("en")}: ${result.ratio.toFixed(2)} ×`,
    );
  }
  if (values.json) writeFileSync(values.json, `${JSON.stringify(results, null, 2)}\n`);
  if (results.some(({ ratio }) => ratio > MOST)) process.exitCode = 1;
} finally {
  for (const server of servers) await server.stop();
}

/** A server of its own with so many executions, most of them in the workspace that is asked. */
async function grow(rows: number): Promise<Grown> {
  const folder = await mkdtemp(join(tmpdir(), "heddle-growth-"));
  const undo: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  const server: Grown = {
    rows,
    operations: new Map(),
    stop: async () => {
      for (const step of undo.toReversed()) await step();
    },
  };
  servers.push(server);
  const database = await startEmbeddedPostgres({ folder: join(folder, "postgres") });
  undo.push(() => database.stop());
  const heddle = await startHeddle({ environment: { DATABASE_URL: database.urls().owner }, dataDir: join(folder, "data") });
  undo.push(() => heddle.stop());
  const api = await signUp(heddle.url);
  const agents = await deployAgents(api);
  const startedAt = Date.now();
  const { middle } = await generateExecutions(database.urls(), { workspaceId: api.workspaceId, agents, rows });
  console.log(`${rows.toLocaleString("en")} executions in ${((Date.now() - startedAt) / 1_000).toFixed(0)} s`);
  const [agent] = agents;
  if (!agent) throw new Error("There is no agent.");
  const list = `/api/workspaces/${api.workspaceId}/executions`;
  server.operations = new Map<string, () => Promise<unknown>>([
    ["list, first page", () => api.get(list)],
    ["list, from the middle", () => api.get(`${list}?cursor=${middle}`)],
    ["list of an agent", () => api.get(`${list}?agentId=${agent.id}`)],
    ["list of a deployment", () => api.get(`${list}?deploymentId=${agent.deploymentId}`)],
    ["list of failures", () => api.get(`${list}?status=FAILED`)],
    ["list of an agent's failures", () => api.get(`${list}?status=FAILED&agentId=${agent.id}`)],
    ["list of what runs", () => api.get(`${list}?status=RUNNING`)],
    ["an execution", () => api.get(`/api/executions/${middle}`)],
    ["its trace", () => api.get(`/api/executions/${middle}/trace`)],
    ["metrics of an agent", () => api.get(`/api/agents/${agent.id}/metrics`)],
    ["metrics of a deployment", () => api.get(`/api/deployments/${agent.deploymentId}/metrics`)],
    ["a new execution", () => api.post(`/api/deployments/${agent.deploymentId}/execute`, { input: flows[0]?.body })],
  ]);
  return server;
}

async function deployAgents(api: ApiClient): Promise<GrowthAgent[]> {
  const config = flows[0]?.document("");
  return await Promise.all(
    Array.from({ length: 12 }, async (_, index) => {
      const { id } = await api.post<{ id: string }>(`/api/workspaces/${api.workspaceId}/agents`, { name: `Agent ${index}`, config });
      const { id: deploymentId } = await api.post<{ id: string }>(`/api/agents/${id}/deploy`, {});
      return { id, deploymentId };
    }),
  );
}

/** Request by request in turn: what else the machine does meanwhile, it does to both. */
async function compare(name: string, few: Grown, many: Grown): Promise<{ name: string; fewMs: number; manyMs: number; ratio: number }> {
  const times: [number[], number[]] = [[], []];
  for (let count = -WARM_UP; count < Number(values.requests); count += 1) {
    for (const [index, server] of [few, many].entries()) {
      const startedAt = performance.now();
      await server.operations.get(name)?.();
      if (count >= 0) times[index]?.push(performance.now() - startedAt);
    }
  }
  const [fewMs, manyMs] = [middleOf(times[0]), middleOf(times[1])];
  return { name, fewMs, manyMs, ratio: manyMs / fewMs };
}

function middleOf(numbers: number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}
