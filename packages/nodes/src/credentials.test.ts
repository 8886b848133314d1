import { fieldHint } from "@heddle/node-kit";
import { describe, expect, it } from "vitest";
import type { z } from "zod";
import { type CredentialFieldHint, credentials } from "./credentials.ts";

describe("credential kinds", () => {
  it.each<[string, Record<string, string>, string[] | undefined]>([
    ["openai", { apiKey: "k" }, ["api.openai.com"]],
    ["openai", { apiKey: "k", baseUrl: "" }, ["api.openai.com"]],
    ["openai", { apiKey: "k", baseUrl: "https://gateway.example:8443/v1" }, ["gateway.example:8443"]],
    ["anthropic", { apiKey: "k" }, ["api.anthropic.com"]],
    ["openai-compatible", { baseUrl: "http://localhost:11434/v1" }, ["localhost:11434"]],
    ["http-bearer", { token: "t" }, undefined],
    ["http-basic", { username: "u", password: "p" }, undefined],
    ["http-header", { header: "X-Api-Key", value: "v" }, undefined],
    ["webhook-secret", { secret: "s" }, []],
  ])("%s with %j may go to %j", (type, fields, hosts) => {
    const kind = credentials.get(type);
    expect(kind?.allowedHosts(kind.fields.parse(fields))).toEqual(hosts);
  });

  it.each([
    ["openai", {}],
    ["openai", { apiKey: "" }],
    ["openai-compatible", { baseUrl: "file:///etc/passwd" }],
    ["openai-compatible", { baseUrl: "localhost" }],
    ["http-header", { header: "bad name", value: "v" }],
  ])("%s refuses %j", (type, fields) => {
    expect(credentials.get(type)?.fields.safeParse(fields).success).toBe(false);
  });

  it("marks every field that holds a secret", () => {
    const secrets = [...credentials.values()].map(({ type, fields }) => [
      type,
      Object.entries(fields.shape)
        .filter(([name, field]) => (fieldHint(field as z.ZodType, name) as CredentialFieldHint).isSecret)
        .map(([name]) => name),
    ]);
    expect(Object.fromEntries(secrets)).toEqual({
      openai: ["apiKey"],
      anthropic: ["apiKey"],
      "openai-compatible": ["apiKey"],
      "http-bearer": ["token"],
      "http-basic": ["password"],
      "http-header": ["value"],
      "webhook-secret": ["secret"],
    });
  });
});
