import { parseArgs } from "node:util";
import { definitions } from "@heddle/nodes/definitions";
import { handlers } from "@heddle/nodes/handlers";
import type { StepServices } from "@heddle/node-kit";
import { compileAgent, runAgent, systemClock, systemRandom, type CompiledAgent } from "@heddle/runtime";
import { agentDocument, type AgentDocumentInput, type Json, type StepRecord } from "@heddle/schema";

// What the runtime itself costs: time and memory of loops, maps and long flows, with a journal that keeps nothing and no
// outside world. Run it with `node --expose-gc bench/runtime.ts`; `--json` prints the measurements as a JSON array,
// `--only NAME` makes one of them, `--repeats N` as often as that.

const { values: options } = parseArgs({ options: { json: { type: "boolean" }, only: { type: "string" }, repeats: { type: "string" } } });

/** One thing measured at one size. */
interface Measurement {
  name: string;
  size: number;
  /** Median of several runs. */
  wallMs: number;
  cpuMs: number;
  /** Memory in use beside what was there before, at the most, while it ran; only what a collection leaves counts. */
  heapMb: number;
  steps: number;
}

interface Scenario {
  name: string;
  sizes: number[];
  document: (size: number) => AgentDocumentInput;
  input: (size: number) => Json;
  /** Resumes the run from its complete journal but for the last two records. */
  isResumed?: boolean;
}

const trigger = { id: "start", type: "api-trigger", name: "Start" } as const;
const text = (id: string, template: string, parent?: string) =>
  ({ id, type: "format", name: id, params: { mode: "text", text: template }, ...(parent === undefined ? {} : { parent }) }) as const;
const edge = (source: string, target: string, port = "out") => ({
  id: `${source}.${port}>${target}`,
  source: { node: source, port },
  target: { node: target },
});
const list = (size: number): Json => Array.from({ length: size }, (_, index) => index);

const scenarios: Scenario[] = [
  {
    name: "four nodes",
    sizes: [1],
    document: () => ({
      nodes: [
        trigger,
        text("greet", "Hello {{ input.name }}"),
        { id: "choose", type: "condition", name: "Choose", params: { branches: [{ id: "adult", when: "{{ input.age >= 18 }}" }] } },
        { id: "yes", type: "reply", name: "Yes", params: { mode: "text", text: "{{ greet.output }}, welcome" } },
        { id: "no", type: "reply", name: "No", params: { mode: "text", text: "{{ greet.output }}, sorry" } },
      ],
      edges: [edge("start", "greet"), edge("greet", "choose"), edge("choose", "yes", "adult"), edge("choose", "no", "else")],
    }),
    input: () => ({ name: "Ada", age: 36 }),
  },
  {
    name: "chain of nodes",
    sizes: [100, 1_000],
    document: (size) => {
      const ids = Array.from({ length: size - 1 }, (_, index) => `n${index}`);
      return {
        nodes: [trigger, ...ids.map((id) => text(id, "{{ input.name }}"))],
        edges: ids.map((id, index) => edge(ids[index - 1] ?? "start", id)),
      };
    },
    input: () => ({ name: "Ada" }),
  },
  ...[false, true].map((isResumed): Scenario => ({
    name: isResumed ? "loop, resumed at its end" : "loop",
    sizes: [1_000, 10_000],
    document: () => ({
      nodes: [
        trigger,
        {
          id: "loop",
          type: "loop",
          name: "Loop",
          params: { mode: "forEach", items: "{{ input }}", maxIterations: 100_000, collect: false },
        },
        text("first", "{{ item }} of {{ index }}", "loop"),
        text("second", "{{ first.output }}", "loop"),
      ],
      edges: [edge("start", "loop"), edge("first", "second")],
    }),
    input: list,
    isResumed,
  })),
  ...[false, true].map((collect): Scenario => ({
    name: collect ? "map, results kept" : "map",
    sizes: [1_000, 10_000],
    document: () => ({
      nodes: [
        trigger,
        { id: "map", type: "map", name: "Map", params: { items: "{{ input }}", concurrency: 10, collect } },
        text("first", "{{ item }} of {{ index }}", "map"),
        text("second", "{{ first.output }}", "map"),
      ],
      edges: [edge("start", "map"), edge("first", "second")],
    }),
    input: list,
  })),
  {
    name: "node per item",
    sizes: [1_000, 10_000],
    document: () => ({
      nodes: [trigger, { ...text("each", "{{ item }}"), each: { items: "{{ input }}", concurrency: 10 } }],
      edges: [edge("start", "each")],
    }),
    input: list,
  },
  {
    name: "loop that appends to the state",
    sizes: [1_000, 10_000],
    document: () => ({
      nodes: [
        trigger,
        {
          id: "loop",
          type: "loop",
          name: "Loop",
          params: { mode: "count", count: "{{ input.length }}", maxIterations: 100_000, collect: false },
        },
        { id: "set", type: "set-state", name: "Set", params: { updates: [{ name: "log", value: "{{ index }}" }] }, parent: "loop" },
      ],
      edges: [edge("start", "loop")],
      state: [{ name: "log", reducer: "append", initial: [] }],
    }),
    input: list,
  },
];

