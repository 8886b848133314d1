import { readFileSync } from "node:fs";
import { request } from "node:http";
import type { DatasetResource, Problem } from "@heddle/schema";
import { type HeddleProcess, startHeddle } from "@heddle/testing/heddle-process";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { chain, node } from "./documents.ts";
import { csvForm, type HeddleClient, signUp } from "./heddle-client.ts";

let heddle: HeddleProcess;
let user: HeddleClient;
let agents: string;
let datasets: string;

beforeAll(async () => {
  heddle = await startHeddle();
  user = await signUp(heddle.url);
  agents = `/api/workspaces/${user.workspaceId}/agents`;
  datasets = `/api/workspaces/${user.workspaceId}/datasets`;
});
afterAll(() => heddle?.stop());

const start = node("start", "api-trigger");
const reply = (text: string) => node("reply", "reply", { text });

describe("a document that is none", () => {
  afterEach(async () => {
    expect(await user.all(agents)).toEqual([]);
    expect((await fetch(`${heddle.url}/api/health`)).status).toBe(200);
  });

  const wrapped = (config: unknown) => JSON.stringify({ name: "Agent", config });
  it.each<[string, string, string, string?]>([
    ["no JSON", '{"name": "Agent", "config":', "invalid_json"],
    ["no body", "", "invalid_request", "config"],
    ["a number", "5", "invalid_request"],
    ["a list", "[]", "invalid_request"],
    ["without a document", '{"name": "Agent"}', "invalid_request", "config"],
    ["with nodes of the wrong type", wrapped({ nodes: "many" }), "invalid_request", "config.nodes"],
    [
      "with a node of the wrong type",
      wrapped({ nodes: [{ id: 5, type: "reply", name: "Reply" }] }),
      "invalid_request",
      "config.nodes.0.id",
    ],
    ["with an id that no expression could name", wrapped({ nodes: [node("a-b", "reply")] }), "invalid_request", "config.nodes.0.id"],
    ["with a field that there is not", JSON.stringify({ name: "Agent", config: { nodes: [] }, workspaceId: "x" }), "invalid_request"],
    [
      "nested a hundred thousand levels deep",
      `{"name":"Agent","config":{"nodes":[{"id":"a","type":"reply","name":"a","params":{"json":${"[".repeat(1e5)}${"]".repeat(1e5)}}}]}}`,
      "invalid_request",
    ],
  ])("is refused: %s", async (_what, raw, code, field) => {
    const problem = await user.problem("POST", agents, { raw });
    expect(problem).toMatchObject({ status: 400, code });
    if (field !== undefined) expect(problem.problems?.map((each) => each.field)).toContain(field);
  });

  it("is refused when a newer Heddle made it", async () => {
    expect(await user.problem("POST", agents, { raw: wrapped({ schemaVersion: 99, nodes: [] }) })).toMatchObject({
      status: 422,
      code: "document_too_new",
    });
  });

  it("is refused when it is 5 MB of nesting, before it is parsed", async () => {
    expect(await user.problem("POST", agents, { raw: "[".repeat(5_000_000) })).toMatchObject({ status: 413, code: "payload_too_large" });
  });
});

describe("a document with mistakes", () => {
  const edge = (id: string, source: string, target: string) => ({ id, source: { node: source }, target: { node: target } });
  it.each<[string, Parameters<HeddleClient["createAgent"]>[0], Partial<Problem>]>([
    [
      "two nodes with one id",
      { nodes: [start, reply("a"), reply("b")], edges: [edge("1", "start", "reply")] },
      { code: "duplicate_id", nodeId: "reply", field: "id" },
    ],
    [
      "a circle",
      {
        nodes: [start, node("a", "format", { text: "a" }), node("b", "format", { text: "b" })],
        edges: [edge("1", "start", "a"), edge("2", "a", "b"), edge("3", "b", "a")],
      },
      { code: "cycle", nodeId: "a" },
    ],
    [
      "an unknown node type",
      chain([start, node("oracle", "quantum-oracle"), reply("x")]),
      { code: "unknown_node_type", nodeId: "oracle", field: "type" },
    ],
    [
      "a node type that objects inherit",
      chain([start, node("oracle", "constructor"), reply("x")]),
      { code: "unknown_node_type", nodeId: "oracle", field: "type" },
    ],
    [
      "a node that does not exist in an expression",
      chain([start, reply("{{ triage.output.label }}")]),
      { code: "unknown_reference", nodeId: "reply", field: "params.text" },
    ],
    [
      "a field that does not exist in an expression",
      chain([start, node("search", "extract", { mode: "regex", pattern: "(x)" }), reply("{{ search.output.mtach }}")]),
      { code: "unknown_property", nodeId: "reply", field: "params.text" },
    ],
    ["half an expression", chain([start, reply("{{ 1 + }}")]), { code: "expression_syntax", nodeId: "reply", field: "params.text" }],
    [
      "a data set that does not exist",
      chain([start, node("triage", "classify", { datasetId: "0190b4d3-0000-7000-8000-000000000000", text: "x" }), reply("x")]),
      { code: "missing_resource", nodeId: "triage", field: "params.datasetId" },
    ],
    ["nothing that starts it", { nodes: [reply("x")] }, { code: "no_trigger" }],
  ])("is kept as a draft, and neither deployed nor run: %s", async (_what, document, expected) => {
    const { id, problems } = await user.createAgent(document);
    if (expected.code !== "missing_resource") expect(problems).toContainEqual(expect.objectContaining({ severity: "error", ...expected }));
    const refused = await user.problem("POST", `/api/agents/${id}/deploy`);
    expect(refused).toMatchObject({ status: 422, code: "document_invalid" });
    expect(refused.problems).toContainEqual(
      expect.objectContaining({ severity: "error", message: expect.stringMatching(/.{10,}/), ...expected }),
    );
    await user.problem("POST", `/api/agents/${id}/test`, { body: { input: {} } });
    expect(await user.json("GET", `/api/agents/${id}`)).toMatchObject({ version: 0, status: "DRAFT" });
    expect(await user.all(`/api/agents/${id}/versions`)).toEqual([]);
    expect(await user.all(`/api/workspaces/${user.workspaceId}/deployments`)).toEqual([]);
  });
});

