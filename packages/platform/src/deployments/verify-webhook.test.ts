import { createHmac } from "node:crypto";
import type { CredentialPort } from "@heddle/node-kit";
import { agentNode, HeddleError } from "@heddle/schema";
import { describe, expect, it } from "vitest";
import { verifyWebhook, type IncomingWebhook } from "./verify-webhook.ts";

const key = Buffer.from("0123456789abcdef01234567");
const secret = `whsec_${key.toString("base64")}`;
const now = Date.parse("2026-11-22T13:00:00Z");
const credentials: CredentialPort = {
  resolve: async (id) => {
    if (id !== "secret") throw new HeddleError("not_found", "no");
    return { id, type: "webhook-secret", fields: { secret }, allowedHosts: [] };
  },
};
const trigger = (params: Record<string, string>) => agentNode.parse({ id: "hook", type: "webhook-trigger", name: "Hook", params });
const signedTrigger = trigger({ verification: "signature", credential: "secret" });

function signed({
  text = '{"order":1}',
  at = now,
  by = key,
  headers = {},
}: { text?: string; at?: number; by?: Buffer; headers?: Record<string, string> } = {}): IncomingWebhook {
  const timestamp = String(Math.floor(at / 1_000));
  const signature = `v1,${createHmac("sha256", by).update(`msg_1.${timestamp}.${text}`).digest("base64")}`;
  return {
    method: "POST",
    query: {},
    text,
    headers: { "webhook-id": "msg_1", "webhook-timestamp": timestamp, "webhook-signature": signature, ...headers },
  };
}

describe("verifyWebhook", () => {
  it("takes what is signed and names the event", async () => {
    expect(await verifyWebhook(signed(), signedTrigger, credentials, now)).toBe("msg_1");
  });

  it("takes any of several signatures, for secrets that are being changed", async () => {
    const webhook = signed();
    webhook.headers["webhook-signature"] = `v1,AAAA ${webhook.headers["webhook-signature"]}`;
    expect(await verifyWebhook(webhook, signedTrigger, credentials, now)).toBe("msg_1");
  });

  it.each([
    ["forged", signed({ by: Buffer.from("another key") })],
    ["stale", signed({ at: now - 301_000 })],
    ["from the future", signed({ at: now + 301_000 })],
    ["changed", { ...signed(), text: '{"order":2}' }],
    ["unsigned", signed({ headers: { "webhook-signature": "" } })],
    ["of another version", signed({ headers: { "webhook-signature": "v0,AAAA" } })],
    ["without an id", signed({ headers: { "webhook-id": "" } })],
  ])("refuses what is %s", async (_, webhook) => {
    await expect(verifyWebhook(webhook, signedTrigger, credentials, now)).rejects.toMatchObject({ code: "unauthenticated" });
  });

  it("compares a plain secret in the header that was chosen", async () => {
    const plain = trigger({ verification: "secret", credential: "secret", secretHeader: "X-Token" });
    await expect(verifyWebhook({ ...signed(), headers: { "x-token": secret } }, plain, credentials)).resolves.toBeUndefined();
    await expect(verifyWebhook({ ...signed(), headers: { "x-token": "wrong" } }, plain, credentials)).rejects.toMatchObject({
      code: "unauthenticated",
    });
    await expect(verifyWebhook({ ...signed(), headers: {} }, plain, credentials)).rejects.toMatchObject({ code: "unauthenticated" });
  });

  it("accepts nothing while the secret is missing", async () => {
    for (const credential of ["", "gone"]) {
      await expect(verifyWebhook(signed(), trigger({ verification: "signature", credential }), credentials, now)).rejects.toMatchObject({
        code: "not_configured",
      });
    }
  });

  it("refuses other methods", async () => {
    await expect(verifyWebhook({ ...signed(), method: "GET" }, signedTrigger, credentials, now)).rejects.toMatchObject({
      code: "method_not_allowed",
    });
  });
});
