import { spawn } from "node:child_process";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { createTestWebhooks, type TestWebhooks } from "@heddle/testing/test-webhooks";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const home = join(import.meta.dirname, "../..");
const { BY_HAND, WITH_LIBRARY } = (await import(join(home, "../../apps/web/components/docs/webhook-examples.ts"))) as Record<
  string,
  string
>;

let test: TestWebhooks;
beforeAll(async () => {
  test = await createTestWebhooks();
});
afterAll(() => test.close());

describe.each([
  ["with the library", WITH_LIBRARY ?? ""],
  ["by hand", BY_HAND ?? ""],
])("the documented receiver %s", (_, code) => {
  it("takes what Heddle signs, also while the secret is being changed, and nothing else", async () => {
    const port = await freePort();
    const { workspaceId } = test;
    const hook = await test.webhooks.create(test.owner, { workspaceId, url: `http://127.0.0.1:${port}/`, events: ["execution.failed"] });
    const real = test.make({ now: undefined, timeoutMs: 5_000 });
    const send = async () => (await real.deliveries.test(test.owner, { workspaceId, webhookId: hook.id })).responseStatus;
    const receiver = spawn(process.execPath, ["--input-type=module", "-e", code], {
      cwd: home,
      env: { PORT: String(port), WEBHOOK_SECRET: hook.secret },
      stdio: "ignore",
    });
    try {
      await expect.poll(send, { timeout: 10_000 }).toBe(204);
      await real.rotateSecret(test.owner, { workspaceId, id: hook.id });
      expect(await send()).toBe(204);
      await real.rotateSecret(test.owner, { workspaceId, id: hook.id, endsPrevious: true });
      expect(await send()).toBe(400);
      const forged = await fetch(`http://127.0.0.1:${port}/`, { method: "POST", body: '{"type":"execution.failed","data":{}}' });
      expect(forged.status).toBe(400);
    } finally {
      receiver.kill();
      await real.close(0);
    }
  });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
