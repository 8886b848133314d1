import { HeddleError, type ErrorInfo, type Json } from "@heddle/schema";
import type { ActiveRun } from "./active-run.ts";
import { bytesAtLeast } from "./admit-value.ts";
import { EnvelopeRun } from "./envelope-run.ts";
import { Frame, type FrameOwner } from "./frame.ts";
import { narrowScope, readRounds, tooManyRounds, type Rounds } from "./read-rounds.ts";
import { failureOutput } from "./record-outcome.ts";
import type { StepPlan } from "./step-plan.ts";

/** The port that the item of a round seems to come from. */
const ITEM_PORT = "item";

/** A loop, a map, or a node that runs per item, under way. It has frames for its current rounds only. */
export class ContainerRun extends EnvelopeRun implements FrameOwner {
  readonly #path: string;
  readonly #current = new Map<Frame, number>();
  readonly #results: Json[] = [];
  readonly #ports = new Set<string>();
  #todo: Rounds | undefined;
  #next = 0;
  #done = 0;
  #failed = 0;
  #told = 0;
  #bytes = 0;
  #previous: Json = null;

  /** @param path what the keys of its rounds begin with after `#` */
  constructor(run: ActiveRun, plan: StepPlan, path: string) {
    super(run, plan);
    this.#path = path;
  }

  /**
   * Goes through the rounds of one whose outcome is recorded, for what they did to the state. The outcome comes when its
   * turn comes, before what follows from the rounds could be recorded again.
   */
  replay(): void {
    this.attempt(() => this.work());
  }

  ended(frame: Frame, result: Json): void {
    const index = this.#leave(frame);
    if (index === undefined) return;
    for (const port of frame.lastPorts) this.#ports.add(port);
    this.#keep(index, result);
  }

  failed(frame: Frame, error: ErrorInfo): void {
    const index = this.#leave(frame);
    if (index === undefined) return;
    this.run.scheduler.close(frame, new HeddleError("run_cancelled", "Another node of the round failed."));
    if (this.#todo?.goesOn !== true) {
      this.fail(error);
      return;
    }
    this.#failed += 1;
    this.#keep(index, failureOutput({ error }));
  }

  protected override work(): void {
    this.#todo = readRounds(this.plan);
    this.#startRounds(this.#todo);
  }

  protected override close(reason: HeddleError): void {
    for (const frame of this.#current.keys()) {
      this.rounds += 1 + frame.roundsInside;
      this.run.scheduler.close(frame, reason);
    }
    this.#current.clear();
  }

  #leave(frame: Frame): number | undefined {
    const index = this.#current.get(frame);
    this.#current.delete(frame);
    if (index !== undefined) this.rounds += 1 + frame.roundsInside;
    return this.isOver ? undefined : index;
  }

  #keep(index: number, result: Json): void {
    const { run, plan } = this;
    this.#done += 1;
    this.#previous = result;
    const todo = this.#todo;
    if (todo === undefined) return;
    if (todo.collects) {
      this.#results[index] = result;
      this.#bytes += bytesAtLeast(result, run.budget.maxCollectedBytes);
      if (this.#bytes > run.budget.maxCollectedBytes) {
        this.fail(tooMuch(plan.node.name, run.budget.maxCollectedBytes));
        return;
      }
    }
    if (run.isWatched) this.#tell(todo);
    this.attempt(() => this.#startRounds(todo));
  }

  #startRounds(todo: Rounds): void {
    while (!this.isOver && !this.run.isOver && this.#current.size < todo.concurrency) {
      if (!todo.hasNext(this.#next, this.#previous)) break;
      if (this.#next >= todo.most) throw tooManyRounds(this.plan.node, todo.most);
      const limit = this.run.budget.takeIterations(1);
      if (limit !== undefined) {
        this.run.fail(limit, this.plan.node.id);
        return;
      }
      this.#startRound(todo, this.#next);
      this.#next += 1;
    }
    if (this.#current.size === 0 && !this.isOver && !this.run.isOver) this.#complete(todo);
  }

  #startRound({ body, itemAt, goesOn }: Rounds, index: number): void {
    const { node, frame: around, arrivals } = this.plan;
    const isEach = node.task.kind === "each";
    const item = itemAt(index);
    const scope = narrowScope(this.plan.scope, body.names);
    scope.item = item;
    scope.index = index;
    if (!isEach) scope[node.id] = { item, index, previous: this.#previous };
    const frame = new Frame({
      activation: around.activation,
      level: body,
      owner: this,
      scope,
      path: this.#path === "" ? String(index) : `${this.#path}.${index}`,
      isInRound: true,
      isVital: around.isVital && node.onError === "fail" && !goesOn,
    });
    this.#current.set(frame, index);
    this.run.scheduler.open(frame, (root) =>
      isEach ? arrivals : { [root.firstInput]: [{ nodeId: node.id, port: ITEM_PORT, value: item }] },
    );
  }

  #complete({ collects }: Rounds): void {
    const { node } = this.plan;
    const isEach = node.task.kind === "each";
    const output: Json = isEach ? this.#results : { items: collects ? this.#results : [], count: this.#done, failed: this.#failed };
    // With one way out there is nothing to choose; with several, what any item chose.
    const ports = isEach && node.outputPorts.length > 1 ? node.outputPorts.filter((port) => this.#ports.has(port)) : node.outputPorts;
    this.succeed(output, ports);
  }

  /** Now and then: a hundred times for a list however long, less and less often where the end is not known. */
  #tell({ total }: Rounds): void {
    if (this.#done - this.#told < Math.max(1, Math.floor((total ?? this.#done) / 100))) return;
    this.#told = this.#done;
    const { run, plan } = this;
    const progress = { key: plan.key, nodeId: plan.node.id, done: this.#done, ...(total === undefined ? {} : { total }) };
    run.emit({ type: "step.progress", at: run.now(), ...progress });
  }
}

function tooMuch(name: string, maxBytes: number): HeddleError {
  return new HeddleError("value_too_large", `The results of "${name}" are larger than ${maxBytes} bytes together.`, {
    details: { maxBytes },
    hint: "Let each round give less, or do not collect the results.",
  });
}
