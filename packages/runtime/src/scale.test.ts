import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Json, StepRecord } from "@heddle/schema";
import { documentOf } from "@heddle/testing/runtime/scripted-nodes";
import { runScripted } from "@heddle/testing/runtime/scripted-run";
import { describe, expect, test } from "vitest";

const items: Json = Array.from({ length: 10_000 }, (_, index) => index);
const inside = { parent: "many", params: { value: "{{ item * 2 }}" } };
const loop = { type: "loop", params: { mode: "forEach", items: "{{ input }}", maxIterations: 10_000 } };
const map = { type: "map", params: { items: "{{ input }}", concurrency: 10 } };

describe("a run finishes", () => {
  test("of 1,000 nodes, by the default limits", async () => {
    const ids = Array.from({ length: 999 }, (_, index) => `n${index}`);
    const document = documentOf(
      { start: {}, ...Object.fromEntries(ids.map((id) => [id, {}])) },
      ids.map((id, index) => `${ids[index - 1] ?? "start"}>${id}`),
    );
    expect((await runScripted(document)).outcome).toMatchObject({ status: "completed", steps: 1_000 });
  });

  test.each([
    ["a loop of 10,000 rounds", loop],
    ["a map over 10,000 items", map],
  ])("of %s, by the default limits of runs, also when it is resumed in the middle", async (_name, many) => {
    const document = documentOf({ start: {}, many, a: inside }, ["start>many"]);
    const whole = await runScripted(document, {}, { input: items });
    expect(whole.outcome).toMatchObject({ status: "completed", output: { count: 10_000 }, steps: 10_002 });
    const appended: StepRecord[] = [];
    const journal = { recorded: whole.journal.appended.slice(0, 6_000), append: (step: StepRecord) => void appended.push(step) };
    const resumed = await runScripted(document, {}, { input: items, journal });
    expect(appended).toHaveLength(4_002);
    expect(resumed.outcome).toMatchObject({ output: (whole.outcome as { output: Json }).output as object });
  });

  test("of 10,000 rounds of steps that take their time", async () => {
    const document = documentOf({ start: {}, many: map, a: inside }, ["start>many"]);
    let underway = 0;
    let most = 0;
    const a = async (): Promise<{ output: null }> => {
      underway += 1;
      most = Math.max(most, underway);
      await Promise.resolve();
      underway -= 1;
      return { output: null };
    };
    expect((await runScripted(document, { a }, { input: items })).outcome).toMatchObject({ output: { count: 10_000 } });
    expect(most).toBe(10);
  });
});

test("memory follows the rounds under way, not the number of items", async () => {
  const bench = fileURLToPath(new URL("../../../bench/runtime.ts", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, ["--expose-gc", bench, "--json", "--only", "map", "--repeats", "1"]);
  const [small, large] = JSON.parse(stdout) as { size: number; heapMb: number }[];
  expect([small?.size, large?.size]).toEqual([1_000, 10_000]);
  // Ten times the items: a record of each would be 2 MB and more.
  expect((large?.heapMb ?? Number.NaN) - (small?.heapMb ?? Number.NaN)).toBeLessThan(0.5);
}, 60_000);
