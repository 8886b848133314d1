import type { EventLog, PlacedEvent } from "./event-log.ts";
import type { RunAddress } from "./execution-event.ts";

/** Who the events of all runs of an agent go to; see EventSink. */
export interface AgentSink {
  tell(event: PlacedEvent): boolean;
  ready(): Promise<void>;
  end(error?: unknown): void;
}

export interface AgentSubscriptionOptions {
  agent: Pick<RunAddress, "workspaceId" | "agentId">;
  /** Where to go on. */
  after: string;
  sink: AgentSink;
  log: EventLog;
}

/** How long to rely on being woken, ms. */
const LOOK_AFTER_MS = 10_000;
const PAGE = 200;

/**
 * One watcher of an agent's runs. All of it comes from the log, also where the runs go on in this process: only the log
 * has the runs of all processes in one order, which is what makes it possible to go on after an event.
 */
export class AgentSubscription {
  readonly #options: AgentSubscriptionOptions;
  #position: string;
  #isOver = false;
  #isWoken = false;
  #wake = () => {};

  constructor(options: AgentSubscriptionOptions) {
    this.#options = options;
    this.#position = options.after;
  }

  /** Runs until it is stopped. Never rejects. */
  async run(): Promise<void> {
    const { agent, log, sink } = this.#options;
    try {
      while (!this.#isOver) {
        this.#isWoken = false;
        const page = await log.ofAgent(agent, this.#position, PAGE);
        for (const event of page) {
          if (this.#isOver) return;
          this.#position = event.position;
          if (!sink.tell(event)) await sink.ready();
        }
        if (page.length < PAGE && !this.#isWoken && !this.#isOver) {
          await new Promise<void>((resolve) => {
            const timer = setTimeout(resolve, LOOK_AFTER_MS).unref();
            this.#wake = () => {
              clearTimeout(timer);
              resolve();
            };
          });
          this.#wake = () => {};
        }
      }
    } catch (error) {
      if (!this.#isOver) sink.end(error);
    } finally {
      this.#isOver = true;
    }
  }

  /** There may be more to read. */
  wake(): void {
    this.#isWoken = true;
    this.#wake();
  }

  /** Ends it without a word to the sink. */
  stop(): void {
    this.#isOver = true;
    this.#wake();
  }
}
