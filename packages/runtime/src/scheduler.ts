import type { Arrival } from "@heddle/node-kit";
import { HeddleError, type ErrorInfo, type Json, type StepRecord } from "@heddle/schema";
import type { ActiveRun } from "./active-run.ts";
import { Activation } from "./activation.ts";
import { Bag } from "./bag.ts";
import { isRunLimit } from "./budget.ts";
import { JUMP_PORT, type CompiledEdge, type CompiledNode } from "./compiled-agent.ts";
import { ContainerRun } from "./container-run.ts";
import { Fifo } from "./fifo.ts";
import { Frame, type Turn, type Work } from "./frame.ts";
import { gotoHandler } from "./goto-handler.ts";
import { jumpBack } from "./jump-back.ts";
import { failureOutput, isEnding } from "./record-outcome.ts";
import { ReplayQueue } from "./replay-queue.ts";
import type { RecordedStep } from "./run-journal.ts";
import type { ArrivalsByPort } from "./step-context.ts";
import type { StepPlan } from "./step-plan.ts";
import { StepRun } from "./step-run.ts";
import { SubAgentRun } from "./sub-agent-run.ts";

/**
 * Starts nodes as their inputs arrive and follows their outcomes along the edges. What needs no run comes first (frames
 * that have ended, steps that consist of others, nodes that are switched off), then what the journal has, then what follows
 * from both, and only when none is left do nodes run: so a resumed run is back at its frontier before it does anything, and a branch that had been
 * given up is not started again. Everything here depends on the order of the outcomes alone.
 */
export class Scheduler {
  readonly #run: ActiveRun;
  readonly #ended = new Fifo<Frame>();
  readonly #opening = new Fifo<{ place: Place; open: () => void }>();
  readonly #passing = new Fifo<Place>();
  readonly #replays = new ReplayQueue<Place>();
  readonly #settling = new Fifo<() => void>();
  readonly #live = new Fifo<Place>();
  #isReplaying: boolean;
  /** Agents being loaded, and those of them whose records others must wait for, to keep the order. */
  #loading = 0;
  #holding = 0;
  #isPumping = false;

  constructor(run: ActiveRun) {
    this.#run = run;
    this.#isReplaying = run.options.journal.recorded.length > 0;
  }

  /** Starts the run at a trigger; everything that only other triggers lead to is pruned. */
  start(trigger: CompiledNode): void {
    const run = this.#run;
    const { input, run: facts } = run.options;
    const activation = new Activation({ agent: run.agent, input, facts, maxStateBytes: run.budget.maxCollectedBytes });
    const owner = {
      ended: (_frame: Frame, result: Json) => run.complete(result),
      failed: (_frame: Frame, error: ErrorInfo) => run.fail(error),
      began: () => {},
    };
    const parts = { activation, level: run.agent, owner, scope: activation.scope(), path: "", isInRound: false, isVital: true };
    this.open(new Frame(parts), (root) => (root === trigger ? {} : undefined));
    this.pump();
  }

  /** Starts a frame with those of its roots that something arrives at; the others are pruned. */
  open(frame: Frame, arrivalsAt: (root: CompiledNode) => ArrivalsByPort | undefined): void {
    frame.activation.top ??= frame;
    for (const root of frame.level.roots) {
      const arrivals = arrivalsAt(root);
      if (arrivals === undefined) this.#skip(frame, root);
      else {
        frame.turn(root).arrivals = arrivals;
        this.#ready(frame, root);
      }
    }
    if (frame.pending === 0) this.#ended.add(frame);
  }

  /** Gives up all that goes on in a frame. */
  close(frame: Frame, reason: HeddleError): void {
    frame.close((turn) => giveUp(turn, reason));
  }

