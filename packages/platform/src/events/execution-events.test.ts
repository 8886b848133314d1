import { uuidv7 } from "@heddle/db";
import type { RunEvent, RunOutcome, StepRecord } from "@heddle/schema";
import { createTestDatabase, type TestDatabase } from "@heddle/testing/database";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { EventLog } from "./event-log.ts";
import { type ExecutionEvent, FIRST_RECORDED_ID, firstIdOf } from "./execution-event.ts";
import { ExecutionEvents } from "./execution-events.ts";
import { createPostgresEventLog } from "./postgres-event-log.ts";
import type { RunTeller } from "./run-teller.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database?.close());

/** What a journal would have, and two processes that share it. */
let outcomes: Map<string, RunOutcome>;
let steps: Map<string, StepRecord[]>;
let faults: unknown[];
let here: ExecutionEvents;
let there: ExecutionEvents;
const open = (log: EventLog = createPostgresEventLog(database.db, (fault) => faults.push(fault))) =>
  new ExecutionEvents({
    log,
    readOutcome: async (_, executionId) => (steps.has(executionId) ? { outcome: outcomes.get(executionId) } : undefined),
    loadSteps: async (_, executionId) => steps.get(executionId) ?? [],
    onFault: (fault) => faults.push(fault),
  });
beforeEach(() => {
  [outcomes, steps, faults] = [new Map(), new Map(), []];
  [here, there] = [open(), open()];
});
afterEach(async () => {
  await Promise.all([here.close(), there.close()]);
  expect(faults).toEqual([]);
});

const newRun = () => ({ workspaceId: uuidv7(), agentId: uuidv7(), executionId: uuidv7() });
type Run = ReturnType<typeof newRun>;
const begin = (at: ExecutionEvents, run: Run, { isExpected = false, epoch = 1, recorded = [] as StepRecord[] } = {}): RunTeller => {
  steps.set(run.executionId, steps.get(run.executionId) ?? [...recorded]);
  const journal = { ...run, epoch, accepted: async () => {}, flush: async () => {} };
  return at.follow({ journal, agentId: run.agentId, startedAt: 1, recorded }, isExpected);
};
/** Does as the runtime: looks for a watcher at each event. */
const tell = (teller: RunTeller, ...events: RunEvent[]) => {
  for (const event of events) teller.onEvent?.(event);
};
const started: RunEvent = { type: "run.started", at: 1 };
const delta = (text: string, key = "llm#"): RunEvent => ({ type: "step.delta", at: 2, key, nodeId: "llm", text });
const record = (key: string): StepRecord => ({
  key,
  nodeId: "node",
  status: "completed",
  output: key,
  ports: [],
  startedAt: 1,
  durationMs: 1,
  attempts: 1,
});
/** A step ends: in the journal, and for those who watch. */
const end = (teller: RunTeller, key: string) => {
  steps.get(teller.address.executionId)?.push(record(key));
  tell(teller, { type: "step.completed", at: 2, key, nodeId: "node", step: record(key) });
};
const outcome: RunOutcome = { status: "completed", output: "done", usage: { inputTokens: 0, outputTokens: 0 }, steps: 1, durationMs: 5 };
const finish = (at: ExecutionEvents, teller: RunTeller) => {
  outcomes.set(teller.address.executionId, outcome);
  teller.tellEnd(outcome);
  at.leave(teller);
};

interface Ear {
  ids: number[];
  words: string[];
  isOver: boolean;
  error: unknown;
  stop: () => void;
}
const listen = (at: ExecutionEvents, run: Run, afterId = 0, limits: { takes?: number } = {}): Ear => {
  const ear: Ear = { ids: [], words: [], isOver: false, error: undefined, stop: () => {} };
  ear.stop = at.watchRun(
    run,
    {
      tell: ({ id, event }: ExecutionEvent) => {
        ear.ids.push(id);
        ear.words.push(wordOf(event));
        return limits.takes === undefined || ear.ids.length % limits.takes !== 0;
      },
      ready: () => new Promise((resolve) => setImmediate(resolve)),
      end: (error) => Object.assign(ear, { isOver: true, error }),
    },
    afterId,
  );
  return ear;
};
const wordOf = (event: RunEvent): string =>
  event.type === "step.delta" ? event.text : "key" in event ? `${event.type} ${event.key}` : event.type;
const text = (words: string[]) => words.filter((word) => !word.includes(".")).join("");

