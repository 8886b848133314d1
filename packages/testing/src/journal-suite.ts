import type { ExecutionJournal, LeasedJournal, TakenRun } from "@heddle/runtime";
import type { Json } from "@heddle/schema";
import { describe, expect, it } from "vitest";
import {
  completed,
  failed,
  failure,
  gist,
  HOUR,
  type JournalSetup,
  MINUTE,
  SOON,
  step,
  USAGE,
  useJournal,
  wait,
} from "./journal-fixture.ts";
import { describeInterruptions } from "./journal-interruptions-suite.ts";

export type { JournalSetup } from "./journal-fixture.ts";

const LEASE_LOST = { name: "LeaseLostError" };

/** What every journal of executions does, whatever it keeps them in. */
export function describeJournal(name: string, setUp: () => Promise<JournalSetup>): void {
  describe(`the journal in ${name}`, () => {
    const journals = useJournal(setUp);
    const { open, request, stateOf, stepsOf, answer, claimOne, overtake, control, newId, now, pass, strangers } = journals;

    describe("a run", () => {
      it("can be claimed with all that it was accepted with, once it is accepted", async () => {
        const asked = request({
          triggerNode: "hook", deploymentId: newId(), version: 3, config: { nodes: [] }, conversationId: "c1", actor: "user:1",
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
        await open().enqueue(request({ availableAt: new Date(now() + HOUR) }));
        expect(await open().claim(10)).toEqual([]);
        await pass(HOUR - MINUTE);
        // The owner lives on: only the time of the one that waits goes by.
        expect(await open().claim(10)).toEqual([]);
        await pass(MINUTE);
        await claimOne();
      });

      it("is claimed by one of many that want it, and what is due longest goes first", async () => {
        const asked = Array.from({ length: 12 }, (_, index) => request({ availableAt: new Date(now() - HOUR + (12 - index) * 1_000) }));
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
        const stranger = { workspaceId: strangers(), executionId: run.executionId };
        expect(await open().loadSteps(stranger.workspaceId, stranger.executionId)).toEqual([]);
        expect(await control().stateOf(stranger.workspaceId, stranger.executionId)).toBeUndefined();
        expect(await control().resolveWait({ ...stranger, key: "a#", resolution: 1, resolvedBy: null })).toBe(false);
        await control().requestCancel(stranger.workspaceId, stranger.executionId);
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
        await pass(HOUR);
        expect(await open().claim(10)).toEqual([]);
      });
    });

    describeInterruptions(journals);

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
