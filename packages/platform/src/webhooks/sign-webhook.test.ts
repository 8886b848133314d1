import { Webhook } from "standardwebhooks";
import { describe, expect, it } from "vitest";
import { makeWebhookSecret, signWebhook } from "./sign-webhook.ts";

const body = '{"type":"execution.completed","note":"ünïcode ✓"}';

describe("a signature", () => {
  it("is the one of the specification's own example", () => {
    const headers = signWebhook({ id: "msg_p5jXN8AQM9LWM0D4loKWxJek", body: '{"test": 2432232314}', sentAt: new Date(1_614_265_330_000) }, [
      "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    ]);
    expect(headers["webhook-signature"]).toBe("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
  });

  it("is accepted by the library that receivers use", () => {
    const secret = makeWebhookSecret();
    const headers = signWebhook({ id: "msg_1", body, sentAt: new Date() }, [secret]);
    expect(new Webhook(secret).verify(body, headers)).toEqual(JSON.parse(body));
    expect(() => new Webhook(secret).verify(`${body} `, headers)).toThrow();
    expect(() => new Webhook(makeWebhookSecret()).verify(body, headers)).toThrow();
  });

  it("is there once for every secret, so that a receiver with any of them is content", () => {
    const [next, last] = [makeWebhookSecret(), makeWebhookSecret()];
    const headers = signWebhook({ id: "msg_1", body, sentAt: new Date() }, [next, last]);
    for (const secret of [next, last]) expect(new Webhook(secret).verify(body, headers)).toEqual(JSON.parse(body));
  });
});

it("makes secrets of 32 random bytes", () => {
  const secrets = new Set(Array.from({ length: 100 }, makeWebhookSecret));
  expect(secrets.size).toBe(100);
  for (const secret of secrets) expect(Buffer.from(secret.replace(/^whsec_/, ""), "base64")).toHaveLength(32);
});