const measurements: Measurement[] = [];
for (const scenario of scenarios) {
  if (options.only !== undefined && scenario.name !== options.only) continue;
  for (const size of scenario.sizes) measurements.push(await measure(scenario, size));
}
if (options.json === true) console.log(JSON.stringify(measurements));
else console.table(measurements);

async function measure(scenario: Scenario, size: number): Promise<Measurement> {
  const agent = compileAgent(agentDocument.parse(scenario.document(size)), definitions);
  const input = scenario.input(size);
  const recorded = scenario.isResumed === true ? await record(agent, input) : [];
  const repeats = Number(options.repeats ?? (size >= 10_000 ? 5 : size > 1 ? 11 : 3_001));
  const walls: number[] = [];
  let cpu = 0;
  let steps = 0;
  for (let repeat = 0; repeat < repeats; repeat += 1) {
    const before = process.cpuUsage();
    const startedAt = performance.now();
    steps = await run(agent, input, { recorded });
    walls.push(performance.now() - startedAt);
    const used = process.cpuUsage(before);
    cpu += (used.user + used.system) / 1_000;
  }
  const wallMs = walls.toSorted((a, b) => a - b)[repeats >> 1] ?? 0;
  return {
    name: scenario.name,
    size,
    wallMs: rounded(wallMs),
    cpuMs: rounded(cpu / repeats),
    heapMb: await measureHeap(agent, input, recorded),
    steps,
  };
}

/** Collects garbage now and then while a run goes, and looks at what stays. */
async function measureHeap(agent: CompiledAgent, input: Json, recorded: StepRecord[]): Promise<number> {
  const collect = (globalThis as { gc?: () => void }).gc;
  if (collect === undefined) return Number.NaN;
  collect();
  const before = process.memoryUsage().heapUsed;
  let most = 0;
  let appended = 0;
  await run(agent, input, {
    recorded,
    onAppend: () => {
      appended += 1;
      if (appended % 251 !== 0) return;
      collect();
      most = Math.max(most, process.memoryUsage().heapUsed - before);
    },
  });
  return rounded(most / 1024 / 1024);
}

async function record(agent: CompiledAgent, input: Json): Promise<StepRecord[]> {
  const steps: StepRecord[] = [];
  await run(agent, input, { recorded: [], onAppend: (step) => steps.push(step) });
  return steps.slice(0, -2);
}

async function run(
  agent: CompiledAgent,
  input: Json,
  journal: { recorded: StepRecord[]; onAppend?: (step: StepRecord) => void },
): Promise<number> {
  const outcome = await runAgent(agent, {
    input,
    run: { executionId: "bench", agentId: "bench", workspaceId: "bench", startedAt: systemClock.now(), isDeployed: true },
    // No node here touches the world.
    services: {} as StepServices,
    handlers,
    journal: { recorded: journal.recorded, append: (step) => void journal.onAppend?.(step) },
    clock: systemClock,
    random: systemRandom,
    signal: new AbortController().signal,
  });
  if (outcome.status !== "completed") throw new Error(`The run ended as ${JSON.stringify(outcome)}.`);
  return outcome.steps;
}

function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
