import type { Actor } from "@heddle/platform/access/actor";
import type { Platform } from "@heddle/platform";
import type { AgentSink } from "@heddle/platform/events/agent-subscription";
import type { EventSink } from "@heddle/platform/events/run-subscription";
import { HeddleError } from "@heddle/schema";
import { z } from "zod";
import { parseJson } from "../http/body.ts";
import { invalidRequest, toProblemDocument } from "../http/problem.ts";
import { toExecutionMessage } from "./execution-message.ts";
import { keepAuthorised } from "./keep-authorised.ts";
import { parseEventId } from "./stream-events.ts";

/** After what to go on: the `id` of a run's last message, the `cursor` of an agent's. */
const lastEventId = z.union([z.string().max(64), z.number().int().min(0)]).optional();
/** What a client may say. */
const clientMessage = z.union([
  z.object({ type: z.enum(["subscribe", "unsubscribe"]), executionId: z.uuid(), lastEventId }).strict(),
  z.object({ type: z.enum(["subscribe", "unsubscribe"]), agentId: z.uuid(), lastEventId }).strict(),
]);
type Subject = { executionId: string } | { agentId: string };

/** Subscriptions of one connection; a page watches a handful. */
const MAX_SUBSCRIPTIONS = 100;

/** The connection of a session. */
export interface EventConnection {
  /** @returns false where `ready` should be awaited before more is sent */
  send: (text: string) => boolean;
  /** Resolves once there is room again; rejects where the connection is gone. */
  ready: () => Promise<void>;
  /** Ends the connection; the code is WebSocket's. */
  close: (code: number, reason: string) => void;
}

export interface EventSessionOptions extends EventConnection {
  platform: Platform;
  /** Asked again every few seconds; undefined ends the session. */
  identify: () => Promise<Actor | undefined>;
  onEnd: () => void;
}

interface Subscription {
  subject: Subject;
  stop: () => void;
}

/** One connection that watches runs. Each subscription is authorised by itself, and again for as long as it lasts. */
export class EventSession {
  readonly #options: EventSessionOptions;
  readonly #watched = new Map<string, Subscription>();
  readonly #stopRecheck: () => void;
  #isOver = false;

  constructor(options: EventSessionOptions) {
    this.#options = options;
    this.#stopRecheck = keepAuthorised(
      () => this.#recheck(),
      () => options.close(4401, "Sign in again"),
    );
  }

  /** Takes one message of the client. What is wrong with it is answered, not thrown. */
  async receive(text: string): Promise<void> {
    let subject: Subject | undefined;
    try {
      const parsed = clientMessage.safeParse(parseJson(text));
      if (!parsed.success) throw invalidRequest(parsed.error);
      const { type, lastEventId, ...named } = parsed.data;
      subject = named;
      if (type === "unsubscribe") this.#unsubscribe(keyOf(subject));
      else await this.#subscribe(subject, lastEventId === undefined ? undefined : String(lastEventId));
    } catch (error) {
      this.#send({ type: "error", ...subject, error: toProblemDocument(error) });
    }
  }

  /** Forgets everything; call when the connection is gone. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#stopRecheck();
    for (const key of this.#watched.keys()) this.#unsubscribe(key);
    this.#options.onEnd();
  }

  async #subscribe(subject: Subject, after: string | undefined): Promise<void> {
    const { platform, identify, ready } = this.#options;
    await platform.landed();
    const actor = await identify();
    if (!actor) return this.#options.close(4401, "Sign in again");
    const key = keyOf(subject);
    if (this.#watched.has(key) || this.#isOver) return;
    if (this.#watched.size >= MAX_SUBSCRIPTIONS)
      throw new HeddleError("rate_limited", `One connection can watch ${MAX_SUBSCRIPTIONS} things at once.`);
    const entry: Subscription = { subject, stop: () => {} };
    this.#watched.set(key, entry);
    // The confirmation comes first.
    let confirm = () => {};
    const confirmed = new Promise<void>((resolve) => (confirm = resolve));
    let early: object[] | undefined = [];
    const send = (message: object): boolean => {
      if (early === undefined) return this.#send(message);
      early.push(message);
      return false;
    };
    const sink: Pick<EventSink, "ready" | "end"> = {
      ready: async () => {
        await confirmed;
        await ready();
      },
      end: (error) => {
        if (this.#watched.get(key) === entry) this.#watched.delete(key);
        if (error !== undefined) send({ type: "error", ...subject, error: toProblemDocument(error) });
      },
    };
    const runSink: EventSink = { ...sink, tell: (event) => send(toExecutionMessage(event)) };
    const agentSink: AgentSink = { ...sink, tell: (event) => send({ ...toExecutionMessage(event), cursor: event.position }) };
    try {
      const { stop } =
        "agentId" in subject
          ? await platform.executions.watchAgent(actor, subject.agentId, { sink: agentSink, after })
          : await platform.executions.watch(actor, subject.executionId, { sink: runSink, afterId: parseEventId(after) });
      entry.stop = stop;
    } catch (error) {
      this.#watched.delete(key);
      throw error;
    }
    this.#send({ type: "subscribed", ...subject });
    for (const message of early) this.#send(message);
    early = undefined;
    confirm();
    // The client may have unsubscribed, or left, before there was anything to stop; one that ended has stopped by itself.
    if (this.#watched.get(key) !== entry) entry.stop();
  }

  #unsubscribe(key: string): void {
    this.#watched.get(key)?.stop();
    this.#watched.delete(key);
  }

  /** Sessions end and members leave while connections last. @throws HeddleError unauthenticated */
  async #recheck(): Promise<void> {
    const { platform, identify } = this.#options;
    const actor = await identify();
    if (!actor) throw new HeddleError("unauthenticated", "Sign in again.");
    for (const [key, { subject }] of this.#watched) {
      const check =
        "agentId" in subject
          ? platform.access.authorizeResource(actor, "agent", subject.agentId, "read")
          : platform.access.authorizeResource(actor, "execution", subject.executionId, "read");
      await check.catch((error: unknown) => {
        if (!(error instanceof HeddleError) || error.status >= 500) return;
        this.#unsubscribe(key);
        this.#send({ type: "error", ...subject, error: toProblemDocument(error) });
      });
    }
  }

  #send(message: object): boolean {
    return this.#isOver || this.#options.send(JSON.stringify(message));
  }
}

function keyOf(subject: Subject): string {
  return "agentId" in subject ? `agent ${subject.agentId}` : `execution ${subject.executionId}`;
}