describe("an input that does not fit", () => {
  it("is refused with every problem, and nothing of the agent runs", async () => {
    const schema = {
      type: "object",
      properties: { orderId: { type: "string" }, count: { type: "integer" } },
      required: ["orderId", "count"],
    };
    const { id } = await user.deploy(chain([node("start", "api-trigger", { schema }), reply("{{ input.orderId }}")]));
    const problem = await user.problem("POST", `/api/deployments/${id}/execute`, { body: { input: { count: "many" } } });
    expect(problem).toMatchObject({ status: 422, code: "input_invalid" });
    expect(JSON.stringify(problem)).toMatch(/orderId.*count|count.*orderId/);
    expect((await user.trace(problem.executionId ?? "")).map(({ nodeId, status }) => [nodeId, status])).toEqual([["start", "failed"]]);
  });

  it("may have 1 MiB to the byte, and not one more", async () => {
    const { id, agentId } = await user.deploy(
      chain([
        start,
        node("size", "code", { source: "return input.text.length;", input: "{{ input }}" }),
        node("reply", "reply", { mode: "json", json: "{{ size.output.value }}" }),
      ]),
    );
    const limit = 1024 * 1024;
    const bodyOf = (bytes: number) => {
      const frame = JSON.stringify({ input: { text: "" } });
      return JSON.stringify({ input: { text: "x".repeat(bytes - frame.length) } });
    };
    const path = `/api/deployments/${id}/execute`;
    for (const bytes of [limit - 1, limit]) {
      const raw = bodyOf(bytes);
      expect(raw).toHaveLength(bytes);
      expect(await user.json("POST", path, { raw })).toMatchObject({ status: "COMPLETED", output: JSON.parse(raw).input.text.length });
    }
    const over = bodyOf(limit + 1);
    const streamed = () =>
      new ReadableStream({ pull: (controller) => void (controller.enqueue(new TextEncoder().encode(over)), controller.close()) });
    for (const raw of [over, streamed()]) {
      expect(await user.problem("POST", path, { raw })).toMatchObject({
        status: 413,
        code: "payload_too_large",
        details: { limitBytes: limit },
      });
    }
    expect(await user.all(`/api/agents/${agentId}/executions`)).toHaveLength(2);
  });
});

