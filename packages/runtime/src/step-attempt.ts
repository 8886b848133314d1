import { HeddleError } from "@heddle/schema";
import type { Abandonable } from "./active-run.ts";

/** One try of a step. Once it is over, nothing its handler still says has any effect. */
export class StepAttempt {
  /** Tools the try is running. */
  readonly inner = new Set<Abandonable>();
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

  /** Ends the try; a reason also aborts its signal. */
  end(reason?: HeddleError): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#reason = reason;
    if (reason !== undefined) this.#controller?.abort(reason);
    for (const step of this.inner) step.abandon(reason ?? new HeddleError("run_cancelled", "The step ended without waiting for its tool."));
    this.inner.clear();
  }
}
