import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Client } from "pg";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "./embedded-postgres.ts";

let folder: string;
let server: EmbeddedPostgres | undefined;
let owner: ChildProcess | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "heddle-embedded-"));
});
afterEach(async () => {
  if (owner?.exitCode === null && owner.signalCode === null) {
    owner.kill("SIGKILL");
    await once(owner, "exit");
  }
  await server?.stop();
  server = undefined;
  const leftover = await postmaster();
  if (leftover > 0 && isAlive(leftover)) process.kill(leftover, "SIGKILL");
  await rm(folder, { recursive: true, force: true, maxRetries: 10 });
});

const start = async (): Promise<EmbeddedPostgres> => (server = await startEmbeddedPostgres({ folder }));

async function query(sql: string, url = server?.urls("postgres").owner): Promise<Record<string, unknown>[]> {
  const client = new Client(url === undefined ? {} : { connectionString: url });
  client.on("error", () => undefined);
  await client.connect();
  try {
    return (await client.query(sql)).rows as Record<string, unknown>[];
  } finally {
    await client.end();
  }
}

async function postmaster(): Promise<number> {
  const lock = await readFile(join(folder, "cluster/postmaster.pid"), "utf8").catch(() => "0");
  return Number(lock.split("\n", 1)[0]);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Starts the server in another process, with one committed row. */
async function startElsewhere(): Promise<ChildProcess> {
  const source = `
    import { startEmbeddedPostgres } from ${JSON.stringify(join(import.meta.dirname, "embedded-postgres.ts"))};
    import { Client } from ${JSON.stringify(import.meta.resolve("pg"))};
    const server = await startEmbeddedPostgres({ folder: ${JSON.stringify(folder)} });
    const client = new Client({ connectionString: server.urls("postgres").owner });
    await client.connect();
    await client.query("CREATE TABLE kept (id int)");
    await client.query("INSERT INTO kept VALUES (7)");
    console.log("ready");
    setInterval(() => undefined, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", source], { stdio: ["ignore", "pipe", "inherit"] });
  await once(createInterface({ input: child.stdout }), "line");
  return child;
}

describe("the embedded server", () => {
  it("starts on a fresh folder, keeps what was committed, and listens on no port", async () => {
    await start();
    expect(await query("SHOW listen_addresses")).toEqual([{ listen_addresses: "" }]);
    expect(await query("SHOW fsync")).toEqual([{ fsync: "on" }]);
    await query("CREATE TABLE kept AS SELECT 7 AS id");
    await server?.stop();
    await start();
    expect(await query("SELECT * FROM kept")).toEqual([{ id: 7 }]);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
  });

  it("starts again after everything was killed", async () => {
    owner = await startElsewhere();
    const pid = await postmaster();
    process.kill(pid, "SIGKILL");
    owner.kill("SIGKILL");
    await once(owner, "exit");
    await start();
    expect(await query("SELECT * FROM kept")).toEqual([{ id: 7 }]);
  });

  it("starts again after only its process was killed", async () => {
    owner = await startElsewhere();
    owner.kill("SIGKILL");
    await once(owner, "exit");
    await start();
    expect(await query("SELECT * FROM kept")).toEqual([{ id: 7 }]);
  });

  it("starts although another program got the process id of a killed server", async () => {
    owner = await startElsewhere();
    const lock = join(folder, "cluster/postmaster.pid");
    const text = await readFile(lock, "utf8");
    process.kill(await postmaster(), "SIGKILL");
    owner.kill("SIGKILL");
    await once(owner, "exit");
    // A process of the same user, and not PostgreSQL's own parent, which it would ignore.
    const bystander = spawn("sleep", ["600"]);
    onTestFinished(() => void bystander.kill("SIGKILL"));
    await writeFile(lock, text.replace(/^\d+/, String(bystander.pid)));
    await start();
    expect(await query("SELECT * FROM kept")).toEqual([{ id: 7 }]);
  });

  it("comes back by itself when PostgreSQL dies", async () => {
    await start();
    const pid = await postmaster();
    process.kill(pid, "SIGKILL");
    await expect.poll(postmaster, { timeout: 20_000 }).not.toBe(pid);
    await expect.poll(() => query("SELECT 1 AS one").catch(() => []), { timeout: 20_000 }).toEqual([{ one: 1 }]);
  });

  it("refuses a folder that another live process uses", async () => {
    owner = await startElsewhere();
    await expect(startEmbeddedPostgres({ folder })).rejects.toThrow(`Process ${owner.pid} already uses`);
    expect(isAlive(await postmaster())).toBe(true);
  });

  it("keeps statements and values out of its log", async () => {
    await start();
    await query("CREATE TABLE t (secret text UNIQUE)");
    await query("INSERT INTO t VALUES ('canary-7141')");
    await expect(query("INSERT INTO t VALUES ('canary-7141')")).rejects.toThrow(/duplicate/);
    await server?.stop();
    expect(await readFile(join(folder, "server.log"), "utf8")).not.toContain("canary-7141");
  });

  it("works in a folder whose path is too long for a socket", async () => {
    const deep = join(folder, "a-rather-long-name/".repeat(6));
    const long = await startEmbeddedPostgres({ folder: deep });
    expect(await query("SELECT 1 AS one", long.urls("postgres").owner)).toEqual([{ one: 1 }]);
    await long.stop();
  });
});
