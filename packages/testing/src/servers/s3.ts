import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, request as forward } from "node:http";
import { createRequire } from "node:module";
import { connect, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endProcess, freePort } from "../heddle-process.ts";

export interface S3Server {
  /** Address without a bucket. */
  endpoint: string;
  bucket: string;
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
  /** What the next requests meet instead of an answer, in order: a status, or a connection that is cut or stays silent. */
  failNext(...failures: (number | "cut" | "silent")[]): void;
  /** How many requests have come. */
  requests(): number;
  stop(): Promise<void>;
}

const BUCKET = "heddle-test";
const READY_WITHIN_MS = 20_000;

/** A real S3 server with one empty bucket, behind a door on a free port of this machine that can be told to fail. */
export async function startS3Server(): Promise<S3Server> {
  const directory = await mkdtemp(join(tmpdir(), "heddle-s3-"));
  const port = await freePort();
  const program = createRequire(import.meta.url).resolve("s3rver/bin/s3rver.js");
  // Its continuation tokens are made with a cipher that OpenSSL has retired, hence a process of its own.
  const child = spawn(
    process.execPath,
    ["--openssl-legacy-provider", program, "-d", directory, "-a", "127.0.0.1", "-p", `${port}`, "-s", "--no-vhost-buckets", "--configure-bucket", BUCKET],
    { stdio: "ignore" },
  ); // prettier-ignore
  await listening(port);

  const failures: (number | "cut" | "silent")[] = [];
  let requests = 0;
  const door = createServer((request, response) => {
    requests += 1;
    const failure = failures.shift();
    if (failure === "silent") return;
    if (failure === "cut") {
      request.socket.destroy();
    } else if (failure !== undefined) {
      response.writeHead(failure, { "content-type": "application/xml" }).end("<Error><Code>SlowDown</Code></Error>");
    } else {
      const { method, url, headers } = request;
      const onwards = forward({ host: "127.0.0.1", port, method, path: url, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
      });
      request.pipe(onwards.on("error", () => response.destroy()));
    }
  });
  door.listen(0, "127.0.0.1");
  await once(door, "listening");
  return {
    endpoint: `http://127.0.0.1:${(door.address() as AddressInfo).port}`,
    bucket: BUCKET,
    region: "us-east-1",
    // The one key that the server knows.
    accessKeyId: "S3RVER",
    secretAccessKey: "S3RVER",
    failNext: (...next) => void failures.push(...next),
    requests: () => requests,
    stop: async () => {
      door.closeAllConnections();
      door.close();
      await endProcess(child);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function listening(port: number): Promise<void> {
  for (const deadline = Date.now() + READY_WITHIN_MS; ;) {
    const socket = connect(port, "127.0.0.1");
    try {
      await once(socket, "connect");
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((done) => setTimeout(done, 20));
    } finally {
      socket.destroy();
    }
  }
}
