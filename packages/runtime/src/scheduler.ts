import type { Arrival } from "@heddle/node-kit";
import { HeddleError, type Json, type StepRecord } from "@heddle/schema";
import type { ActiveRun } from "./active-run.ts";
import { ERROR_PORT, type CompiledEdge, type CompiledNode } from "./compiled-agent.ts";
import { Frame } from "./frame.ts";
import { ReplayQueue } from "./replay-queue.ts";
import { failureOutput, StepRun } from "./step-run.ts";

/**
 * Starts nodes as their inputs arrive and follows their outcomes along the edges. What needs no run comes first (nodes
 * that are switched off), then what the journal has, and only when neither is left do nodes run: so a resumed run is
 * back at its frontier before it does anything, and a branch that had been given up is not started again.
 */
export class Scheduler {
  readonly #run: ActiveRun;
  readonly #frame: Frame;
  readonly #passing: CompiledNode[] = [];
  readonly #replays: ReplayQueue<CompiledNode>;
  readonly #live: CompiledNode[] = [];
  #nextLive = 0;
  #running = 0;
  #isPumping = false;
  #reply: { value: Json } | undefined;
  #lastLeaf: Json = null;

  constructor(run: ActiveRun) {
    const { input, run: facts } = run.options;
    const scope = Object.assign(Object.create(null) as Record<string, unknown>, {
      input,
      variables: run.agent.variables,
      run: { id: facts.executionId, startedAt: facts.startedAt, conversationId: facts.conversationId ?? null },
    });
    this.#run = run;
    this.#frame = new Frame(run.agent, "", scope);
    this.#replays = new ReplayQueue(run.options.journal.recorded);
  }

  /** Starts at a trigger; everything that only other triggers lead to is pruned. */
  start(trigger: CompiledNode): void {
    for (const root of this.#run.agent.roots) {
      if (root === trigger) this.#ready(root);
      else this.#skip(root);
    }
    this.#pump();
  }

  /** Works off the queues. Steps that end while it does (synchronous handlers) only add to them. */
  #pump(): void {
    if (this.#isPumping) return;
    this.#isPumping = true;
    while (!this.#run.isOver) {
      const passing = this.#passing.shift();
      if (passing !== undefined) {
        if (this.#frame.state(passing).status === "ready") this.#pass(passing);
        continue;
      }
      const replay = this.#replays.take();
      if (replay !== undefined) {
        if (this.#frame.state(replay.item).status === "ready") this.#conclude(replay.item, replay.record);
        continue;
      }
      const live = this.#live[this.#nextLive];
      if (live === undefined) break;
      this.#nextLive += 1;
      if (this.#frame.state(live).status === "ready") this.#begin(live);
    }
    this.#isPumping = false;
    if (this.#running === 0 && !this.#run.isOver) this.#run.complete(this.#reply === undefined ? this.#lastLeaf : this.#reply.value);
  }

  #ready(node: CompiledNode): void {
    this.#frame.state(node).status = "ready";
    if (node.join === "first") for (const rival of node.rivals) this.#abandon(rival);
    if (node.isDisabled) this.#passing.push(node);
    else if (!this.#replays.add(this.#frame.keyOf(node), node)) this.#live.push(node);
  }

  #begin(node: CompiledNode): void {
    const state = this.#frame.state(node);
    const pin = this.#run.options.pins?.[node.id];
    state.status = "running";
    this.#running += 1;
    state.step = new StepRun(this.#run, {
      node,
      key: this.#frame.keyOf(node),
      scope: this.#frame.scope,
      arrivals: state.arrivals ?? {},
      kind: "flow",
      ...(pin === undefined ? {} : { pin }),
      onEnd: (record) => {
        if (state.status !== "running") return;
        this.#running -= 1;
        this.#conclude(node, record);
        this.#pump();
      },
    });
    state.step.start();
  }

  /** Follows an outcome, new or replayed, along the edges. */
  #conclude(node: CompiledNode, record: StepRecord): void {
    if (record.status === "completed") {
      this.#frame.publish(node, { output: record.output });
      if (node.isReply) this.#reply = { value: record.output };
      this.#leave(node, record.ports, record.output);
      return;
    }
    const { error, output } = record;
    if (output === undefined && !record.ports.includes(ERROR_PORT)) {
      this.#frame.state(node).status = "done";
      this.#run.fail(error);
      return;
    }
    this.#frame.publish(node, output === undefined ? { error } : { output, error });
    this.#leave(node, record.ports, output ?? failureOutput(record));
  }

  /** A disabled node passes on what arrived first; a trigger, the run's input. */
  #pass(node: CompiledNode): void {
    const { arrivals } = this.#frame.state(node);
    const first = Object.values(arrivals ?? {})[0]?.[0];
    const value = first === undefined ? this.#run.options.input : first.value;
    this.#tellSkipped(node);
    this.#frame.publish(node, { output: value });
    this.#leave(node, node.outputPorts, value);
  }

  #leave(node: CompiledNode, ports: readonly string[], value: Json): void {
    this.#frame.state(node).status = "done";
    let isLeaf = true;
    for (const edge of node.outgoing) {
      const isTaken = ports.includes(edge.sourcePort);
      if (isTaken) isLeaf = false;
      this.#resolve(edge, isTaken ? { nodeId: node.id, port: edge.sourcePort, value } : undefined);
    }
    if (isLeaf) this.#lastLeaf = value;
  }

  /** An edge brought a value, or never will. */
  #resolve(edge: CompiledEdge, arrival: Arrival | undefined): void {
    const { target } = edge;
    const state = this.#frame.state(target);
    state.unresolved -= 1;
    if (state.status !== "waiting") return;
    if (arrival !== undefined) {
      state.arrivals ??= Object.create(null) as Record<string, Arrival[]>;
      (state.arrivals[edge.targetPort] ??= []).push(arrival);
    }
    if (state.arrivals !== undefined && (target.join !== "all" || state.unresolved === 0)) this.#ready(target);
    else if (state.unresolved === 0) this.#skip(target);
  }

  /** Prunes a node and everything that only it leads to; a list instead of recursion, for long chains. */
  #skip(node: CompiledNode): void {
    const pruned = [node];
    for (let next = pruned.pop(); next !== undefined; next = pruned.pop()) {
      const state = this.#frame.state(next);
      state.status = "skipped";
      this.#tellSkipped(next);
      for (const { target } of next.outgoing) {
        const targetState = this.#frame.state(target);
        targetState.unresolved -= 1;
        if (targetState.status !== "waiting" || targetState.unresolved > 0) continue;
        if (targetState.arrivals === undefined) pruned.push(target);
        else this.#ready(target);
      }
    }
  }

  #abandon(node: CompiledNode): void {
    const state = this.#frame.state(node);
    const { status } = state;
    if (status !== "waiting" && status !== "ready" && status !== "running") return;
    state.status = "abandoned";
    this.#tellSkipped(node);
    if (status !== "running") return;
    this.#running -= 1;
    state.step?.abandon(new HeddleError("run_cancelled", "Another branch was faster."));
  }

  #tellSkipped(node: CompiledNode): void {
    if (this.#run.isWatched) this.#run.emit({ type: "step.skipped", at: this.#run.now(), key: this.#frame.keyOf(node), nodeId: node.id });
  }
}
