import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Json } from "@heddle/schema";
import type { ChaosFlow } from "./chaos-flows.ts";
import type { ChaosMember } from "./chaos-cluster.ts";
import type { SeededRandom } from "./seeded-random.ts";

/** What a client was told of a run. */
export interface Told {
  token: string;
  flow: string;
  executionId: string;
  how: "async" | "sync" | "stream";
  /** How it ended, where the client heard of that. */
  status?: "COMPLETED" | "FAILED" | "CANCELLED";
  output?: Json;
  /** Whether somebody asked for it to be cancelled. */
  isCancelled?: boolean;
}

export interface DeployedChaosFlow extends ChaosFlow {
  deploymentId: string;
}

export interface LoadReport {
  told: Told[];
  sent: number;
  /** Requests that were answered with a refusal, by status, or not at all. */
  refused: Map<string, number>;
  /** What contradicts a promise by itself. */
  broken: string[];
}

export interface ChaosLoadOptions {
  flows: readonly DeployedChaosFlow[];
  gateways: readonly ChaosMember[];
  authorization: string;
  random: SeededRandom;
  perSecond: number;
  /** Requests that may be under way at once. */
  most?: number;
}

const ANSWERS_WITHIN_MS = 90_000;

/** Sends runs of all kinds at a steady rate, as clients do who don't know of each other, until it is stopped. */
export class ChaosLoad {
  readonly report: LoadReport = { told: [], sent: 0, refused: new Map(), broken: [] };
  readonly #options: ChaosLoadOptions;
  readonly #under = new Set<Promise<void>>();
  readonly #bag: DeployedChaosFlow[];
  readonly #given = new AbortController();
  #isStopping = false;
  #sending: Promise<void> = Promise.resolve();

  constructor(options: ChaosLoadOptions) {
    this.#options = options;
    this.#bag = options.flows.flatMap((flow) => Array.from({ length: flow.weight }, () => flow));
  }

  start(): void {
    this.#sending = this.#send();
  }

  /** Sends no more. Resolves once everything sent was answered or given up. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#sending;
    await Promise.all(this.#under);
  }

  /** Sends no more, and lets go of everything that was sent. */
  abandon(): void {
    this.#isStopping = true;
    this.#given.abort();
  }

  async #send(): Promise<void> {
    const { perSecond, most = 400 } = this.#options;
    const begin = performance.now();
    for (let count = 0; !this.#isStopping; count++) {
      const waitMs = begin + (count * 1_000) / perSecond - performance.now();
      if (waitMs > 0) await sleep(waitMs);
      // Clients who hang are not joined by ever more of them.
      if (this.#under.size >= most) continue;
      const one = this.#call().finally(() => this.#under.delete(one));
      this.#under.add(one);
    }
  }

  async #call(): Promise<void> {
    const { random, gateways } = this.#options;
    const flow = random.pick(this.#bag);
    const luck = random.next();
    const how = flow.isAsyncOnly === true || luck < 0.55 ? "async" : luck < 0.85 ? "sync" : "stream";
    const isKeyed = random.next() < 0.3;
    const isCancelled = how === "async" && random.next() < 0.02;
    const token = `${flow.name}-${this.report.sent++}`;
    const key = isKeyed ? randomUUID() : undefined;
    const order = random.shuffle(gateways);
    // Who has a key may ask again, also elsewhere, until an answer comes.
    for (let attempt = 0; attempt < (isKeyed ? 6 : 1) && !this.#given.signal.aborted; attempt++) {
      const gateway = order[attempt % order.length] as ChaosMember;
      if (attempt > 0) await sleep(1_000);
      const before = this.report.told.length;
      await this.#once({ flow, how, token, gateway, key, isCancelled }).catch((error: unknown) =>
        this.#refuse(error instanceof Error ? error.name : "no answer"),
      );
      if (this.report.told.slice(before).some((told) => told.token === token)) return;
    }
  }

  async #once({ flow, how, token, gateway, key, isCancelled }: Call): Promise<void> {
    const query = how === "async" ? "?async=1" : how === "stream" ? "?stream=1" : "";
    const response = await fetch(`${gateway.process.url}/api/deployments/${flow.deploymentId}/execute${query}`, {
      method: "POST",
      headers: { ...this.#headers(), ...(key === undefined ? {} : { "idempotency-key": key }) },
      body: JSON.stringify({ input: { token } }),
      signal: AbortSignal.any([this.#given.signal, AbortSignal.timeout(ANSWERS_WITHIN_MS)]),
    });
    const common = { token, flow: flow.name, how };
    const streamed = response.headers.get("x-execution-id");
    if (how === "stream" && response.status === 200 && streamed !== null) {
      const told: Told = { ...common, executionId: streamed };
      this.report.told.push(told);
      await this.#follow(response, told);
      return;
    }
    const body = (await response.json()) as Answer;
    if (body.executionId === undefined) return this.#refuse(`${response.status} ${body.code ?? ""}`.trim());
    const told: Told = { ...common, executionId: body.executionId };
    if (response.status === 200) Object.assign(told, { status: "COMPLETED", output: body.output });
    else if (response.status !== 202) {
      // A run that goes on elsewhere has not ended.
      if (body.code === "unavailable" || body.code === "internal") return this.#refuse(`${response.status} ${body.code} of a run`);
      told.status = body.code === "run_cancelled" ? "CANCELLED" : "FAILED";
    }
    this.report.told.push(told);
    if (isCancelled) {
      told.isCancelled = true;
      await fetch(`${gateway.process.url}/api/executions/${told.executionId}/cancel`, {
        method: "POST",
        headers: this.#headers(),
        body: "{}",
        signal: AbortSignal.any([this.#given.signal, AbortSignal.timeout(ANSWERS_WITHIN_MS)]),
      }).then((answer) => answer.body?.cancel());
    }
  }

  /** Hears a run to its end, if the connection lasts. */
  async #follow(response: Response, told: Told): Promise<void> {
    let text = "";
    try {
      for await (const part of (response.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())) text += part;
    } catch {
      // What was told until then still counts.
    }
    const ends = text.split("\n\n").filter((block) => /^event: agent\.execution\.(completed|failed)$/m.test(block));
    if (ends.length > 1) this.report.broken.push(`${told.executionId} was told to have ended ${ends.length} times`);
    const data = /^data: (.*)$/m.exec(ends[0] ?? "")?.[1];
    if (data === undefined) return;
    const { result, error } = JSON.parse(data) as { result?: { output?: Json }; error?: { code?: string } };
    if (result !== undefined) Object.assign(told, { status: "COMPLETED", output: result.output });
    else told.status = error?.code === "run_cancelled" ? "CANCELLED" : "FAILED";
  }

  #headers(): Record<string, string> {
    return { "content-type": "application/json", authorization: this.#options.authorization };
  }

  #refuse(why: string): void {
    this.report.refused.set(why, (this.report.refused.get(why) ?? 0) + 1);
  }
}

interface Call {
  flow: DeployedChaosFlow;
  how: Told["how"];
  token: string;
  gateway: ChaosMember;
  key: string | undefined;
  isCancelled: boolean;
}

interface Answer {
  executionId?: string;
  status?: string;
  output?: Json;
  code?: string;
}
