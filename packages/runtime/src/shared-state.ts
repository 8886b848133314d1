import { HeddleError, type Json, type StateField, type StateUpdate } from "@heddle/schema";
import { bytesAtLeast } from "./admit-value.ts";

/** The state at one moment. Costs next to nothing until it is read. */
export interface StateMark {
  readonly values: Readonly<Record<string, Json>>;
}

/** Values that the nodes of one agent share during a run. They change as steps end, in the order of their records. */
export class SharedState {
  readonly #slots: Map<string, Slot>;
  readonly #maxBytes: number;
  #bytes = 0;
  #mark: StateMark | undefined;

  /** @param maxBytes what all values together may take as JSON, bytes */
  constructor(fields: readonly StateField[], maxBytes: number) {
    this.#maxBytes = maxBytes;
    this.#slots = fields.length === 0 ? NO_SLOTS : new Map();
    for (const { name, initial, reducer } of fields) {
      if (reducer === "append") this.#slots.set(name, { reducer, list: Array.isArray(initial) ? [...initial] : [] });
      else if (reducer === "add") this.#slots.set(name, { reducer, sum: typeof initial === "number" ? initial : 0 });
      else this.#slots.set(name, { reducer, value: initial, bytes: 0 });
    }
  }

  /** What is wrong with updates, before they are recorded. */
  check(updates: readonly StateUpdate[]): HeddleError | undefined {
    for (const { name, value } of updates) {
      const slot = this.#slots.get(name);
      if (slot === undefined) return new HeddleError("output_invalid", `The agent's state has no "${name}".`, { details: { name } });
      if (slot.reducer === "add" && typeof value !== "number") {
        return new HeddleError("output_invalid", `Only a number can be added to "${name}" of the state.`, { details: { name } });
      }
    }
    return undefined;
  }

  /** Carries out updates that {@link check} found nothing wrong with. Returns the error when the state grew too large. */
  apply(updates: readonly StateUpdate[]): HeddleError | undefined {
    this.#mark = undefined;
    for (const { name, value } of updates) {
      const slot = this.#slots.get(name);
      if (slot === undefined) continue;
      if (slot.reducer === "add") slot.sum += typeof value === "number" ? value : 0;
      else {
        const bytes = bytesAtLeast(value, this.#maxBytes);
        this.#bytes += bytes;
        if (slot.reducer === "append") slot.list.push(value);
        else {
          this.#bytes -= slot.bytes;
          slot.value = value;
          slot.bytes = bytes;
        }
      }
    }
    if (this.#bytes <= this.#maxBytes) return undefined;
    return new HeddleError("value_too_large", `The run's state is larger than ${this.#maxBytes} bytes.`, {
      details: { maxBytes: this.#maxBytes },
    });
  }

  /** The state as it is now. */
  mark(): StateMark {
    if (this.#slots.size === 0) return NO_STATE;
    this.#mark ??= new Mark(this.#slots);
    return this.#mark;
  }
}

/** Shared by all runs of agents without a state. */
const NO_SLOTS: Map<string, Slot> = new Map();
const NO_STATE: StateMark = { values: Object.freeze({}) };

/** Lists only ever grow, so their length says what they were; they are copied when somebody looks. */
class Mark implements StateMark {
  readonly #parts: { name: string; value: Json; length: number | undefined }[] = [];
  #values: Record<string, Json> | undefined;

  constructor(slots: ReadonlyMap<string, Slot>) {
    for (const [name, slot] of slots) {
      if (slot.reducer === "append") this.#parts.push({ name, value: slot.list, length: slot.list.length });
      else this.#parts.push({ name, value: slot.reducer === "add" ? slot.sum : slot.value, length: undefined });
    }
  }

  get values(): Readonly<Record<string, Json>> {
    this.#values ??= Object.fromEntries(
      this.#parts.map(({ name, value, length }) => [name, length === undefined ? value : (value as Json[]).slice(0, length)]),
    );
    return this.#values;
  }
}

type Slot =
  | { readonly reducer: "append"; readonly list: Json[] }
  | { readonly reducer: "add"; sum: number }
  | { readonly reducer: "replace"; value: Json; bytes: number };
