import { hkdfSync, randomBytes } from "node:crypto";
import { mkdir, open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { ConfigError, type ServerConfig } from "./config.ts";

/** Keys for one purpose each, so that a token of one can never pass for another. */
export interface Secrets {
  /** Signs sessions and e-mailed tokens. */
  auth: string;
  /** Wraps the data keys of the vault: 32 bytes, and a name by which what it wrapped is known. */
  vault: { id: string; key: Buffer };
  /** Pepper of API key hashes: 32 bytes. */
  apiKeys: Buffer;
  /** Keys the chain of the audit log: 32 bytes. */
  audit: Buffer;
}

const FILE = "secret-key";

/**
 * Derives the keys from HEDDLE_SECRET_KEY, or from one that is made on the first start and kept in the data folder
 * (mode 600). There is no default.
 * @throws ConfigError in production when neither is possible
 */
export async function loadSecrets(config: Pick<ServerConfig, "secretKey" | "dataDir" | "isProduction">): Promise<Secrets> {
  const master = config.secretKey ?? (await readOrMake(config.dataDir, config.isProduction));
  const derive = (purpose: string) => Buffer.from(hkdfSync("sha256", master, "heddle", purpose, 32));
  return {
    auth: derive("auth").toString("base64url"),
    vault: { id: derive("vault-name").toString("hex").slice(0, 16), key: derive("vault") },
    apiKeys: derive("api-keys"),
    audit: derive("audit"),
  };
}

async function readOrMake(dataDir: string, isProduction: boolean): Promise<string> {
  const path = join(dataDir, FILE);
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    const existing = await readIfThere(path);
    if (existing) return existing;
    const made = randomBytes(32).toString("base64url");
    // "wx" loses the race to another process that starts at the same time, never overwrites its key.
    const file = await open(path, "wx", 0o600);
    await file.writeFile(made);
    await file.sync();
    await file.close();
    return made;
  } catch (error) {
    const raced = (error as NodeJS.ErrnoException).code === "EEXIST" ? await readIfThere(path) : undefined;
    if (raced) return raced;
    if (isProduction) {
      throw new ConfigError(
        `HEDDLE_SECRET_KEY: set it to at least 32 random characters, because the data folder ${dataDir} can't be written`,
      );
    }
    throw error;
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    const text = (await readFile(path, "utf8")).trim();
    return text.length >= 32 ? text : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