  /** Makes a run of a node that is lent as a tool. */
  toolFor(plan: StepPlan): Work {
    return plan.node.definition.control === "sub-agent" ? new SubAgentRun(this.#run, plan) : new StepRun(this.#run, plan);
  }

  /** Whether an agent is being loaded to run inside this one. */
  get isLoading(): boolean {
    return this.#loading > 0;
  }

  /** Goes on once an agent is loaded. What is recorded waits for it, because its steps have their places in the order. */
  awaitLoading(loading: Promise<void>): void {
    const held = this.#isReplaying ? 1 : 0;
    this.#loading += 1;
    this.#holding += held;
    loading
      .then(() => {
        this.#loading -= 1;
        this.#holding -= held;
        this.pump();
      })
      .catch((fault: unknown) => this.#run.crash(fault));
  }

  /** Does something, the record of an outcome that follows from others, once all that is recorded has been gone through. */
  settleLater(settle: () => void): void {
    this.#settling.add(settle);
    this.pump();
  }

  /** Works off the queues. Steps that end while it does (synchronous handlers) only add to them. */
  pump(): void {
    if (this.#isPumping) return;
    this.#isPumping = true;
    while (!this.#run.isOver && this.#work());
    this.#isPumping = false;
    this.#run.waits.reconsider();
  }

  /** Does the next thing. Returns whether there was one. */
  #work(): boolean {
    const ended = this.#ended.take();
    if (ended !== undefined) {
      this.#finish(ended);
      return true;
    }
    const opening = this.#opening.take();
    if (opening !== undefined) {
      if (opening.place.turn.status === "running") opening.open();
      return true;
    }
    const passing = this.#passing.take();
    if (passing !== undefined) {
      if (passing.turn.status === "ready") this.#pass(passing);
      return true;
    }
    if (this.#holding > 0) return false;
    const replay = this.#replays.take();
    if (replay !== undefined) {
      this.#replay(replay.item, replay.record);
      return true;
    }
    this.#isReplaying = false;
    const settle = this.#settling.take();
    if (settle !== undefined) {
      settle();
      return true;
    }
    const live = this.#live.take();
    if (live === undefined) return false;
    begin(live.turn);
    return true;
  }

  #finish(frame: Frame): void {
    if (frame.isOver || frame.pending > 0) return;
    frame.isOver = true;
    frame.owner.ended(frame, frame.result);
  }

  #ready(frame: Frame, node: CompiledNode): void {
    const turn = frame.turn(node);
    const place = { frame, node, turn };
    turn.status = "ready";
    frame.pending += 1;
    if (node.join === "first") for (const rival of node.rivals) this.#abandon(frame, rival);
    if (node.isDisabled) {
      this.#passing.add(place);
      return;
    }
    const key = frame.keyOf(node);
    const recorded = this.#recordedAs(frame, key);
    if (recorded !== undefined) this.#replays.add(place, recorded);
    const { kind } = node.task;
    const pin = frame.activation.depth === 0 ? this.#run.options.pins?.[node.id] : undefined;
    if (pin === undefined && (kind === "rounds" || kind === "each")) this.#openContainer(place, key, recorded?.record);
    else if (recorded === undefined) {
      const plan = this.#planFor(place, key, pin);
      if (pin === undefined && kind === "sub-agent") this.#openLater(place, new SubAgentRun(this.#run, plan));
      else {
        turn.work = new StepRun(this.#run, plan, kind === "goto" ? gotoHandler(frame, node) : undefined);
        // What a go-to does follows from what was recorded before it, as the end of a container does.
        if (kind === "goto") this.#settling.add(() => begin(place.turn));
        else this.#live.add(place);
      }
    }
  }

  #recordedAs(frame: Frame, key: string): RecordedStep | undefined {
    const again = frame.activation.records?.get(key);
    const recorded = again === undefined ? this.#run.journal.take(key) : { record: again, place: again.order ?? 0 };
    if (recorded === undefined) return undefined;
    const isForgotten = this.#run.options.isRetry === true && frame.isVital && isEnding(recorded.record);
    return isForgotten ? undefined : recorded;
  }

  #planFor(place: Place, key: string, pin: Json | undefined): StepPlan {
    const { frame, node, turn } = place;
    return {
      node,
      key,
      frame,
      scope: frame.scope,
      state: frame.activation.state.mark(),
      arrivals: turn.arrivals ?? NO_ARRIVALS,
      kind: "flow",
      pin,
      onEnd: (record) => {
        if (turn.status !== "running") return;
        this.#conclude(place, record);
        this.pump();
      },
    };
  }

  #openLater(place: Place, work: Work, open = () => work.start()): void {
    place.turn.status = "running";
    place.turn.work = work;
    this.#opening.add({ place, open });
  }

  /** Rounds that are recorded as a whole are gone through only where they may have changed the state. */
  #openContainer(place: Place, key: string, record: StepRecord | undefined): void {
    const { frame, node } = place;
    if (record !== undefined && frame.activation.agent.state.length === 0) {
      const limit = this.#run.budget.takeIterations(record.rounds ?? 0);
      if (limit !== undefined) this.#run.fail(limit, node.id);
      return;
    }
    const container = new ContainerRun(this.#run, this.#planFor(place, key, undefined), frame.suffixOf(node));
    this.#openLater(place, container, () => (record === undefined ? container.start() : container.replay()));
  }

