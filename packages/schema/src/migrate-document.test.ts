import { describe, expect, test } from "vitest";
import { CURRENT_SCHEMA_VERSION } from "./document.ts";
import { HeddleError } from "./error.ts";
import { migrateDocument, receivedDocument } from "./migrate-document.ts";
import { DOCUMENT_MIGRATIONS, type DocumentMigration, migrateForward } from "./migrations.ts";

const chat = { id: "chat", type: "chat-trigger", name: "Chat" };

function failure(raw: unknown): HeddleError {
  try {
    migrateDocument(raw);
  } catch (error) {
    if (error instanceof HeddleError) return error;
    throw error;
  }
  throw new Error("it was accepted");
}

describe("migrateDocument", () => {
  test("fills in what a short document leaves out", () => {
    expect(migrateDocument({ nodes: [chat] })).toEqual({
      schemaVersion: CURRENT_SCHEMA_VERSION,
      nodes: [{ ...chat, typeVersion: 1, position: { x: 0, y: 0 }, params: {}, onError: "fail" }],
      edges: [],
      variables: [],
      settings: { limits: {} },
      notes: [],
      groups: [],
    });
  });

  test("gives a current document back as it is", () => {
    const document = migrateDocument({ nodes: [{ ...chat, params: { text: "{{ input.message }}" } }] });
    expect(migrateDocument(document)).toEqual(document);
  });

  test("leaves the raw document alone", () => {
    const raw = Object.freeze({ nodes: Object.freeze([Object.freeze({ ...chat })]) });
    migrateDocument(raw);
    expect(raw).toEqual({ nodes: [chat] });
  });

  test("refuses a document that a newer Heddle saved", () => {
    const error = failure({ schemaVersion: CURRENT_SCHEMA_VERSION + 1, nodes: "a form of the future" });
    expect(error.code).toBe("document_too_new");
    expect(error.details).toEqual({ schemaVersion: CURRENT_SCHEMA_VERSION + 1, supported: CURRENT_SCHEMA_VERSION });
  });

  test.each([
    [null],
    [undefined],
    ["{}"],
    [7],
    [[]],
    [{}],
    [{ nodes: 7 }],
    [{ schemaVersion: "1", nodes: [] }],
    [{ schemaVersion: -1, nodes: [] }],
    [{ schemaVersion: 0.5, nodes: [] }],
  ])("refuses %j with a problem in words", (raw) => {
    const error = failure(raw);
    expect(error.code).toBe("document_invalid");
    expect(error.problems).toHaveLength(1);
    expect(error.problems![0]!.message).toMatch(/[.]$/);
  });

  test("names all problems at once, each with its node and field", () => {
    const error = failure({
      nodes: [chat, { id: "triage", type: "classify", name: "", retry: { maxAttempts: 99 } }, { id: "1st", type: 5 }, "reply"],
      edges: [{ id: "e1", source: { node: "chat" }, target: {} }],
      variables: [{ name: "a b" }],
    });
    expect(error.problems!.map(({ code, nodeId, edgeId, field }) => ({ code, nodeId, edgeId, field }))).toEqual([
      { code: "invalid_field", nodeId: "triage", edgeId: undefined, field: "name" },
      { code: "invalid_field", nodeId: "triage", edgeId: undefined, field: "retry.maxAttempts" },
      { code: "invalid_field", nodeId: "1st", edgeId: undefined, field: "id" },
      { code: "invalid_field", nodeId: "1st", edgeId: undefined, field: "type" },
      { code: "missing_field", nodeId: "1st", edgeId: undefined, field: "name" },
      { code: "invalid_field", nodeId: undefined, edgeId: undefined, field: "nodes.3" },
      { code: "missing_field", nodeId: undefined, edgeId: "e1", field: "edges.0.target.node" },
      { code: "invalid_field", nodeId: undefined, edgeId: undefined, field: "variables.0.name" },
    ]);
    expect(error.problems!.map(({ message }) => message)).toContain("Node `triage`, `name`: this must not be empty.");
    expect(error.message).toContain("8 problems");
  });

  test("stays short where everything is wrong", () => {
    expect(failure({ nodes: Array.from({ length: 4_000 }, () => ({})) }).problems).toHaveLength(200);
  });
});

describe("a document that a program sends", () => {
  test("may be of an older version, and is checked as one of today", () => {
    expect(receivedDocument.parse({ nodes: [] })).toEqual(migrateDocument({ nodes: [] }));
    expect(receivedDocument.safeParse({ nodes: 5 }).error?.issues[0]?.path).toEqual(["nodes"]);
    expect(receivedDocument.safeParse("text").success).toBe(false);
  });

  test("of a newer version is refused as such", () => {
    expect(() => receivedDocument.safeParse({ schemaVersion: CURRENT_SCHEMA_VERSION + 1, nodes: [] })).toThrow(
      expect.objectContaining({ code: "document_too_new" }),
    );
  });
});

describe("the list of migrations", () => {
  test("leads from every version to the next, up to the current one", () => {
    expect(DOCUMENT_MIGRATIONS.map(({ from }) => from)).toEqual(Array.from({ length: CURRENT_SCHEMA_VERSION }, (_, version) => version));
  });

  test("takes a document through each step in order", () => {
    const steps: DocumentMigration[] = [
      { from: 0, summary: "numbered", migrate: (document) => ({ ...document, schemaVersion: 1 }) },
      { from: 1, summary: "steps were called nodes", migrate: ({ steps: nodes, ...rest }) => ({ ...rest, nodes, schemaVersion: 2 }) },
      { from: 2, summary: "named", migrate: (document) => ({ ...document, name: "?", schemaVersion: 3 }) },
    ];
    expect(migrateForward({ steps: [1] }, 3, steps)).toEqual({ schemaVersion: 3, nodes: [1], name: "?" });
    expect(migrateForward({ schemaVersion: 2, nodes: [1] }, 3, steps)).toEqual({ schemaVersion: 3, nodes: [1], name: "?" });
  });

  test("fails loudly where a step is missing or forgets its version", () => {
    expect(() => migrateForward({}, 1, [])).toThrow("no migration from schema version 0");
    expect(() => migrateForward({}, 1, [{ from: 0, summary: "", migrate: (document) => ({ ...document }) }])).toThrow("does not reach 1");
  });
});
