import { mkdtemp, readFile, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { loadSecrets } from "./secrets.ts";

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "heddle-secrets-"));
});

describe("loadSecrets", () => {
  it("makes a key once and keeps it for its owner only", async () => {
    const first = await loadSecrets({ secretKey: undefined, dataDir, isProduction: false });
    const again = await loadSecrets({ secretKey: undefined, dataDir, isProduction: false });
    expect(again).toEqual(first);
    expect((await stat(join(dataDir, "secret-key"))).mode & 0o777).toBe(0o600);
    expect((await readFile(join(dataDir, "secret-key"), "utf8")).length).toBeGreaterThanOrEqual(43);
  });

  it("derives another key for every purpose", async () => {
    const { auth, vault, apiKeys, audit } = await loadSecrets({ secretKey: "k".repeat(32), dataDir, isProduction: true });
    const keys = [auth, vault.key.toString("base64url"), apiKeys.toString("base64url"), audit.toString("base64url"), vault.id];
    expect(new Set(keys).size).toBe(5);
  });

  it("refuses production without a key when the data folder can't be written", async () => {
    const file = join(dataDir, "a-file");
    await writeFile(file, "");
    const config = { secretKey: undefined, dataDir: join(file, "below"), isProduction: true };
    await expect(loadSecrets(config)).rejects.toThrow("HEDDLE_SECRET_KEY");
  });
});
