import { uuidv7 } from "@heddle/db";
import type { EventLog, EventSignal, LogEntry } from "@heddle/platform/events/event-log";
import { firstIdOf } from "@heddle/platform/events/execution-event";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

export interface EventLogSetup {
  /** Two processes' views of one log. */
  logs: [EventLog, EventLog];
  /** Has everything kept be lost, as by a crash of the server that keeps it. */
  forget: () => Promise<void>;
  close: () => Promise<void>;
}

/** What every event log does, whatever it keeps events in. */
export function describeEventLog(name: string, setUp: () => Promise<EventLogSetup>): void {
  describe(`the event log in ${name}`, () => {
    let setup: EventLogSetup;
    let here: EventLog;
    let there: EventLog;
    beforeAll(async () => {
      setup = await setUp();
      [here, there] = setup.logs;
    });
    afterAll(() => setup?.close());

    const newRun = (agentId = uuidv7(), workspaceId = uuidv7()) => ({ workspaceId, agentId, executionId: uuidv7() });
    type Run = ReturnType<typeof newRun>;
    const delta = (run: Run, id: number, text = `${id}`): LogEntry => ({
      ...run,
      id,
      event: { type: "step.delta", at: id, key: "llm#", nodeId: "llm", text },
    });
    const idsOf = async (log: EventLog, run: Run, afterId = 0) => (await log.ofRun(run, afterId, 100)).map(({ id }) => id);
    const positionsOf = async (log: EventLog, run: Run, after: string) =>
      (await log.ofAgent(run, after, 100)).map(({ executionId, id }) => `${executionId} ${id}`);

    it("gives other processes the events of a run, in order, from any of them on", async () => {
      const run = newRun();
      await here.keep([1, 2, 3].map((id) => delta(run, id)));
      expect(await there.ofRun(run, 0, 100)).toEqual([1, 2, 3].map((id) => delta(run, id)));
      expect(await idsOf(there, run, 2)).toEqual([3]);
      expect(await idsOf(there, run, 3)).toEqual([]);
      expect((await there.ofRun(run, 0, 2)).map(({ id }) => id)).toEqual([1, 2]);
    });

    it("shows a workspace nothing of another", async () => {
      const run = newRun();
      await here.keep([delta(run, 1)]);
      const stranger = { ...run, workspaceId: uuidv7() };
      expect(await idsOf(here, stranger)).toEqual([]);
      expect(await positionsOf(here, stranger, await here.headOf(stranger))).toEqual([]);
    });

    it("keeps an event once, also when it is told again because nobody knows whether it was kept", async () => {
      const run = newRun();
      const start = await here.headOf(run);
      await here.keep([delta(run, 1), delta(run, 2)]);
      await here.keep([delta(run, 1), delta(run, 2), delta(run, 3)]);
      expect(await idsOf(there, run)).toEqual([1, 2, 3]);
      expect(await positionsOf(there, run, start)).toEqual([1, 2, 3].map((id) => `${run.executionId} ${id}`));
    });

    it("keeps nothing that an owner of a run says after the next one has begun", async () => {
      const run = newRun();
      const second = firstIdOf(2);
      await here.keep([delta(run, 1), delta(run, 2)]);
      await there.keep([delta(run, second)]);
      await here.keep([delta(run, 3)]);
      await there.keep([delta(run, second + 1)]);
      expect(await idsOf(here, run)).toEqual([1, 2, second, second + 1]);
    });

    it("gives those who heard a part of a text only the rest of it", async () => {
      const run = newRun();
      await here.keep([{ ...delta(run, 7, "Good morning"), parts: [[5, 4], [6, 5], [7, 12]] }]); // prettier-ignore
      const textAfter = async (id: number) => (await there.ofRun(run, id, 10)).map(({ event }) => ("text" in event ? event.text : ""));
      expect(await textAfter(4)).toEqual(["Good morning"]);
      expect(await textAfter(5)).toEqual([" morning"]);
      expect(await textAfter(6)).toEqual(["morning"]);
      expect(await textAfter(7)).toEqual([]);
    });

    it("has the runs of an agent in one order for everyone, from any position on", async () => {
      const [first, agentId] = [newRun(), uuidv7()];
      const runs = Array.from({ length: 8 }, () => newRun(agentId, first.workspaceId));
      const agent = runs[0] as Run;
      const start = await here.headOf(agent);
      // Both processes write at once while one reads from where it last was.
      let isWriting = true;
      const read: string[] = [];
      const reading = (async () => {
        for (let after = start, isLast = false; !isLast;) {
          isLast = !isWriting;
          for (const event of await there.ofAgent(agent, after, 3)) {
            after = event.position;
            read.push(`${event.executionId} ${event.id}`);
            isLast = false;
          }
        }
      })();
      await Promise.all(
        runs.map(async (run, index) => {
          for (let id = 1; id <= 20; id++) await setup.logs[index % 2 === 0 ? 0 : 1].keep([delta(run, id)]);
        }),
      );
      isWriting = false;
      await reading;
      expect(read).toHaveLength(160);
      const all = await here.ofAgent(agent, start, 1_000);
      expect(read).toEqual(all.map(({ executionId, id }) => `${executionId} ${id}`));
      const middle = all[79]?.position ?? "";
      expect(here.isPosition(middle)).toBe(true);
      expect(await here.ofAgent(agent, middle, 1_000)).toEqual(all.slice(80));
      expect(await here.headOf(agent)).toBe(all.at(-1)?.position);
    });

    it("tells every process what was kept and what others say, itself included", async () => {
      const heard: EventSignal[][] = [[], []];
      const stops = setup.logs.map((log, index) => log.subscribe((signal) => heard[index]?.push(signal)));
      const run = newRun();
      const word: EventSignal = { type: "watched", from: uuidv7(), runs: [uuidv7()], agents: [] };
      // A subscription that was begun just now may not reach yet.
      await expect.poll(async () => {
        await here.signal(word);
        return heard.map((signals) => signals.some((signal) => JSON.stringify(signal) === JSON.stringify(word)));
      }).toEqual([true, true]); // prettier-ignore
      await here.keep([delta(run, 1)]);
      const kept = { type: "kept", runs: [run.executionId], agents: [run.agentId] };
      await expect.poll(() => heard.map((signals) => signals.filter(({ type }) => type === "kept"))).toEqual([[kept], [kept]]);
      for (const stop of stops) stop();
    });

    it("tells of many runs in as many signals as it takes", async () => {
      const heard = new Set<string>();
      const stop = there.subscribe((signal) => {
        if (signal.type === "kept") for (const id of signal.runs) heard.add(id);
      });
      const runs = Array.from({ length: 400 }, () => newRun());
      await here.keep(runs.map((run) => delta(run, 1)));
      await expect.poll(() => heard.size).toBe(400);
      stop();
    });

    it("takes no text for a position that is none", () => {
      for (const text of ["", "x", "1; DROP TABLE executions", "-1", "9".repeat(40)]) expect(here.isPosition(text), text).toBe(false);
    });

    it("goes on after everything in it was lost", async () => {
      const run = newRun();
      await here.keep([delta(run, 1)]);
      const before = await here.headOf(run);
      await setup.forget();
      expect(await idsOf(here, run)).toEqual([]);
      await here.keep([delta(run, 2)]);
      expect(await idsOf(there, run, 1)).toEqual([2]);
      expect(await positionsOf(there, run, before)).toEqual([`${run.executionId} 2`]);
    });
  });
}
