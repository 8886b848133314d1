import { join } from "node:path";
import { urlsFromOwner, type DatabaseUrls } from "@heddle/db";
import { FolderInUseError, startEmbeddedPostgres } from "@heddle/db/embedded-postgres";
import { ConfigError, type ServerConfig } from "./config.ts";
import type { Logger } from "./logger.ts";

export interface OpenDatabase {
  urls: DatabaseUrls;
  /** True where no other process can work on it: our own server lets one in at a time. */
  isOurs: boolean;
  /** Stops the server, if it is ours. */
  stop(): Promise<void>;
}

/** The operator's PostgreSQL, or our own under the data folder. @throws ConfigError where another process uses the folder */
export async function openDatabase(config: Pick<ServerConfig, "databaseUrl" | "dataDir">, logger: Logger): Promise<OpenDatabase> {
  if (config.databaseUrl !== undefined) return { urls: urlsFromOwner(config.databaseUrl), isOurs: false, stop: async () => {} };
  const folder = join(config.dataDir, "postgres");
  const server = await startEmbeddedPostgres({ folder, onProgress: (message) => logger.info(message) }).catch((error: unknown) => {
    throw error instanceof FolderInUseError ? new ConfigError(`HEDDLE_DATA_DIR: ${error.message}`) : error;
  });
  return { urls: server.urls(), isOurs: true, stop: () => server.stop() };
}
