import { agentDocument, type AgentDocument, type AgentDocumentInput } from "@heddle/schema";
import * as fc from "fast-check";

type NodeInput = AgentDocumentInput["nodes"][number];

/** What one node of a random agent is and does. */
export interface NodePlan {
  kind: "work" | "wait" | "all" | "any" | "first" | "firstN" | "reply" | "disabled" | "loop" | "while" | "map" | "goto" | "agent" | "stop";
  /** Places of earlier nodes of the level, and the port by which they are left. */
  parents: { place: number; port: "out" | "other" | "error" }[];
  takes: ("out" | "other")[];
  /** How many tries fail. */
  failures: 0 | 1 | 99;
  onError: "fail" | "continue" | "branch";
  hasRetry: boolean;
  usesOnce: boolean;
  tool: "none" | "work" | "wait" | "agent";
  changesState: boolean;
  readsState: boolean;
  /** Items to run once for each of, or none. */
  each: number | undefined;
  /** Rounds of a container, jumps of a go-to, arrivals of a merge. */
  count: number;
  concurrency: number;
  goesOn: boolean;
  rank: number;
  body: NodePlan[];
}

const portOf = fc.constantFrom("out" as const, "out" as const, "other" as const, "error" as const);

function planOf(depth: number): fc.Arbitrary<NodePlan> {
  const kinds = fc.oneof(
    { weight: 12, arbitrary: fc.constant("work" as const) },
    { weight: 4, arbitrary: fc.constantFrom("all" as const, "any" as const, "first" as const, "firstN" as const) },
    { weight: 2, arbitrary: fc.constantFrom("reply" as const, "disabled" as const) },
    { weight: 2, arbitrary: fc.constantFrom("wait" as const, "goto" as const) },
    { weight: depth > 0 ? 5 : 0, arbitrary: fc.constantFrom("loop" as const, "while" as const, "map" as const) },
    { weight: 2, arbitrary: fc.constant("agent" as const) },
    { weight: 1, arbitrary: fc.constant("stop" as const) },
  );
  return fc.record({
    kind: kinds,
    parents: fc.array(fc.record({ place: fc.nat(), port: portOf }), { minLength: 1, maxLength: 3 }),
    takes: fc.constantFrom(["out" as const], ["other" as const], ["out" as const, "other" as const], []),
    failures: fc.constantFrom(0 as const, 0 as const, 0 as const, 0 as const, 1 as const, 99 as const),
    onError: fc.constantFrom("continue" as const, "branch" as const, "continue" as const, "branch" as const, "fail" as const),
    hasRetry: fc.boolean(),
    usesOnce: fc.boolean(),
    tool: fc.constantFrom("none" as const, "none" as const, "work" as const, "wait" as const, "agent" as const),
    changesState: fc.boolean(),
    readsState: fc.boolean(),
    each: fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.nat(3) }),
    count: fc.nat(3),
    concurrency: fc.integer({ min: 1, max: 3 }),
    goesOn: fc.boolean(),
    rank: fc.nat(1_000),
    body: depth > 0 ? fc.array(planOf(depth - 1), { minLength: 1, maxLength: 3 }) : fc.constant([]),
  });
}

/** An agent and those that it runs inside itself. */
export interface AgentsPlan {
  nodes: NodePlan[];
  /** Run by nodes of the others. The first may run the second, which runs none. */
  others: [NodePlan[], NodePlan[]];
}

/** Random agents with every part of the flow language, nested. */
export const agentsPlan: fc.Arbitrary<AgentsPlan> = fc.record({
  nodes: fc.array(planOf(2), { minLength: 1, maxLength: 7 }),
  others: fc.tuple(fc.array(planOf(1), { minLength: 1, maxLength: 3 }), fc.array(planOf(0), { minLength: 1, maxLength: 2 })),
});

/** A random agent's documents, and the plan of each node by id; ids are unique across all of them. */
export interface RandomAgents {
  documents: [AgentDocument, AgentDocument, AgentDocument];
  plans: ReadonlyMap<string, NodePlan>;
}

/** Writes the documents that plans describe. */
export function writeAgents(plan: AgentsPlan): RandomAgents {
  const plans = new Map<string, NodePlan>();
  const write = (nodes: NodePlan[], depth: number): AgentDocument => new DocumentWriter(depth, plans).write(nodes);
  return { documents: [write(plan.nodes, 0), write(plan.others[0], 1), write(plan.others[1], 2)], plans };
}

class DocumentWriter {
  readonly #depth: number;
  readonly #plans: Map<string, NodePlan>;
  readonly #nodes: NodeInput[] = [];
  readonly #edges = new Set<string>();

  constructor(depth: number, plans: Map<string, NodePlan>) {
    this.#depth = depth;
    this.#plans = plans;
  }

