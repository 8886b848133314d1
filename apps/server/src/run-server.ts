import { ConfigError, readConfig } from "./config.ts";
import { createLogger } from "./logger.ts";
import { startServer } from "./start-server.ts";
import { terminalLines } from "./terminal-lines.ts";

/** How long running requests and runs may take to end after SIGTERM, ms. */
const DRAIN_MS = 25_000;
/** When the process ends whatever still hangs, ms: its runs are taken over by others, or by its next start. */
const STOP_WITHIN_MS = 29_000;

try {
  const config = readConfig();
  const logger = createLogger(config.logLevel, process.stdout.isTTY ? terminalLines(process.stdout) : undefined);
  const server = await startServer({ config, logger });
  process.stdout.write(`\n  Heddle is ready: ${server.url}\n\n`);

  let isStopping = false;
  const stop = async (signal: string) => {
    // A second signal means it: leave at once, the next start recovers.
    if (isStopping) process.exit(1);
    isStopping = true;
    logger.info({ signal }, "stopping");
    setTimeout(() => {
      logger.error("could not stop in time, so what is left is cut off");
      process.exit(1);
    }, STOP_WITHIN_MS).unref();
    try {
      await server.stop(DRAIN_MS);
      process.exit(0);
    } catch (error) {
      logger.error({ err: error }, "could not stop cleanly");
      process.exit(1);
    }
  };
  process.on("SIGINT", () => void stop("SIGINT"));
  process.on("SIGTERM", () => void stop("SIGTERM"));
  process.on("unhandledRejection", (error) => logger.error({ err: error }, "a promise was rejected and nobody listened"));
} catch (error) {
  const message =
    error instanceof ConfigError
      ? `Heddle can't start with these settings:\n${error.message}`
      : `Heddle could not start: ${error instanceof Error ? error.stack : String(error)}`;
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
