import type { ExecutionControl, ExecutionJournal, JournaledRequest, JournaledWait, LeasedJournal, TakenRun } from "@heddle/runtime";
import type { Json, RunOutcome, StepRecord } from "@heddle/schema";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

/** A journal under test. */
export interface JournalSetup {
  /** Another owner of the same runs. */
  open(): ExecutionJournal;
  control: ExecutionControl;
  newId(): string;
  workspaceId: string;
  /** Another one, of strangers. */
  otherWorkspaceId: string;
  /** ms since the epoch */
  now(): number;
  /** Has so many ms go by for what waits. */
  pass(ms: number): Promise<void>;
  /** Has every run forgotten. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

const HOUR = 3_600_000;
const MINUTE = 60_000;
/** Databases are slow on busy machines. */
const SOON = { timeout: 15_000, interval: 20 };
const LEASE_LOST = { name: "LeaseLostError" };
const USAGE = { inputTokens: 3, outputTokens: 4 };
const completed = (output: Json = "done"): RunOutcome => ({ status: "completed", output, usage: USAGE, steps: 1, durationMs: 2 });
const failure = { code: "http_failed", message: "Away." } as const;

/** What every journal of executions does, whatever it keeps them in. */
export function describeJournal(name: string, setUp: () => Promise<JournalSetup>): void {
  describe(`the journal in ${name}`, () => {
    let setup: JournalSetup;
    const opened: ExecutionJournal[] = [];
    beforeAll(async () => {
      setup = await setUp();
    });
    afterEach(async () => {
      for (const journal of opened.splice(0)) journal.close();
      await setup.clear();
    });
    afterAll(() => setup?.close());

    const open = (): ExecutionJournal => {
      const journal = setup.open();
      opened.push(journal);
      return journal;
    };
    const request = (changes: Partial<JournaledRequest> = {}): JournaledRequest => ({
      id: setup.newId(),
      workspaceId: setup.workspaceId,
      agentId: setup.newId(),
      trigger: "api",
      input: { name: "Ada" },
      startedAt: new Date(setup.now()),
      ...changes,
    });
    const stateOf = async ({ executionId, workspaceId }: LeasedJournal) => await setup.control.stateOf(workspaceId, executionId);
    const stepsOf = async (run: LeasedJournal) => (await open().loadSteps(run.workspaceId, run.executionId)).map(gist);
    const answer = (run: LeasedJournal, key: string, resolution: Json = "yes") =>
      setup.control.resolveWait({ workspaceId: run.workspaceId, executionId: run.executionId, key, resolution, resolvedBy: "Ada" });
    /** The one run that is due, now or as soon as the clocks agree on it. */
    const claimOne = async (journal = open()): Promise<TakenRun> => {
      const found: TakenRun[] = [];
      await expect.poll(async () => found.push(...(await journal.claim(10))), SOON).toBe(1);
      return found[0] as TakenRun;
    };
    /** Another owner takes over what the first believes to own. */
    const overtake = async (next = open()): Promise<TakenRun> => {
      const found: TakenRun[] = [];
      // Its owner may renew its lease meanwhile.
      await expect.poll(async () => {
        await next.outlive();
        return found.push(...(await next.claim(10)));
      }, SOON).toBe(1); // prettier-ignore
      return found[0] as TakenRun;
    };

    describe("a run", () => {
      it("can be claimed with all that it was accepted with, once it is accepted", async () => {
        const asked = request({
          triggerNode: "hook", deploymentId: setup.newId(), version: 3, config: { nodes: [] }, conversationId: "c1", actor: "user:1",
        }); // prettier-ignore
        await open().enqueue(asked);
        const { run, recorded, resolutions, epoch, attempt, isCancelled, ...taken } = await claimOne();
        expect(taken).toMatchObject(asked);
        expect({ recorded, resolutions, epoch, attempt, isCancelled }).toEqual({
          recorded: [], resolutions: [], epoch: 1, attempt: 0, isCancelled: false,
        }); // prettier-ignore
        expect([run.executionId, run.workspaceId, run.epoch]).toEqual([asked.id, asked.workspaceId, 1]);
        expect(await stateOf(run)).toEqual({ status: "RUNNING", output: null, error: null });
      });

      it("is accepted once under its id", async () => {
        const asked = request();
        const run = await open().accept(asked);
        await expect(open().accept({ ...asked, input: "other" })).rejects.toThrow();
        await expect(open().enqueue({ ...asked, input: "other" })).rejects.toThrow();
        await run.finish(completed());
        expect(await stateOf(run)).toMatchObject({ status: "COMPLETED" });
      });

      it("is not there for others before it is accepted, and is with its outcome if that comes first", async () => {
        const run = open().begin(request());
        run.append(step("a#"));
        await run.finish(completed());
        expect(await stateOf(run)).toEqual({ status: "COMPLETED", output: "done", error: null });
        expect(await stepsOf(run)).toEqual([gist(step("a#"))]);
      });

      it("is nobody else's while its owner has it, and is not started before its time", async () => {
        await open().accept(request());
        await open().enqueue(request({ availableAt: new Date(setup.now() + HOUR) }));
        expect(await open().claim(10)).toEqual([]);
        await setup.pass(HOUR - MINUTE);
        // The owner lives on: only the time of the one that waits goes by.
        expect(await open().claim(10)).toEqual([]);
        await setup.pass(MINUTE);
        await claimOne();
      });

      it("is claimed by one of many that want it, and what is due longest goes first", async () => {
        const asked = Array.from({ length: 12 }, (_, index) =>
          request({ availableAt: new Date(setup.now() - HOUR + (12 - index) * 1_000) }),
        );
        for (const each of asked) await open().enqueue(each);
        const [first] = await open().claim(1);
        expect(first?.id).toBe(asked.at(-1)?.id);
        const taken = (await Promise.all([open().claim(5), open().claim(5), open().claim(5)])).flat();
        taken.push(...(await open().claim(20)));
        expect([first, ...taken].map((each) => each?.id).toSorted()).toEqual(asked.map(({ id }) => id).toSorted());
      });

      it("shows strangers nothing", async () => {
        const run = await open().accept(request());
        run.append(step("a#"));
        await run.openWait(wait("a#"));
        await run.flush();
        const stranger = { workspaceId: setup.otherWorkspaceId, executionId: run.executionId };
        expect(await open().loadSteps(stranger.workspaceId, stranger.executionId)).toEqual([]);
        expect(await setup.control.stateOf(stranger.workspaceId, stranger.executionId)).toBeUndefined();
        expect(await setup.control.resolveWait({ ...stranger, key: "a#", resolution: 1, resolvedBy: null })).toBe(false);
        await setup.control.requestCancel(stranger.workspaceId, stranger.executionId);
        expect(await overtake()).toMatchObject({ isCancelled: false, resolutions: [] });
      });
    });

    describe("steps", () => {
      it("are there for the next owner once they are flushed, in the order of their outcomes", async () => {
        const run = await open().accept(request());
        const keys = Array.from({ length: 30 }, (_, index) => `n${(index * 7) % 30}#`);
        for (const [index, key] of keys.entries()) {
          run.append(step(key, { order: index }));
          if (index % 4 === 0) await run.flush();
        }
        await run.flush();
        const { recorded } = await overtake();
        expect(recorded.map(({ key, order }) => [key, order])).toEqual(keys.map((key, index) => [key, index]));
      });

      it("of several owners come one owner after another", async () => {
        const first = await open().accept(request());
        first.append(step("z#"));
        await first.flush();
        for (const key of ["y#", "x#"]) {
          const { run } = await overtake();
          run.append(step(key));
          await run.flush();
        }
        const { run, recorded, epoch } = await overtake();
        expect([recorded.map(({ key }) => key), epoch]).toEqual([["z#", "y#", "x#"], 4]);
        run.append(step("w#"));
        await run.finish(completed());
        expect((await stepsOf(run)).map(({ key }) => key)).toEqual(["z#", "y#", "x#", "w#"]);
      });

      it("keep their first outcome, but for a failure that ended an attempt", async () => {
        const run = await open().accept(request());
        run.append(step("done#", { output: "first" }));
        run.append(failed("ended#", []));
        run.append(failed("handled#", ["error"]));
        await run.flush();
        for (const key of ["done#", "ended#", "handled#"]) run.append(step(key, { output: "second" }));
        await run.flush();
        expect(await stepsOf(run)).toEqual([
          gist(step("done#", { output: "first" })),
          gist(failed("handled#", ["error"])),
          gist(step("ended#", { output: "second" })),
        ]);
        // The order in which the next attempt went on is that of its own outcomes.
        expect((await overtake()).recorded.map(({ key }) => key)).toEqual(["done#", "handled#", "ended#"]);
      });

      it("stay as they were when what was appended or read is changed", async () => {
        const run = await open().accept(request());
        const appended = step("a#", { output: { list: [1] } });
        run.append(appended);
        await run.flush();
        (appended as { output: Json }).output = "changed";
        const [read] = await open().loadSteps(run.workspaceId, run.executionId);
        (read as { output: Json }).output = "changed too";
        expect(await stepsOf(run)).toEqual([gist(step("a#", { output: { list: [1] } }))]);
      });

      it.each(CHARACTERS)("and everything else keep %s", async (_name, value) => {
        const run = await open().accept(request({ input: value, config: { value } }));
        run.append(step("a#", { output: value }));
        await run.openWait({ ...wait("a#"), request: { value } });
        await answer(run, "a#", value);
        await run.flush();
        const next = await overtake();
        expect([next.input, next.config, (next.recorded[0] as { output: Json }).output, next.resolutions[0]?.resolution]).toEqual([
          value, { value }, value, value,
        ]); // prettier-ignore
        await next.run.finish(completed(value));
        expect((await stateOf(run))?.output).toEqual(value);
      });
    });

    describe("an owner that was overtaken", () => {
      const writes: [string, (run: LeasedJournal) => Promise<void>][] = [
        ["flush", (run) => run.flush()],
        ["finish", (run) => run.finish(completed("late"))],
        ["suspend", (run) => run.suspend([wait("late#")], new Date(0))],
        ["retryAt", (run) => run.retryAt(new Date(0), failure)],
      ];
      it.each(writes)("is refused to %s, and changes nothing", async (_name, write) => {
        const late = await open().accept(request());
        late.append(step("a#"));
        await late.flush();
        const { run } = await overtake();
        late.append(step("late#"));
        await expect(write(late)).rejects.toMatchObject(LEASE_LOST);
        expect(await stateOf(run)).toEqual({ status: "RUNNING", output: null, error: null });
        expect(await open().claim(10)).toEqual([]);
        expect(await stepsOf(run)).toEqual([gist(step("a#"))]);
        expect(await answer(run, "late#")).toBe(false);
        run.append(step("b#"));
        await run.finish(completed("right"));
        expect(await stateOf(run)).toMatchObject({ status: "COMPLETED", output: "right" });
        await expect(write(late))
          .rejects.toMatchObject(_name === "flush" ? {} : LEASE_LOST)
          .catch(() => undefined);
        expect(await stateOf(run)).toMatchObject({ status: "COMPLETED", output: "right" });
        expect((await stepsOf(run)).map(({ key }) => key)).toEqual(["a#", "b#"]);
      });

      it.each(writes.slice(0, 2))("by its own process is refused to %s too, at the same time as the new one does", async (_name, write) => {
        const journal = open();
        const late = await journal.accept(request());
        await late.release();
        const { run } = await claimOne(journal);
        late.append(step("late#"));
        run.append(step("b#"));
        const results = await Promise.allSettled([write(late), write(run)]);
        expect(results.map(({ status }) => status)).toEqual(["rejected", "fulfilled"]);
        expect((await stepsOf(late)).map(({ key }) => key)).toEqual(["b#"]);
      });

      it("gives nothing up that is another's, and notes no wait of it", async () => {
        const late = await open().accept(request());
        const { run } = await overtake();
        await late.release();
        await late.openWait(wait("late#"));
        expect(await open().claim(10)).toEqual([]);
        expect(await answer(run, "late#")).toBe(false);
      });

      it("is told that it has lost the run", async () => {
        const told: string[] = [];
        const late = await open().accept(request(), (why) => told.push(why));
        await overtake();
        await expect.poll(() => told, SOON).toEqual(["lost"]);
        await expect(late.finish(completed())).rejects.toMatchObject(LEASE_LOST);
      });
    });

    describe("the outcome", () => {
      it.each(["begun", "accepted", "claimed"])("of a run that was %s is one, however many try at once", async (how) => {
        const asked = request();
        const start = async (): Promise<LeasedJournal> => {
          if (how === "begun") return open().begin(asked);
          if (how === "accepted") return await open().accept(asked);
          await open().enqueue(asked);
          return (await claimOne()).run;
        };
        const run = await start();
        const outputs = Array.from({ length: 8 }, (_, index) => `finisher ${index}`);
        const results = await Promise.allSettled(outputs.map((output) => run.finish(completed(output))));
        expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
        for (const result of results) if (result.status === "rejected") expect(result.reason).toMatchObject(LEASE_LOST);
        const winner = outputs[results.findIndex(({ status }) => status === "fulfilled")];
        expect(await stateOf(run)).toEqual({ status: "COMPLETED", output: winner, error: null });
      });

      it("is one when an old and a new owner race for it", async () => {
        for (let round = 0; round < 10; round++) {
          const run = await open().accept(request());
          const next = open();
          await next.outlive();
          const [old, taken] = await Promise.allSettled([
            run.finish(completed("old")),
            claimed(next).then((other) => other?.run.finish(completed("new")) ?? Promise.reject(new Error("not claimed"))),
          ]);
          expect([old.status, taken.status].toSorted()).toEqual(["fulfilled", "rejected"]);
          expect((await stateOf(run))?.output).toBe(old.status === "fulfilled" ? "old" : "new");
        }
      });

      it("says how a run failed or was cancelled, and nobody takes the run again", async () => {
        const error = { code: "run_cancelled", message: "Stopped.", nodeId: "a" } as const;
        for (const status of ["failed", "cancelled"] as const) {
          const run = await open().accept(request());
          await run.finish({ status, error, usage: USAGE, steps: 1, durationMs: 2 });
          expect(await stateOf(run)).toEqual({ status: status.toUpperCase(), output: null, error });
        }
        await open().outlive();
        await setup.pass(HOUR);
        expect(await open().claim(10)).toEqual([]);
      });
    });

    describe("a wait", () => {
      it("has its run go on when it is answered, once, with the answer", async () => {
        const run = await open().accept(request());
        run.append(step("a#"));
        await run.suspend([wait("b#"), wait("c#")], null);
        expect(await stateOf(run)).toMatchObject({ status: "WAITING" });
        await setup.pass(1_000 * HOUR);
        expect(await open().claim(10)).toEqual([]);
        expect(await answer(run, "nothing#")).toBe(false);
        expect(await answer(run, "b#", { values: 1 })).toBe(true);
        expect(await answer(run, "b#", "again")).toBe(false);
        const taken = await claimOne();
        expect(taken).toMatchObject({ epoch: 2, attempt: 0, resolutions: [{ key: "b#", resolution: { values: 1 }, resolvedBy: "Ada" }] });
        expect(taken.recorded.map(({ key }) => key)).toEqual(["a#"]);
        await taken.run.suspend([wait("c#")], null);
        expect(await open().claim(10)).toEqual([]);
        expect(await answer(run, "c#", 2)).toBe(true);
        const again = await claimOne();
        expect(again.resolutions.map(({ key }) => key).toSorted()).toEqual(["b#", "c#"]);
        await again.run.finish(completed());
        expect(await answer(run, "c#")).toBe(false);
      });

      it("that is answered before its run is put away is not lost", async () => {
        const run = await open().accept(request());
        await run.openWait(wait("b#"));
        await run.openWait(wait("b#"));
        expect(await answer(run, "b#", "early")).toBe(true);
        expect(await open().claim(10)).toEqual([]);
        await run.suspend([wait("b#")], new Date(setup.now() + HOUR));
        expect((await claimOne()).resolutions).toEqual([{ key: "b#", resolution: "early", resolvedBy: "Ada" }]);
      });

      it("that is answered by many while its run is being put away ends once and is never lost", async () => {
        for (let round = 0; round < 15; round++) {
          const run = await open().accept(request());
          await run.openWait(wait("b#"));
          const answers = Promise.all(Array.from({ length: 4 }, (_, index) => answer(run, "b#", index)));
          const suspended = run.suspend([wait("b#")], null);
          const isResolved = await answers;
          await suspended;
          expect(isResolved.filter((is) => is)).toHaveLength(1);
          const taken = await claimOne();
          expect(taken.resolutions).toMatchObject([{ key: "b#", resolution: isResolved.indexOf(true) }]);
          await taken.run.finish(completed());
        }
      });

      it("has its run woken when its time has come, and not before", async () => {
        const run = await open().accept(request());
        await run.suspend([wait("b#", setup.now() + 2 * HOUR)], new Date(setup.now() + HOUR));
        await setup.pass(HOUR - MINUTE);
        expect(await open().claim(10)).toEqual([]);
        await setup.pass(MINUTE);
        expect(await claimOne()).toMatchObject({ epoch: 2, resolutions: [] });
      });

      it("is still known to the owner after the next, whether the one between put it away or vanished", async () => {
        const run = await open().accept(request());
        await run.suspend([wait("b#")], null);
        await answer(run, "b#");
        await claimOne();
        expect((await overtake()).resolutions).toHaveLength(1);
      });
    });

    describe("a run that is let go of", () => {
      it("after a failed attempt is taken again at its time, with what it has done and how often it has failed", async () => {
        const run = await open().accept(request());
        run.append(step("a#"));
        run.append(failed("b#", []));
        await run.retryAt(new Date(setup.now() + HOUR), failure);
        expect(await stateOf(run)).toEqual({ status: "PENDING", output: null, error: failure });
        await setup.pass(HOUR - MINUTE);
        expect(await open().claim(10)).toEqual([]);
        await setup.pass(MINUTE);
        const second = await claimOne();
        expect(second).toMatchObject({ attempt: 1, epoch: 2 });
        expect(second.recorded.map(({ key }) => key)).toEqual(["a#", "b#"]);
        await second.run.retryAt(new Date(setup.now()), failure);
        const third = await claimOne();
        expect(third.attempt).toBe(2);
        third.run.append(step("b#", { output: "at last" }));
        await third.run.finish(completed());
        expect(await stepsOf(run)).toEqual([gist(step("a#")), gist(step("b#", { output: "at last" }))]);
      });

      it("on release is taken at once, with everything that was appended, and counts no attempt", async () => {
        const run = await open().accept(request());
        run.append(step("a#"));
        await run.release();
        const taken = await claimOne();
        expect(taken).toMatchObject({ attempt: 0, epoch: 2 });
        expect(taken.recorded.map(({ key }) => key)).toEqual(["a#"]);
      });
    });

    describe("a cancel", () => {
      it("is told to the owner, and to every next one", async () => {
        const told: string[] = [];
        const run = await open().accept(request(), (why) => told.push(why));
        const other = await open().accept(request(), () => told.push("the other"));
        await setup.control.requestCancel(run.workspaceId, run.executionId);
        await expect.poll(() => [...new Set(told)], SOON).toEqual(["cancelled"]);
        await other.finish(completed());
        expect(await overtake()).toMatchObject({ isCancelled: true });
        expect(await overtake()).toMatchObject({ isCancelled: true, epoch: 3 });
      });

      it("is told to the owner of a run that was claimed, by its id", async () => {
        const told: string[] = [];
        const asked = request();
        const owner = open();
        await owner.enqueue(asked);
        await expect.poll(async () => (await owner.claim(1, (id, why) => told.push(`${id} ${why}`))).length, SOON).toBe(1);
        await setup.control.requestCancel(asked.workspaceId, asked.id);
        await expect.poll(() => [...new Set(told)], SOON).toEqual([`${asked.id} cancelled`]);
      });
    });

    it("keeps 200 runs at once apart", async () => {
      const journal = open();
      const runs = await Promise.all(
        Array.from({ length: 200 }, async (_, index) => {
          const run = await journal.accept(request({ input: index }));
          for (let at = 0; at < 3; at++) {
            run.append(step(`n${at}#`, { output: `${index}.${at}` }));
            if ((index + at) % 3 === 0) await run.flush();
          }
          if (index % 2 === 0) await run.finish(completed(index));
          else await run.suspend([wait("w#")], null);
          if (index % 2 === 1) expect(await answer(run, "w#", index)).toBe(true);
          return run;
        }),
      );
      const taken: TakenRun[] = [];
      await expect.poll(async () => taken.push(...(await open().claim(30))), SOON).toBe(100);
      for (const each of taken) {
        expect(each.resolutions[0]?.resolution).toBe(each.input);
        await each.run.finish(completed(each.input));
      }
      for (const [index, run] of runs.entries()) {
        expect((await stateOf(run))?.output).toBe(index);
        const outputs = (await journal.loadSteps(run.workspaceId, run.executionId)).map((each) => (each as { output: Json }).output);
        expect(outputs).toEqual([0, 1, 2].map((at) => `${index}.${at}`));
      }
    });
  });
}

async function claimed(journal: ExecutionJournal): Promise<TakenRun | undefined> {
  return (await journal.claim(10))[0];
}

function step(key: string, changes: { output?: Json; order?: number } = {}): StepRecord {
  const nodeId = key.split("#")[0] ?? key;
  return { key, nodeId, startedAt: 1_000, durationMs: 1.5, attempts: 1, status: "completed", output: { key }, ports: ["out"], ...changes };
}

function failed(key: string, ports: string[]): StepRecord {
  const nodeId = key.split("#")[0] ?? key;
  return { key, nodeId, startedAt: 1_000, durationMs: 1.5, attempts: 1, status: "failed", error: failure, ports };
}

function wait(key: string, dueAt: number | null = null): JournaledWait {
  return { key, nodeId: key.split("#")[0] ?? key, kind: "approval", dueAt, request: { title: "May it?" } };
}

const gist = (record: StepRecord) => ({ key: record.key, status: record.status, ports: record.ports, output: record.output });

const EVERY_UNIT = Array.from({ length: 0x1_00_00 }, (_, code) => String.fromCharCode(code)).join("");
const CHARACTERS: [string, Json][] = [
  ["every UTF-16 unit", EVERY_UNIT],
  ["every control character as a key", Object.fromEntries(Array.from({ length: 33 }, (_, code) => [String.fromCharCode(code), code]))],
  ["pairs, marks and joined emoji", ["\u{1F469}\u200D\u{1F4BB}", "e\u0301", "\u202Eright to left", "\u{10FFFF}"]],
  ["what looks like escapes", ["\\N", "\\u0000", '"', "'; --", "{}", "%s", "$1", "\\", "\r\n"]],
  ["names that objects have", JSON.parse('{"__proto__": {"a": 1}, "constructor": 2, "toString": 3}') as Json],
  ["numbers at the edge", [1e308, 5e-324, 2 ** 53 - 1, 0.1, 1e21]],
  ["empty and nested values", [null, [], {}, "", [[[[]]]], { a: { b: [] } }, false, 0]],
];