  write(plans: NodePlan[]): AgentDocument {
    this.#nodes.push({ id: `start${this.#depth}`, name: "start", type: "start" });
    this.#level(plans, `a${this.#depth}`, `start${this.#depth}`, undefined);
    return agentDocument.parse({
      nodes: this.#nodes,
      edges: [...this.#edges].map((id) => {
        const [source = "", target = ""] = id.split(/[>~]/);
        const [node = "", port = "out"] = source.split(".");
        const kind = id.includes("~") ? ("attachment" as const) : ("flow" as const);
        return { id, kind, source: { node, port }, target: { node: target, port: kind === "flow" ? "in" : "tools" } };
      }),
      state: [
        { name: "log", reducer: "append" },
        { name: "sum", reducer: "add" },
        { name: "last", reducer: "replace" },
      ],
      settings: { limits: { maxSteps: 1_000_000 } },
    });
  }

  #level(plans: NodePlan[], prefix: string, start: string | undefined, parent: string | undefined): void {
    const ids: string[] = [];
    const leadsTo = new Map<string, string[]>();
    let gotos = 0;
    for (const [index, planned] of plans.entries()) {
      const plan = this.#fitting(planned, { gotos, isInside: parent !== undefined });
      const id = `${prefix}_${index}`;
      this.#plans.set(id, plan);
      const before: string[] = [];
      for (const { place, port } of plan.parents) {
        // In a container some nodes start the round, because nothing leads to them.
        const at = place % (index + 1);
        const from = at === 0 ? start : ids[at - 1];
        if (from === undefined) continue;
        const source = this.#plans.get(from);
        this.#edges.add(`${from}${this.#portOf(source, port)}>${id}`);
        if (from !== start) before.push(from);
      }
      leadsTo.set(id, before);
      const target = ancestorsOf(id, leadsTo)[plan.rank % 3];
      if (plan.kind === "goto" && target === undefined) plan.kind = "work";
      if (plan.kind === "goto") gotos += 1;
      this.#add(id, plan, { parent, target });
      ids.push(id);
      if (isRounds(plan)) this.#level(plan.body, id, undefined, id);
    }
  }

  /** Agents deep inside run no others, and two go-tos on a level are enough: they multiply. */
  #fitting(planned: NodePlan, { gotos, isInside }: { gotos: number; isInside: boolean }): NodePlan {
    const plan = { ...planned };
    if (this.#depth === 2 && plan.kind === "agent") plan.kind = "work";
    if (this.#depth === 2 && plan.tool === "agent") plan.tool = "none";
    // These begin to wait at once, and nothing says when they would fail.
    if (plan.tool === "wait" || plan.tool === "agent") plan.failures = 0;
    if (plan.kind === "goto" && (gotos >= 2 || plan.each !== undefined)) plan.kind = "work";
    if (plan.kind === "reply" && isInside) plan.kind = "work";
    if (!["work", "wait", "agent", "stop", "reply"].includes(plan.kind)) plan.each = undefined;
    return plan;
  }

  #portOf(source: NodePlan | undefined, port: "out" | "other" | "error"): string {
    if (source === undefined) return "";
    if (source.kind === "goto") return ".exhausted";
    if (port === "error") return source.onError === "branch" && source.kind !== "disabled" ? ".error" : "";
    return source.kind === "work" || source.kind === "wait" || source.kind === "disabled" ? `.${port}` : "";
  }

  #add(id: string, plan: NodePlan, { parent, target }: { parent: string | undefined; target: string | undefined }): void {
    const list = Array.from({ length: plan.count }, (_, index) => index);
    const onItemError = plan.goesOn ? "continue" : "fail";
    const work: Partial<NodeInput> = {
      type: "work",
      params: { ports: ["out", "other"], ...(plan.readsState ? { value: "{{ [state.log.length, state.sum, state.last] }}" } : {}) },
    };
    const kinds: Record<NodePlan["kind"], Partial<NodeInput>> = {
      work,
      wait: work,
      stop: work,
      disabled: { ...work, isDisabled: true },
      reply: { type: "reply", params: {} },
      all: { type: "merge", params: { mode: "all" } },
      any: { type: "merge", params: { mode: "any" } },
      first: { type: "merge", params: { mode: "first" } },
      firstN: { type: "merge", params: { mode: "firstN", n: 2 } },
      loop: { type: "loop", params: { mode: "forEach", items: list, onItemError } },
      while: { type: "loop", params: { mode: "while", condition: `{{ index < ${plan.count} && state.sum < 40 }}`, onItemError } },
      map: { type: "map", params: { items: list, concurrency: plan.concurrency, onItemError, collect: plan.usesOnce } },
      goto: { type: "goto", params: { target: target ?? "", maxJumps: 1 + (plan.count % 2) } },
      agent: { type: "sub-agent", params: { agentId: String(this.#depth + 1), input: "{{ state.sum }}" } },
    };
    this.#nodes.push({
      id,
      name: id,
      ...kinds[plan.kind],
      onError: plan.onError,
      ...(parent === undefined ? {} : { parent }),
      ...(plan.hasRetry ? { retry: { maxAttempts: 2, initialDelayMs: 0 } } : {}),
      ...(plan.each === undefined
        ? {}
        : { each: { items: Array.from({ length: plan.each }, (_, index) => index), concurrency: plan.concurrency, onItemError } }),
    } as NodeInput);
    if (plan.kind !== "work" || plan.tool === "none") return;
    const tool = `${id}_tool`;
    const isAgent = plan.tool === "agent";
    this.#nodes.push({
      id: tool,
      name: tool,
      type: isAgent ? "sub-agent" : "work",
      params: isAgent ? { agentId: String(this.#depth + 1) } : { value: "{{ args.asked }}" },
    } as NodeInput);
    this.#plans.set(tool, { ...plan, kind: plan.tool === "wait" ? "wait" : "work", tool: "none", usesOnce: false, failures: 0 });
    this.#edges.add(`${tool}~${id}`);
  }
}

function isRounds({ kind }: NodePlan): boolean {
  return kind === "loop" || kind === "while" || kind === "map";
}

function ancestorsOf(id: string, leadsTo: ReadonlyMap<string, string[]>): string[] {
  const found = new Set<string>(leadsTo.get(id) ?? []);
  for (const ancestor of found) for (const before of leadsTo.get(ancestor) ?? []) found.add(before);
  return [...found];
}
