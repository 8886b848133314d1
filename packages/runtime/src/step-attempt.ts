import { HeddleError, type StateUpdate } from "@heddle/schema";
import type { Abandonable } from "./active-run.ts";

/** One try of a step. Once it is over, nothing its handler still says has any effect. */
export class StepAttempt {
  /** Tools the try is running. Made when first needed, as are the others. */
  #inner: Set<Abandonable> | undefined;
  /** Updates of the state that tools made: they take effect with the step's own. */
  updates: StateUpdate[] | undefined;
  /** Parts of the step, by `once`, that are being done. */
  parts = 0;
  /** Whether the handler waits, by `wait`. */
  isWaiting = false;
  #controller: AbortController | undefined;
  #isOver = false;
  #reason: HeddleError | undefined;

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Why it was ended from outside or failed; undefined when it succeeded or goes on. */
  get reason(): HeddleError | undefined {
    return this.#reason;
  }

  /** Made when first asked for: most handlers never do. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#reason !== undefined) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  /** Whether it does nothing but wait: for the end of a wait, or for tools, which are asked themselves. */
  get isParked(): boolean {
    return this.parts === 0 && (this.isWaiting || (this.#inner !== undefined && this.#inner.size > 0));
  }

  enter(tool: Abandonable): void {
    this.#inner ??= new Set();
    this.#inner.add(tool);
  }

  leave(tool: Abandonable, updates: readonly StateUpdate[] | undefined): void {
    this.#inner?.delete(tool);
    if (updates !== undefined) this.addUpdates(updates);
  }

  addUpdates(updates: readonly StateUpdate[]): void {
    this.updates ??= [];
    this.updates.push(...updates);
  }

  /** Ends the try; a reason also aborts its signal. */
  end(reason?: HeddleError): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#reason = reason;
    if (reason !== undefined) this.#controller?.abort(reason);
    const inner = this.#inner;
    if (inner === undefined) return;
    for (const step of inner) step.abandon(reason ?? new HeddleError("run_cancelled", "The step ended without waiting for its tool."));
    inner.clear();
  }
}
