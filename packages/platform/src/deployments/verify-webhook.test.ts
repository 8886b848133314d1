import { createHmac } from "node:crypto";
import type { CredentialPort } from "@heddle/node-kit";
import { agentNode, HeddleError, type Json } from "@heddle/schema";
import { describe, expect, it } from "vitest";
import { secretHeaders, verifyWebhook, type SignedRequest } from "./verify-webhook.ts";

const key = Buffer.from("0123456789abcdef01234567");
const secret = `whsec_${key.toString("base64")}`;
const now = Date.parse("2026-11-22T13:00:00Z");
const credentials: CredentialPort = {
  resolve: async (id) => {
    if (id !== "secret") throw new HeddleError("not_found", "no");
    return { id, type: "webhook-secret", fields: { secret }, allowedHosts: [] };
  },
};
const trigger = (params: Record<string, string>) =>
  agentNode.parse({ id: "hook", type: "webhook-trigger", name: "Hook", params: { credential: "secret", ...params } });

/** With a byte order mark and bytes that are no text: what is signed is what was sent. */
const bytes = Buffer.concat([Buffer.from("\ufeff"), Buffer.from('{"id":"evt_1","event_id":"Ev1"}'), Buffer.from([0xff, 0xfe])]);
const body: Json = { id: "evt_1", event_id: "Ev1" };
const seconds = (at: number) => String(Math.floor(at / 1_000));
const hmac = (by: string | Buffer, parts: (string | Buffer)[], encoding: "hex" | "base64" = "hex") => {
  const sign = createHmac("sha256", by);
  for (const part of parts) sign.update(part);
  return sign.digest(encoding);
};

interface Forgery {
  at?: number;
  by?: string | Buffer;
  content?: Buffer;
}
type Sign = (forgery?: Forgery) => Record<string, string>;
const standard: Sign = ({ at = now, by = key, content = bytes } = {}) => ({
  "webhook-id": "msg_1",
  "webhook-timestamp": seconds(at),
  "webhook-signature": `v1,${hmac(by, [`msg_1.${seconds(at)}.`, content], "base64")}`,
});
const github: Sign = ({ by = secret, content = bytes } = {}) => ({
  "x-hub-signature-256": `sha256=${hmac(by, [content])}`,
  "x-github-delivery": "72d3162e",
});
const stripe: Sign = ({ at = now, by = secret, content = bytes } = {}) => ({
  "stripe-signature": `t=${seconds(at)},v0=ab,v1=${hmac(by, [`${seconds(at)}.`, content])}`,
});
const slack: Sign = ({ at = now, by = secret, content = bytes } = {}) => ({
  "x-slack-request-timestamp": seconds(at),
  "x-slack-signature": `v0=${hmac(by, [`v0:${seconds(at)}:`, content])}`,
});
const generic: Sign = ({ by = secret, content = bytes } = {}) => ({ "x-signature": hmac(by, [content]) });

const schemes: [string, Record<string, string>, Sign, string | undefined][] = [
  ["Standard Webhooks", { verification: "signature" }, standard, "msg_1"],
  ["GitHub", { verification: "github" }, github, "72d3162e"],
  ["Stripe", { verification: "stripe" }, stripe, "evt_1"],
  ["Slack", { verification: "slack" }, slack, "Ev1"],
  ["HMAC", { verification: "hmac" }, generic, undefined],
  ["HMAC in Base64", { verification: "hmac", signatureHeader: "X-Sig", signaturePrefix: "v1=", signatureEncoding: "base64" }, (forgery) => {
    const { by = secret, content = bytes } = forgery ?? {};
    return { "x-sig": `v1=${hmac(by, [content], "base64")}` };
  }, undefined],
]; // prettier-ignore
const timed = schemes.filter(([name]) => ["Standard Webhooks", "Stripe", "Slack"].includes(name));

const verify = (headers: Record<string, string>, params: Record<string, string>, more: Partial<SignedRequest> = {}) =>
  verifyWebhook({ headers, bytes, ...more }, trigger(params), credentials, now);