describe("a run of this process", () => {
  it("makes no events while nobody watches", () => {
    const teller = begin(here, newRun());
    expect(teller.onEvent).toBeUndefined();
    here.leave(teller);
  });

  it("is told at once, numbered, to its end", async () => {
    const run = newRun();
    const teller = begin(here, run, { isExpected: true });
    tell(teller, started);
    const ear = listen(here, run);
    await expect.poll(() => ear.words).toEqual(["run.started"]);
    tell(teller, delta("a"), delta("b"));
    expect(ear.words).toEqual(["run.started", "a", "b"]);
    finish(here, teller);
    await expect.poll(() => ear).toMatchObject({ ids: [1, 2, 3, 4], isOver: true, error: undefined });
  });

  it("is told whole to who comes when it is just over", async () => {
    const run = newRun();
    const teller = begin(here, run, { isExpected: true });
    tell(teller, started, delta("a"));
    finish(here, teller);
    const ear = listen(here, run);
    await expect.poll(() => ear.isOver).toBe(true);
    expect(ear).toMatchObject({ ids: [1, 2, 3], words: ["run.started", "a", "run.finished"] });
  });

  it("tells who comes in the middle what it has done, by the journal, and goes on", async () => {
    const run = newRun();
    const teller = begin(here, run);
    end(teller, "first#");
    const ear = listen(here, run);
    await expect.poll(() => ear.words).toEqual(["run.started", "step.completed first#"]);
    end(teller, "second#");
    finish(here, teller);
    await expect.poll(() => ear.isOver).toBe(true);
    expect(ear.words).toEqual(["run.started", "step.completed first#", "step.completed second#", "run.finished"]);
  });

  it("holds little for a watcher that was expected and does not come, and tells what goes on all the same", async () => {
    const run = newRun();
    const teller = begin(here, run, { isExpected: true });
    tell(teller, started);
    for (let index = 0; index < 400; index++) end(teller, `item#${index}`);
    tell(teller, { type: "step.started", at: 1, key: "llm#", nodeId: "llm" }, delta("so "), delta("far"));
    const ear = listen(here, run);
    await expect.poll(() => ear.words.length).toBe(403);
    expect(ear.words.slice(0, 2)).toEqual(["run.started", "step.completed item#0"]);
    expect(ear.words.slice(-2)).toEqual(["step.started llm#", "so far"]);
    expect(new Set(ear.words).size).toBe(403);
    here.leave(teller);
  });

  it("tells a large output by where it is", async () => {
    const run = newRun();
    const teller = begin(here, run, { isExpected: true });
    const seen: RunEvent[] = [];
    here.watchRun(run, { tell: ({ event }) => Boolean(seen.push(event)), ready: async () => {}, end: () => {} });
    const step = { ...record("big#"), output: "x".repeat(300_000) } as StepRecord;
    tell(teller, started, { type: "step.completed", at: 2, key: "big#", nodeId: "node", step });
    await expect
      .poll(() => seen[1])
      .toMatchObject({
        step: {
          output: null,
          outputFile: { bytes: 300_002, preview: expect.stringContaining('"xxx'), url: expect.stringContaining(run.executionId) },
        },
      });
    here.leave(teller);
  });

  it("lets a slow watcher take its time, and it misses nothing", async () => {
    const run = newRun();
    const teller = begin(here, run, { isExpected: true });
    tell(teller, started);
    const ear = listen(here, run, 0, { takes: 7 });
    for (let index = 0; index < 3_000; index++) {
      end(teller, `item#${index}`);
      if (index % 500 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    finish(here, teller);
    await expect.poll(() => ear.isOver, { timeout: 20_000 }).toBe(true);
    expect(ear.ids).toEqual(Array.from({ length: 3_002 }, (_, index) => index + 1));
  });
});

describe("a run of another process", () => {
  it("is told to its end, also when it began unwatched", async () => {
    const run = newRun();
    const teller = begin(here, run);
    end(teller, "first#");
    const ear = listen(there, run);
    await expect.poll(() => ear.words).toEqual(["run.started", "step.completed first#"]);
    tell(teller, delta("a"), delta("b"));
    finish(here, teller);
    await expect.poll(() => ear.isOver).toBe(true);
    expect(text(ear.words)).toBe("ab");
    expect(ear.words.at(-1)).toBe("run.finished");
    expect(ear.ids).toEqual(ear.ids.toSorted((a, b) => a - b));
  });

  it("goes on at another process after the last event that was heard, within a text too", async () => {
    const run = newRun();
    const teller = begin(here, run, { isExpected: true });
    const first = listen(here, run);
    tell(teller, started);
    await expect.poll(() => first.ids).toEqual([1]);
    tell(teller, ...[..."Good "].map((letter) => delta(letter)));
    first.stop();
    tell(teller, ...[..."morning"].map((letter) => delta(letter)));
    const second = listen(there, run, first.ids.at(-1));
    await expect.poll(() => text(second.words)).toBe("morning");
    finish(here, teller);
    await expect.poll(() => second.isOver).toBe(true);
    expect(text([...first.words, ...second.words])).toBe("Good morning");
    const late = listen(there, run, first.ids.at(-1));
    await expect.poll(() => late.isOver).toBe(true);
    expect(text([...first.words, ...late.words])).toBe("Good morning");
  });

  it("is known to be watched through its agent before it begins", async () => {
    const run = newRun();
    const heard: string[] = [];
    const stop = await there.watchAgent(run, {
      tell: ({ event }) => Boolean(heard.push(wordOf(event))),
      ready: async () => {},
      end: () => {},
    });
    await expect.poll(() => {
      const teller = begin(here, run);
      const isKnown = teller.onEvent !== undefined;
      if (!isKnown) here.leave(teller);
      return isKnown && teller;
    }).toBeTruthy(); // prettier-ignore
    stop();
    expect(heard).toBeDefined();
  });

  it("has ended without a word when its process dies after the commit: the journal tells", async () => {
    const run = newRun();
    begin(here, run);
    const ear = listen(there, run);
    await expect.poll(() => ear.words).toEqual(["run.started"]);
    outcomes.set(run.executionId, outcome);
    steps.get(run.executionId)?.push(record("last#"));
    await expect.poll(() => ear.isOver, { timeout: 10_000 }).toBe(true);
    expect(ear.words).toEqual(["run.started", "step.completed last#", "run.finished"]);
  });
});

describe("a run that moves to another process", () => {
  it("goes on for its watchers, with higher ids and nothing told twice", async () => {
    const run = newRun();
    const dead = begin(here, run, { isExpected: true });
    const [local, remote] = [listen(here, run), listen(there, run)];
    tell(dead, started);
    end(dead, "first#");
    tell(dead, { type: "step.skipped", at: 2, key: "other#", nodeId: "other" }, delta("half"));
    await expect.poll(() => remote.words.at(-1)).toBe("half");
    // It recorded one more and died before it told of it.
    steps.get(run.executionId)?.push(record("second#"));
    here.leave(dead);
    const heir = begin(there, run, { epoch: 2, recorded: [record("first#"), record("second#")] });
    tell(heir, started, { type: "step.skipped", at: 2, key: "other#", nodeId: "other" }, delta("whole"));
    finish(there, heir);
    const all = ["run.started", "step.completed first#", "step.skipped other#", "half", "step.completed second#", "whole", "run.finished"];
    await expect.poll(() => [remote.words, local.words], { timeout: 5_000 }).toEqual([all, all]);
    expect(remote.ids.slice(0, 5)).toEqual([1, 2, 3, 4, firstIdOf(2)]);
    const late = listen(here, run, 2);
    await expect.poll(() => late.isOver).toBe(true);
    expect(late.words).toEqual(all.slice(2));
  });
});

describe("a run that is over", () => {
  it("is told from the journal, and goes on after any event of that", async () => {
    const run = newRun();
    steps.set(run.executionId, [record("a#"), record("b#")]);
    outcomes.set(run.executionId, outcome);
    const ear = listen(here, run);
    await expect.poll(() => ear.isOver).toBe(true);
    expect(ear.words).toEqual(["run.started", "step.completed a#", "step.completed b#", "run.finished"]);
    expect(ear.ids[0]).toBe(FIRST_RECORDED_ID);
    const again = listen(there, run, ear.ids[1]);
    await expect.poll(() => again.isOver).toBe(true);
    expect(again.ids).toEqual(ear.ids.slice(2));
    const done = listen(there, run, ear.ids.at(-1));
    await expect.poll(() => done.isOver).toBe(true);
    expect(done.ids).toEqual([]);
  });

  it("is told whole also where the log was lost on the way", async () => {
    const run = newRun();
    const teller = begin(here, run, { isExpected: true });
    const ear = listen(here, run);
    tell(teller, started);
    end(teller, "a#");
    await expect.poll(() => ear.ids).toEqual([1, 2]);
    ear.stop();
    end(teller, "b#");
    finish(here, teller);
    await here.close();
    await database.asOwner((client) => client.query("TRUNCATE execution_events"));
    const later = listen(there, run, 2);
    await expect.poll(() => later.isOver).toBe(true);
    expect(later.words).toEqual(expect.arrayContaining(["step.completed b#", "run.finished"]));
  });

  it("is unknown where there is none", async () => {
    const ear = listen(here, newRun());
    await expect.poll(() => ear.error).toMatchObject({ code: "not_found" });
  });
});

describe("the runs of an agent", () => {
  it("are told in one order, and go on at another process after the last that was heard", async () => {
    const first = newRun();
    const runs = [first, { ...newRun(), agentId: first.agentId, workspaceId: first.workspaceId }];
    const listenTo = async (at: ExecutionEvents, after?: string) => {
      const heard: { word: string; position: string }[] = [];
      const stop = await at.watchAgent(
        first,
        { tell: ({ event, executionId, position }) => Boolean(heard.push({ word: `${executionId} ${wordOf(event)}`, position })), ready: async () => {}, end: () => {} },
        after,
      ); // prettier-ignore
      return { heard, stop };
    };
    const early = await listenTo(here);
    for (const run of runs) {
      const teller = begin(here, run);
      tell(teller, started);
      end(teller, "a#");
      finish(here, teller);
    }
    await expect.poll(() => early.heard.length).toBe(6);
    const [, second] = early.heard;
    const again = await listenTo(there, second?.position);
    await expect.poll(() => again.heard).toEqual(early.heard.slice(2));
    const fresh = await listenTo(there, "no position at all");
    expect(fresh.heard).toEqual([]);
    for (const ear of [early, again, fresh]) ear.stop();
  });
});
