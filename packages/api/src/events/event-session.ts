import type { Actor } from "@heddle/platform/access/actor";
import type { Platform } from "@heddle/platform";
import type { ExecutionListener } from "@heddle/platform/executions/execution-events";
import { HeddleError } from "@heddle/schema";
import { z } from "zod";
import { parseJson } from "../http/body.ts";
import { invalidRequest, toProblemDocument } from "../http/problem.ts";
import { isLastMessage, toExecutionMessage, type ExecutionMessage } from "./execution-message.ts";

/** What a client may say. */
const clientMessage = z.union([
  z.object({ type: z.enum(["subscribe", "unsubscribe"]), executionId: z.uuid(), afterId: z.number().int().min(0).optional() }).strict(),
  z.object({ type: z.enum(["subscribe", "unsubscribe"]), agentId: z.uuid() }).strict(),
]);
type Subject = { executionId: string; afterId?: number | undefined } | { agentId: string };

/** Subscriptions of one connection; a page watches a handful. */
const MAX_SUBSCRIPTIONS = 100;
/** How often it is asked whether the caller still is who they were, ms: what was revoked goes quiet within this. */
const RECHECK_EVERY_MS = 4_000;

export interface EventSessionOptions {
  platform: Platform;
  /** Asked again every few seconds; undefined ends the session. */
  identify: () => Promise<Actor | undefined>;
  send: (text: string) => void;
  /** Ends the connection; the code is WebSocket's. */
  close: (code: number, reason: string) => void;
}

/** One connection that watches runs. Each subscription is authorised by itself, and again for as long as it lasts. */
export class EventSession {
  readonly #options: EventSessionOptions;
  readonly #watched = new Map<string, { subject: Subject; stop: () => void }>();
  readonly #timer: ReturnType<typeof setInterval>;

  constructor(options: EventSessionOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.#recheck(), RECHECK_EVERY_MS);
  }

  /** Takes one message of the client. What is wrong with it is answered, not thrown. */
  async receive(text: string): Promise<void> {
    try {
      const parsed = clientMessage.safeParse(parseJson(text));
      if (!parsed.success) throw invalidRequest(parsed.error);
      const { type, ...subject } = parsed.data;
      if (type === "unsubscribe") this.#unsubscribe(keyOf(subject));
      else await this.#subscribe(subject);
    } catch (error) {
      this.#send({ type: "error", error: toProblemDocument(error) });
    }
  }

  /** Forgets everything; call when the connection is gone. */
  end(): void {
    clearInterval(this.#timer);
    for (const key of this.#watched.keys()) this.#unsubscribe(key);
  }

  async #subscribe(subject: Subject): Promise<void> {
    const { platform, identify } = this.#options;
    const actor = await identify();
    if (!actor) return this.#options.close(4401, "Sign in again");
    const key = keyOf(subject);
    if (this.#watched.has(key)) return;
    if (this.#watched.size >= MAX_SUBSCRIPTIONS)
      throw new HeddleError("rate_limited", `One connection can watch ${MAX_SUBSCRIPTIONS} things at once.`);
    const entry = { subject, stop: () => {} };
    this.#watched.set(key, entry);
    // What was kept of a run comes at once, and is to follow the confirmation.
    let early: ExecutionMessage[] | undefined = [];
    const listener: ExecutionListener = (event) => {
      const message = toExecutionMessage(event);
      if (early) early.push(message);
      else this.#send(message);
      if ("executionId" in subject && isLastMessage(message)) this.#unsubscribe(key);
    };
    try {
      if ("agentId" in subject) {
        entry.stop = await platform.executions.watchAgent(actor, subject.agentId, listener);
        this.#send({ type: "subscribed", ...subject });
      } else {
        const stop = await platform.executions.watch(actor, subject.executionId, listener, subject.afterId);
        if (stop) entry.stop = stop;
        else early.length = 0;
        this.#send({ type: "subscribed", ...subject });
        if (!stop) await this.#tellEnd(actor, subject.executionId, key);
      }
      for (const message of early) this.#send(message);
      early = undefined;
      // The client may have unsubscribed, or the run ended, before there was anything to stop.
      if (this.#watched.get(key) !== entry) entry.stop();
    } catch (error) {
      this.#watched.delete(key);
      throw error;
    }
  }

  /** A run that is not going on here has ended, or is told of by its row alone. */
  async #tellEnd(actor: Actor, executionId: string, key: string): Promise<void> {
    const execution = await this.#options.platform.executions.byId(actor, executionId);
    this.#send({ type: "execution", execution });
    this.#unsubscribe(key);
  }

  #unsubscribe(key: string): void {
    this.#watched.get(key)?.stop();
    this.#watched.delete(key);
  }

  /** Sessions end and members leave while connections last. */
  async #recheck(): Promise<void> {
    try {
      const actor = await this.#options.identify();
      if (!actor) return this.#options.close(4401, "Sign in again");
      for (const [key, { subject }] of this.#watched) {
        const check =
          "agentId" in subject
            ? this.#options.platform.access.authorizeResource(actor, "agent", subject.agentId, "read")
            : this.#options.platform.access.authorizeResource(actor, "execution", subject.executionId, "read");
        await check.catch((error: unknown) => {
          if (!(error instanceof HeddleError) || error.status >= 500) return;
          this.#unsubscribe(key);
          this.#send({ type: "error", error: toProblemDocument(error) });
        });
      }
    } catch {
      // The database is away; what was allowed a moment ago is not taken away for that.
    }
  }

  #send(message: object): void {
    this.#options.send(JSON.stringify(message));
  }
}

function keyOf(subject: Subject): string {
  return "agentId" in subject ? `agent ${subject.agentId}` : `execution ${subject.executionId}`;
}
