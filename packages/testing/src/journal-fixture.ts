import type { ExecutionControl, ExecutionJournal, JournaledRequest, JournaledWait, LeasedJournal, TakenRun } from "@heddle/runtime";
import type { Json, RunOutcome, StepRecord } from "@heddle/schema";
import { afterAll, afterEach, beforeAll, expect } from "vitest";

/** What tests of a journal are written with. */
export type JournalFixture = ReturnType<typeof useJournal>;

/** Has a journal set up for the tests of the group that this is called in, and cleared after each. */
export function useJournal(setUp: () => Promise<JournalSetup>) {
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
  return {
    open,
    request,
    stateOf,
    stepsOf,
    answer,
    claimOne,
    overtake,
    control: () => setup.control,
    newId: () => setup.newId(),
    now: () => setup.now(),
    pass: (ms: number) => setup.pass(ms),
    /** Another workspace. */
    strangers: () => setup.otherWorkspaceId,
  };
}

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

export const HOUR = 3_600_000;
export const MINUTE = 60_000;
/** Databases are slow on busy machines. */
export const SOON = { timeout: 15_000, interval: 20 };
export const USAGE = { inputTokens: 3, outputTokens: 4 };
export const failure = { code: "http_failed", message: "Away." } as const;

export function completed(output: Json = "done"): RunOutcome {
  return { status: "completed", output, usage: USAGE, steps: 1, durationMs: 2 };
}

export function step(key: string, changes: { output?: Json; order?: number } = {}): StepRecord {
  const nodeId = key.split("#")[0] ?? key;
  return { key, nodeId, startedAt: 1_000, durationMs: 1.5, attempts: 1, status: "completed", output: { key }, ports: ["out"], ...changes };
}

export function failed(key: string, ports: string[]): StepRecord {
  const nodeId = key.split("#")[0] ?? key;
  return { key, nodeId, startedAt: 1_000, durationMs: 1.5, attempts: 1, status: "failed", error: failure, ports };
}

export function wait(key: string, dueAt: number | null = null): JournaledWait {
  return { key, nodeId: key.split("#")[0] ?? key, kind: "approval", dueAt, request: { title: "May it?" } };
}

export const gist = (record: StepRecord) => ({ key: record.key, status: record.status, ports: record.ports, output: record.output });
