import { agentDocument } from "@heddle/schema";
import { describe, expect, it } from "vitest";
import { canonicalJson, configHash } from "./config-hash.ts";

describe("configHash", () => {
  it("does not depend on the order of keys, and does on everything else", () => {
    const a = agentDocument.parse({ nodes: [{ id: "start", type: "chat-trigger", name: "Start", params: { x: 1, y: [1, 2] } }] });
    const b = agentDocument.parse({ nodes: [{ name: "Start", params: { y: [1, 2], x: 1 }, type: "chat-trigger", id: "start" }] });
    const c = agentDocument.parse({ nodes: [{ name: "Start", params: { y: [2, 1], x: 1 }, type: "chat-trigger", id: "start" }] });
    expect(configHash(a)).toBe(configHash(b));
    expect(configHash(a)).not.toBe(configHash(c));
    expect(configHash(a)).toMatch(/^[0-9a-f]{64}$/);
  });

  it("keeps arrays in order and leaves out undefined", () => {
    expect(canonicalJson({ b: [{ d: 1, c: undefined }], a: null })).toBe('{"a":null,"b":[{"d":1}]}');
  });
});