const refusal = { code: "unauthenticated" };

describe.each(schemes)("a webhook signed as by %s", (_, params, sign, eventId) => {
  it("is taken, byte for byte, under the id that its sender gave it", async () => {
    expect((await verify(sign(), params)).eventId(body)).toBe(eventId);
  });

  it.each<[string, Record<string, string>, Partial<SignedRequest>]>([
    ["forged", sign({ by: "another key" }), {}],
    ["changed", sign(), { bytes: Buffer.concat([bytes, Buffer.from(" ")]) }],
    ["signed for nothing", sign({ content: Buffer.alloc(0) }), {}],
    ["unsigned", {}, {}],
    ["signed with nothing", Object.fromEntries(Object.keys(sign()).map((name) => [name, ""])), {}],
  ])("is refused where it is %s", async (_kind, headers, more) => {
    await expect(verify(headers, params, more)).rejects.toMatchObject(refusal);
  });

  it("is refused by a trigger that checks in another way", async () => {
    for (const [name, other] of schemes) {
      if (JSON.stringify(other) === JSON.stringify(params)) continue;
      await expect(verify(sign(), other), name).rejects.toMatchObject(refusal);
    }
  });

  it("is not accepted while the secret is missing", async () => {
    for (const credential of ["", "gone"])
      await expect(verify(sign(), { ...params, credential })).rejects.toMatchObject({ code: "not_configured" });
  });

  it("leaves nothing that proves the sender among the headers", () => {
    const hidden = secretHeaders(trigger(params));
    const proofs = Object.keys(sign()).filter((name) => /sig/.test(name));
    expect(proofs.filter((name) => !hidden.has(name))).toEqual([]);
  });
});

describe.each(timed)("the time that %s signs", (_, params, sign) => {
  it.each([-299_000, 299_000])("may be off by %d ms", async (off) => {
    await expect(verify(sign({ at: now + off }), params)).resolves.toBeDefined();
  });

  it.each([-302_000, 302_000, -now])("may not be off by %d ms", async (off) => {
    await expect(verify(sign({ at: now + off }), params)).rejects.toMatchObject(refusal);
  });

  it("can't be changed afterwards", async () => {
    const stale = sign({ at: now - 3_600_000 });
    const fresh = Object.fromEntries(
      Object.entries(stale).map(([name, value]) => [name, value.replaceAll(seconds(now - 3_600_000), seconds(now))]),
    );
    await expect(verify(fresh, params)).rejects.toMatchObject(refusal);
  });
});

describe("a webhook", () => {
  it("is taken by any of several signatures, for secrets that are being changed", async () => {
    const headers = standard();
    await verify({ ...headers, "webhook-signature": `v1,AAAA v0,BBBB ${headers["webhook-signature"]}` }, { verification: "signature" });
    const stamped = stripe()["stripe-signature"] ?? "";
    await verify({ "stripe-signature": stamped.replace("v1=", "v1=abcd,v1=") }, { verification: "stripe" });
  });

  it("is refused where its signature is of another version", async () => {
    const headers = standard();
    const other = (headers["webhook-signature"] ?? "").replace("v1,", "v1a,");
    await expect(verify({ ...headers, "webhook-signature": other }, { verification: "signature" })).rejects.toMatchObject(refusal);
  });

  it("may have its secret in the header that was chosen", async () => {
    const params = { verification: "secret", secretHeader: "X-Token" };
    expect((await verify({ "x-token": secret }, params)).eventId(body)).toBeUndefined();
    for (const headers of [{ "x-token": "wrong" }, { "x-token": "" }, {}, { "x-webhook-secret": secret }] as Record<string, string>[])
      await expect(verify(headers, params)).rejects.toMatchObject(refusal);
  });

  it("is taken from anyone only where the trigger says so", async () => {
    await expect(verify({}, { verification: "none" })).resolves.toBeDefined();
    for (const verification of ["", "constructor", "None"]) await expect(verify({}, { verification })).rejects.toMatchObject(refusal);
  });
});