describe("a CSV file", () => {
  it("with 1 % broken rows is used, and the rows are named", async () => {
    const rows = Array.from({ length: 1_000 }, (_, index) => {
      if (index % 200 === 50) return `only one column ${index}`;
      if (index % 200 === 150) return `"more","than","two","columns"`;
      return `"text ${index} about ${index % 2 ? "cats" : "dogs"}",${index % 2 ? "cat" : "dog"}`;
    });
    const made = await user.json<DatasetResource>("POST", datasets, { form: csvForm("One percent", `text,label\n${rows.join("\n")}\n`) });
    expect(made).toMatchObject({ rows: 990, columns: ["text", "label"], rejected: { count: 10 } });
    expect(made.rejected.samples.map(({ line }) => line)).toEqual([52, 152, 252, 352, 452, 552, 652, 752, 852, 952]);
    expect(made.rejected.samples[0]?.reason).toBe("it has 1 column instead of 2");
    expect(await user.all(`/api/datasets/${made.id}/rows`)).toHaveLength(990);
    await user.call("DELETE", `/api/datasets/${made.id}`);
  });

  it("with one column is kept without labels, and there is nothing to learn", async () => {
    const made = await user.json<DatasetResource>("POST", datasets, { form: csvForm("One column", "text\nhello\ngood bye\n") });
    expect(made).toMatchObject({ rows: 2, labelColumn: null, training: { status: "none" } });
    const { id } = await user.deploy(chain([start, node("triage", "classify", { datasetId: made.id, text: "hello" }), reply("x")]));
    expect(await user.problem("POST", `/api/deployments/${id}/execute`, { body: { input: {} } })).toMatchObject({
      status: 422,
      code: "dataset_too_small",
      detail: expect.stringContaining("no labels"),
      details: { nodeId: "triage" },
    });
    // What callers depend on is not deleted under them.
    const inUse = await user.problem("DELETE", `/api/datasets/${made.id}`);
    expect(inUse).toMatchObject({ status: 409, code: "in_use", details: { agents: [{ name: "Agent" }] } });
    await user.json("PUT", `/api/deployments/${id}`, { body: { status: "INACTIVE" } });
    await user.json("DELETE", `/api/datasets/${made.id}`);
    await user.json("PUT", `/api/deployments/${id}`, { body: { status: "ACTIVE" } });
    // A caller must not think that the agent itself is gone.
    const gone = await user.problem("POST", `/api/deployments/${id}/execute`, { body: { input: {} } });
    expect(gone).toMatchObject({ status: 422, code: "not_configured", details: { nodeId: "triage" } });
  });

  const noise = Uint8Array.from({ length: 5_000 }, (_, index) => (index * 7_919) % 256);
  it.each<[string, () => FormData, number, string]>([
    ["is binary", () => csvForm("Bad", noise), 422, "file_invalid"],
    [
      "is an image with a CSV's name",
      () => csvForm("Bad", Uint8Array.from([0x89, 0x50, 0x4e, 0x47, ...noise.filter((byte) => byte !== 0)])),
      422,
      "file_invalid",
    ],
    ["is empty", () => csvForm("Bad", ""), 422, "csv_invalid"],
    ["holds only the names of its columns", () => csvForm("Bad", "text,label\n"), 422, "csv_invalid"],
    ["has too many rows", () => csvForm("Bad", `text,label\n${"some text,label\n".repeat(50_001)}`), 413, "payload_too_large"],
    ["has no name", () => csvForm("", "text,label\na,b\n"), 400, "invalid_request"],
    ["is missing", () => new FormData(), 400, "invalid_request"],
  ])("that %s is refused, and nothing of it is kept", async (_what, form, status, code) => {
    expect(await user.problem("POST", datasets, { form: form() })).toMatchObject({ status, code });
    expect(await user.all(datasets)).toEqual([]);
  });

  it("that is no form at all is refused", async () => {
    expect(await user.problem("POST", datasets, { body: { name: "x" } })).toMatchObject({ status: 415, code: "unsupported_media_type" });
    expect(
      await user.problem("POST", datasets, { raw: "garbage", headers: { "content-type": "multipart/form-data; boundary=x" } }),
    ).toMatchObject({ status: 400, code: "invalid_request" });
  });
});

/** The most memory that a process has held at once. */
function peakMb(pid: number): number {
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;
}

describe("an upload of 50 MB", () => {
  const SIZE = 50 * 1024 * 1024;

  /** Sends it in pieces, as fast as it is taken; tells how much was taken before there was an answer. */
  const upload = (headers: Record<string, string>) =>
    new Promise<{ status: number; code: string; sent: number }>((resolve, reject) => {
      let sent = 0;
      const sending = request(
        `${heddle.url}${datasets}`,
        { method: "POST", headers: { cookie: user.cookie, "content-type": "multipart/form-data; boundary=x", ...headers } },
        (response) => {
          let text = "";
          response.setEncoding("utf8").on("data", (part: string) => (text += part));
          response.on("end", () => {
            resolve({ status: response.statusCode ?? 0, code: JSON.parse(text).code, sent });
            sending.destroy();
          });
        },
      );
      const piece = Buffer.alloc(64 * 1024, "a");
      const more = (): void => {
        while (sent < SIZE) {
          sent += piece.length;
          if (!sending.write(piece)) return void sending.once("drain", more);
        }
        sending.end();
      };
      sending.on("error", reject);
      more();
    });

  it.each([
    ["with a length", { "content-length": String(SIZE) }],
    ["without one", { "transfer-encoding": "chunked" }],
  ])("%s is refused long before its end, and ten of them at once fill no memory", async (_how, headers) => {
    const before = peakMb(heddle.pid);
    const answers = await Promise.all(Array.from({ length: 10 }, () => upload(headers)));
    for (const answer of answers) {
      expect(answer).toMatchObject({ status: 413, code: "payload_too_large" });
      expect(answer.sent).toBeLessThan(SIZE);
    }
    // Ten whole uploads are 500 MB, and each would be held several times over.
    expect(peakMb(heddle.pid) - before).toBeLessThan(400);
    expect(await user.all(datasets)).toEqual([]);
    expect((await fetch(`${heddle.url}/api/ready`)).status).toBe(200);
  });
});
