import { expect, test } from "vitest";
import { Autosave, type SaveStatus } from "./autosave.ts";

/** An autosave with timers that run when told, and a server that answers when told. */
function bench() {
  let draft: object = { at: 0 };
  let timer: { run: () => void; ms: number } | undefined;
  const saves: { draft: object; revision: number; resolve: (revision: number) => void; reject: (error: unknown) => void }[] = [];
  const statuses: SaveStatus[] = [];
  let backup: { draft: object; revision: number } | undefined;
  const autosave = new Autosave<object>(
    {
      read: () => draft,
      save: (saved, revision) => new Promise((resolve, reject) => saves.push({ draft: saved, revision, resolve, reject })),
      classify: (error) => error as "offline" | "conflict" | "failed",
      onStatus: (status) => statuses.push(status),
      onBackup: (next) => (backup = next),
      schedule: (run, ms) => {
        timer = { run, ms };
        return () => (timer = undefined);
      },
    },
    5,
  );
  return {
    autosave,
    statuses,
    saves,
    edit: () => {
      draft = { at: Math.random() };
      autosave.changed();
      return draft;
    },
    undoTo: (old: object) => {
      draft = old;
      autosave.changed();
    },
    tick: async () => {
      const due = timer;
      timer = undefined;
      due?.run();
      await settle();
    },
    waiting: () => timer?.ms,
    backup: () => backup,
    current: () => draft,
  };
}
const settle = () => new Promise((resolve) => setImmediate(resolve));

test("saves once after a pause, on top of the revision it knows", async () => {
  const { autosave, edit, tick, saves, statuses, backup } = bench();
  edit();
  const last = edit();
  expect(backup()).toEqual({ draft: last, revision: 5 });
  await tick();
  expect(saves).toHaveLength(1);
  expect(saves[0]).toMatchObject({ draft: last, revision: 5 });
  saves[0]?.resolve(6);
  await settle();
  expect(statuses.at(-1)).toBe("saved");
  expect(backup()).toBeUndefined();
  expect(autosave.currentRevision).toBe(6);
});

test("saves what was changed during a save afterwards, never two at once", async () => {
  const { edit, tick, saves, statuses } = bench();
  edit();
  await tick();
  const later = edit();
  await tick();
  expect(saves).toHaveLength(1);
  saves[0]?.resolve(6);
  await settle();
  expect(statuses.at(-1)).toBe("unsaved");
  await tick();
  expect(saves[1]).toMatchObject({ draft: later, revision: 6 });
});

test("a broken connection is tried again, more and more slowly, and the backup stays", async () => {
  const { edit, tick, saves, statuses, waiting, backup } = bench();
  const draft = edit();
  await tick();
  saves[0]?.reject("offline");
  await settle();
  expect(statuses.at(-1)).toBe("offline");
  expect(backup()).toEqual({ draft, revision: 5 });
  const first = waiting() ?? 0;
  await tick();
  saves[1]?.reject("offline");
  await settle();
  expect(waiting()).toBeGreaterThan(first);
  await tick();
  saves[2]?.resolve(6);
  await settle();
  expect(statuses.at(-1)).toBe("saved");
});

test("after a conflict nothing is saved until somebody decides, and nothing is lost", async () => {
  const { autosave, edit, tick, saves, statuses, backup, current } = bench();
  edit();
  await tick();
  saves[0]?.reject("conflict");
  await settle();
  const mine = edit();
  await tick();
  expect(await autosave.flush()).toBe("conflict");
  expect(saves).toHaveLength(1);
  expect(backup()).toEqual({ draft: mine, revision: 5 });
  autosave.rebase(9, false);
  await tick();
  expect(saves[1]).toMatchObject({ draft: current(), revision: 9 });
  saves[1]?.resolve(10);
  await settle();
  expect(statuses.at(-1)).toBe("saved");
});

test("undoing to what is saved needs no save", async () => {
  const { edit, undoTo, current, waiting, statuses, saves, tick } = bench();
  const saved = current();
  edit();
  undoTo(saved);
  expect(statuses.at(-1)).toBe("saved");
  expect(waiting()).toBeUndefined();
  await tick();
  expect(saves).toHaveLength(0);
});

test("flush saves at once, and waits for a save that is under way", async () => {
  const { autosave, edit, tick, saves } = bench();
  edit();
  await tick();
  const later = edit();
  const flushed = autosave.flush();
  saves[0]?.resolve(6);
  await settle();
  expect(saves[1]).toMatchObject({ draft: later, revision: 6 });
  saves[1]?.resolve(7);
  expect(await flushed).toBe("saved");
});
