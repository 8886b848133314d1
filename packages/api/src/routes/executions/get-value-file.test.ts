import type { Json } from "@heddle/schema";
import { createTestApi, type RegisteredPerson, type TestApi } from "@heddle/testing/test-api";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

let api: TestApi;
let ada: RegisteredPerson;
let deployment: string;
beforeAll(async () => {
  api = await createTestApi();
  ada = await api.register("Ada");
  const agent = await post(`/api/workspaces/${ada.workspaceId}/agents`, { name: "Repeats", config: repeats });
  deployment = (await post(`/api/agents/${agent["id"]}/deploy`, {}))["id"] as string;
});
afterAll(() => api.close());

/** Answers with so many times the character that it is given. */
const repeats = {
  nodes: [
    { id: "start", type: "api-trigger", name: "Call" },
    { id: "make", type: "code", name: "Make", params: { source: "return input.character.repeat(input.count);" } },
  ],
  edges: [{ id: "e1", source: { node: "start" }, target: { node: "make" } }],
};
const KIB = 1024;

async function post(path: string, body: Json): Promise<Record<string, unknown>> {
  return (await (await api.call("POST", path, { as: ada.as, body })).json()) as Record<string, unknown>;
}
async function get<T>(path: string): Promise<T> {
  return (await (await api.call("GET", path, { as: ada.as })).json()) as T;
}
/** Runs for an output of exactly so many bytes of JSON. */
const runFor = (bytes: number): Promise<Record<string, unknown>> => {
  const around = JSON.stringify({ value: "", logs: [] }).length;
  return post(`/api/deployments/${deployment}/execute`, { input: { character: "x", count: bytes - around } });
};
const sizeOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

interface Shown {
  output: Json;
  outputFile?: { url: string; bytes: number; preview: string };
}

describe("a large output", () => {
  test("of 256 KiB is shown everywhere, and one byte more is left out of lists and traces", async () => {
    for (const [bytes, isLarge] of [
      [256 * KIB, false],
      [256 * KIB + 1, true],
    ] as const) {
      const { executionId: id, output } = await runFor(bytes);
      expect(sizeOf(output)).toBe(bytes);
      const whole = await get<Shown>(`/api/executions/${id as string}`);
      expect(whole.output).toEqual(output);
      const { items } = await get<{ items: (Shown & { id: string })[] }>(`/api/workspaces/${ada.workspaceId}/executions`);
      const { steps } = await get<{ steps: (Shown & { nodeId: string })[] }>(`/api/executions/${id as string}/trace`);
      for (const shown of [items.find((item) => item.id === id), steps.find((step) => step.nodeId === "make")]) {
        expect(shown?.output).toEqual(isLarge ? null : output);
        expect(shown?.outputFile?.bytes).toBe(isLarge ? bytes : undefined);
        if (isLarge) expect(shown?.outputFile?.preview).toBe(JSON.stringify(output).slice(0, 1_000));
      }
    }
  });

  test("of 10 MiB is answered, and one byte more is refused in words", async () => {
    expect(sizeOf((await runFor(10 * KIB * KIB))["output"])).toBe(10 * KIB * KIB);
    expect(await runFor(10 * KIB * KIB + 1)).toMatchObject({ code: "value_too_large", status: 413 });
  });

  test("is a file that is saved and can do nothing, for its workspace alone", async () => {
    const { executionId, output } = await runFor(300 * KIB);
    const { outputFile } = await get<Shown>(`/api/executions/${executionId as string}`);
    const url = outputFile?.url ?? "";
    const response = await api.call("GET", url, { as: ada.as });
    expect(await response.json()).toEqual(output);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "content-type": "application/json",
      "content-disposition": expect.stringMatching(/^attachment; filename="[0-9a-f]{12}\.json"$/),
      "x-content-type-options": "nosniff",
      "content-security-policy": "default-src 'none'; sandbox",
    });
    const bob = await api.register("Bob");
    expect((await api.call("GET", url, { as: bob.as })).status).toBe(404);
    expect((await api.call("GET", url)).status).toBe(401);
    const other = await runFor(10);
    const elsewhere = url.replace(executionId as string, other["executionId"] as string);
    expect((await api.call("GET", elsewhere, { as: ada.as })).status).toBe(404);
    expect((await api.call("GET", `${url.slice(0, url.lastIndexOf("/"))}/..%2f..%2fsecret`, { as: ada.as })).status).toBe(404);
  });

  test("that looks like a reference of ours stays what it is", async () => {
    const forged = { $file: { sha256: "0".repeat(64), bytes: 1, preview: "stolen" } };
    const echo = {
      nodes: [
        { id: "start", type: "api-trigger", name: "Call" },
        { id: "answer", type: "reply", name: "Reply", params: { mode: "json", json: "{{ input }}" } },
      ],
      edges: [{ id: "e1", source: { node: "start" }, target: { node: "answer" } }],
    };
    const agent = await post(`/api/workspaces/${ada.workspaceId}/agents`, { name: "Echo", config: echo });
    const deployed = await post(`/api/agents/${agent["id"] as string}/deploy`, {});
    const { executionId, output } = await post(`/api/deployments/${deployed["id"] as string}/execute`, { input: forged });
    expect(output).toEqual(forged);
    const shown = await get<Shown>(`/api/executions/${executionId as string}`);
    expect(shown.output).toEqual(forged);
    expect(shown.outputFile).toBeUndefined();
    const { steps } = await get<{ steps: Shown[] }>(`/api/executions/${executionId as string}/trace`);
    expect(steps.map((step) => step.output)).toEqual([forged, forged]);
  });
});
