import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createApi, type ApiOptions } from "@heddle/api";
import { connect, migrate } from "@heddle/db";
import { createPlatform } from "@heddle/platform";
import { ConfigError, type ServerConfig } from "./config.ts";
import { createHttpServer, drain, listen } from "./http-server.ts";
import type { Logger } from "./logger.ts";
import { loadSecrets } from "./secrets.ts";
import { openDatabase } from "./open-database.ts";
import { loadStaticFiles } from "./static-files.ts";

const PAGES = join(import.meta.dirname, "../../web/out");
const PACKAGE = join(import.meta.dirname, "../../../package.json");

export interface StartOptions {
  config: ServerConfig;
  logger: Logger;
}

export interface RunningServer {
  /** Where people find it. */
  url: string;
  port: number;
  /** Lets requests and runs end within the time given (ms), then closes everything that was started. */
  stop(drainMs: number): Promise<void>;
}

/** Builds every adapter and starts to listen. What it started is stopped again where a later step fails. */
export async function startServer({ config, logger }: StartOptions): Promise<RunningServer> {
  const undo: (() => Promise<unknown>)[] = [];
  try {
    const { version } = JSON.parse(await readFile(PACKAGE, "utf8")) as { version: string };
    const secrets = await loadSecrets(config);
    const database = await openDatabase(config, logger);
    undo.push(database.stop);
    const { applied } = await migrate(database.urls.owner);
    if (applied.length > 0) logger.info({ applied }, "the database is up to date");
    const db = connect({ urls: database.urls, onConnectionError: (error) => logger.warn({ err: error }, "a database connection was lost") });
    undo.push(() => db.close());
    const platform = createPlatform({ db });
    undo.push(() => platform.close());
    const settings = { version, publicUrl: config.publicUrl, isPublicUrlSet: config.isPublicUrlSet, isProxyTrusted: config.isProxyTrusted };
    const apiOptions: ApiOptions = { platform, settings, logger };
    const files = await loadStaticFiles(PAGES);
    const server = createHttpServer({ api: createApi(apiOptions), apiOptions, files });
    const port = await listen(server, config.port, config.host).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") throw new ConfigError(`PORT: ${config.port} is taken by another program. Choose another one, for example PORT=${config.port + 1}`);
      throw error;
    });
    const url = config.isPublicUrlSet ? config.publicUrl : `http://localhost:${port}`;
    logger.info({ url, pages: files.count, version }, "listening");
    return {
      url,
      port,
      stop: async (drainMs) => {
        await drain(server, drainMs);
        for (const step of undo.toReversed()) await step();
      },
    };
  } catch (error) {
    for (const step of undo.toReversed()) await step().catch(() => undefined);
    throw error;
  }
}