  #replay(place: Place, record: StepRecord): void {
    const { status, work } = place.turn;
    if (status !== "ready" && status !== "running") return;
    // A container whose time was up had rounds under way.
    work?.abandon(new HeddleError("run_cancelled", "The step has ended."));
    place.frame.owner.began(record.startedAt);
    this.#conclude(place, record);
  }

  /** Follows an outcome, new or replayed, along the edges. */
  #conclude(place: Place, record: StepRecord): void {
    const { frame, node, turn } = place;
    turn.work = undefined;
    frame.roundsInside += record.rounds ?? 0;
    if (record.state !== undefined) {
      const limit = frame.activation.state.apply(record.state);
      if (limit !== undefined) {
        this.#run.fail(limit, node.id);
        return;
      }
    }
    if (record.status === "completed") {
      frame.publish(node, { output: record.output });
      if (node.definition.category === "trigger") frame.handOn(record.output);
      if (node.isReply) frame.reply = { value: record.output };
      if (record.ports.includes(JUMP_PORT) && node.task.kind === "goto") this.#jump(place, record.output);
      else this.#leave(place, record.ports, record.output);
      return;
    }
    if (isEnding(record)) {
      turn.status = "done";
      this.#fail(frame, node, record.error);
      return;
    }
    const { error, output } = record;
    frame.publish(node, output === undefined ? { error } : { output, error });
    this.#leave(place, record.ports, output ?? failureOutput(record));
  }

  #fail(frame: Frame, node: CompiledNode, error: ErrorInfo): void {
    const { top } = frame.activation;
    if (isRunLimit(error)) this.#run.fail(error);
    else if (error.code === "run_stopped" && node.task.kind === "handler" && top !== undefined) top.owner.failed(top, error);
    else frame.owner.failed(frame, error);
  }

  #jump({ frame, node, turn }: Place, value: Json): void {
    turn.status = "done";
    if (node.task.kind === "goto" && node.task.target !== undefined) {
      const { target, restarts } = node.task;
      jumpBack(frame, node, { target, restarts, value, abandon: (other) => this.#abandon(frame, other) });
      this.#ready(frame, target);
    }
    this.#settle(frame);
  }

  /** A disabled node passes on what arrived first; a trigger, the run's input. */
  #pass(place: Place): void {
    const { frame, node, turn } = place;
    const first = Object.values(turn.arrivals ?? {})[0]?.[0];
    const value = first === undefined ? frame.activation.input : first.value;
    this.#tellSkipped(frame, node);
    frame.publish(node, { output: value });
    this.#leave(place, node.outputPorts, value);
  }

  #leave({ frame, node, turn }: Place, ports: readonly string[], value: Json): void {
    turn.status = "done";
    let isLeaf = true;
    for (const edge of node.outgoing) {
      const isTaken = ports.includes(edge.sourcePort);
      if (isTaken) isLeaf = false;
      this.#resolve(frame, edge, isTaken ? { nodeId: node.id, port: edge.sourcePort, value } : undefined);
    }
    if (isLeaf) {
      frame.lastLeaf = value;
      frame.lastPorts = ports;
    }
    this.#settle(frame);
  }

  /** One node fewer is under way. */
  #settle(frame: Frame): void {
    if (frame.isOver) return;
    frame.pending -= 1;
    if (frame.pending === 0) this.#ended.add(frame);
  }

  /** An edge brought a value, or never will. */
  #resolve(frame: Frame, edge: CompiledEdge, arrival: Arrival | undefined): void {
    const { target } = edge;
    const turn = frame.turn(target);
    turn.unresolved -= 1;
    if (turn.status !== "waiting") return;
    if (arrival !== undefined) {
      turn.arrivals ??= new Bag() as ArrivalsByPort;
      (turn.arrivals[edge.targetPort] ??= []).push(arrival);
      turn.arrived += 1;
    }
    if (turn.arrived >= target.quota || (turn.unresolved === 0 && turn.arrived > 0)) this.#ready(frame, target);
    else if (turn.unresolved === 0) this.#skip(frame, target);
  }

  /** Prunes a node and everything that only it leads to; a list instead of recursion, for long chains. */
  #skip(frame: Frame, node: CompiledNode): void {
    const pruned = [node];
    for (let next = pruned.pop(); next !== undefined; next = pruned.pop()) {
      frame.turn(next).status = "skipped";
      this.#tellSkipped(frame, next);
      for (const { target } of next.outgoing) {
        const turn = frame.turn(target);
        turn.unresolved -= 1;
        if (turn.status !== "waiting" || turn.unresolved > 0) continue;
        if (turn.arrived === 0) pruned.push(target);
        else this.#ready(frame, target);
      }
    }
  }

  #abandon(frame: Frame, node: CompiledNode): void {
    const turn = frame.turn(node);
    const { status } = turn;
    if (status !== "waiting" && status !== "ready" && status !== "running") return;
    this.#tellSkipped(frame, node);
    giveUp(turn, new HeddleError("run_cancelled", "Another branch was faster."));
    if (status !== "waiting") this.#settle(frame);
  }

  #tellSkipped(frame: Frame, node: CompiledNode): void {
    if (this.#run.isWatched) this.#run.emit({ type: "step.skipped", at: this.#run.now(), key: frame.keyOf(node), nodeId: node.id });
  }
}

const NO_ARRIVALS: ArrivalsByPort = Object.freeze({});

/** One turn of a node in its frame. */
interface Place {
  readonly frame: Frame;
  readonly node: CompiledNode;
  readonly turn: Turn;
}

function begin(turn: Turn): void {
  if (turn.status !== "ready" || turn.work === undefined) return;
  turn.status = "running";
  turn.work.start();
}

function giveUp(turn: Turn, reason: HeddleError): void {
  turn.status = "abandoned";
  const { work } = turn;
  turn.work = undefined;
  work?.abandon(reason);
}
