import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SERVER_VARIABLE, startTestServer, type TestServer } from "./database-server.ts";

/**
 * Vitest's global setup: one PostgreSQL for the whole run. It is started when the first test asks for it over a socket, so
 * runs without database tests pay nothing.
 */
export default async function setup(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "heddle-test-"));
  const socket = join(folder, "ask");
  let starting: Promise<TestServer> | undefined;
  const door = createServer((connection) => {
    connection.on("error", () => undefined);
    starting ??= startTestServer(join(folder, "postgres"));
    starting.then(
      (server) => connection.end(JSON.stringify({ urls: server.urls("{database}") })),
      (error: Error) => connection.end(JSON.stringify({ error: error.message })),
    );
  });
  await listen(door, socket);
  process.env[SERVER_VARIABLE] = socket;
  return async () => {
    door.close();
    await starting?.then((server) => server.stop()).catch(() => undefined);
    await rm(folder, { recursive: true, force: true });
  };
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((done, fail) => {
    server.once("error", fail);
    server.listen(path, done);
  });
}
