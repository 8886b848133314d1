import { describe, expect, it } from "vitest";
import { completed, failed, failure, gist, HOUR, type JournalFixture, MINUTE, SOON, step, wait } from "./journal-fixture.ts";

/** What a journal does with runs that wait, are let go of, or are to be cancelled. */
export function describeInterruptions(journals: JournalFixture): void {
  const { open, request, stateOf, stepsOf, answer, claimOne, overtake, control, now, pass } = journals;

  describe("a wait", () => {
    it("has its run go on when it is answered, once, with the answer", async () => {
      const run = await open().accept(request());
      run.append(step("a#"));
      await run.suspend([wait("b#"), wait("c#")], null);
      expect(await stateOf(run)).toMatchObject({ status: "WAITING" });
      await pass(1_000 * HOUR);
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
      await run.suspend([wait("b#")], new Date(now() + HOUR));
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
      await run.suspend([wait("b#", now() + 2 * HOUR)], new Date(now() + HOUR));
      await pass(HOUR - MINUTE);
      expect(await open().claim(10)).toEqual([]);
      await pass(MINUTE);
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
      await run.retryAt(new Date(now() + HOUR), failure);
      expect(await stateOf(run)).toEqual({ status: "PENDING", output: null, error: failure });
      await pass(HOUR - MINUTE);
      expect(await open().claim(10)).toEqual([]);
      await pass(MINUTE);
      const second = await claimOne();
      expect(second).toMatchObject({ attempt: 1, epoch: 2 });
      expect(second.recorded.map(({ key }) => key)).toEqual(["a#", "b#"]);
      await second.run.retryAt(new Date(now()), failure);
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
      await control().requestCancel(run.workspaceId, run.executionId);
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
      await control().requestCancel(asked.workspaceId, asked.id);
      await expect.poll(() => [...new Set(told)], SOON).toEqual([`${asked.id} cancelled`]);
    });
  });
}
