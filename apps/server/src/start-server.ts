import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createApi, type ApiOptions } from "@heddle/api";
import { connect, migrate, type Database } from "@heddle/db";
import { dieAt } from "@heddle/db/checkpoint";
import { openRunLog } from "@heddle/db/logged-runs";
import { createEgress, type EgressOptions } from "@heddle/egress";
import { createDiskStorage, createS3Storage } from "@heddle/files";
import { createEmbedder, rememberTexts, trainInProcess } from "@heddle/models/builtin";
import { createPlatform } from "@heddle/platform";
import { createMailer } from "@heddle/platform/accounts/mailer";
import { createPostgresRateStore } from "@heddle/platform/limits/postgres-rate-store";
import type { EventLog } from "@heddle/platform/events/event-log";
import { createRedisRateStore } from "@heddle/platform/limits/redis-rate-store";
import { readTemplateFolders } from "@heddle/platform/templates/template-files";
import { createSandbox } from "@heddle/sandbox";
import { ConfigError, type ServerConfig } from "./config.ts";
import { createHttpServer, listen } from "./http-server.ts";
import type { Logger } from "./logger.ts";
import { loadSecrets } from "./secrets.ts";
import { openDatabase, type OpenDatabase } from "./open-database.ts";
import { openJobs } from "./open-jobs.ts";
import { serveWebSockets } from "./web-socket.ts";
import { loadStaticFiles } from "./static-files.ts";

const PAGES = join(import.meta.dirname, "../../web/out");
const TEMPLATES = join(import.meta.dirname, "../../../templates");
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
  let drainMs = 0;
  if (config.stopAt !== undefined) dieAt(config.stopAt);
  try {
    const { version } = JSON.parse(await readFile(PACKAGE, "utf8")) as { version: string };
    const secrets = await loadSecrets(config);
    const database = await openDatabase(config, logger);
    undo.push(database.stop);
    const { applied } = await migrate(database.urls.owner);
    if (applied.length > 0) logger.info({ applied }, "the database is up to date");
    const db = connect({
      urls: database.urls,
      onConnectionError: (error) => logger.warn({ err: error }, "a database connection was lost"),
    });
    undo.push(() => db.close());
    const onFault = (fault: unknown, where: Record<string, unknown>) =>
      logger.error({ ...where, err: fault }, "something failed in the background");
    const runLog = database.isOurs
      ? await openRunLog({
          folder: join(config.dataDir, "run-log"),
          pool: db.pools.journal,
          onError: (error) => onFault(error, { during: "run-log" }),
        })
      : undefined;
    undo.push(async () => runLog?.close());
    const egress = createEgress({ allow: config.egressAllow });
    const modelEgress = createEgress(modelEgressOptions(config));
    undo.push(() => Promise.all([egress.close(), modelEgress.close()]));
    const cacheDir = join(config.dataDir, "models");
    const embedder = rememberTexts(createEmbedder({ cacheDir }));
    undo.push(() => embedder.close());
    const sandbox = createSandbox();
    undo.push(async () => sandbox.close());
    const rateStore = openRateStore({ config, database, db, logger });
    const jobs = await openJobs(config, database.urls, logger);
    undo.push(() => jobs.close());
    const eventLog = await openEventLog(config, logger);
    const platform = createPlatform({
      db,
      eventLog,
      jobs,
      roles: config.roles,
      leaseMs: config.leaseMs,
      dispatch: { slots: config.workerSlots, sweepEveryMs: config.leaseMs / 2 },
      limits: { defaultPlan: config.defaultPlan, rates: config.rates, rateStore },
      isDatabaseOurs: database.isOurs,
      runLog,
      publicUrl: config.publicUrl,
      signIn: {
        secret: secrets.auth,
        providers: { google: config.google, github: config.github, oidc: config.oidc },
        mailer: config.mail && createMailer({ smtpUrl: config.mail.url, from: config.mail.from }),
      },
      keys: { audit: secrets.audit, apiKeys: secrets.apiKeys, vault: secrets.vault },
      egress,
      modelEgress,
      areLocalServersSought: config.modelServers !== "public",
      embedder,
      train: (request) => trainInProcess({ ...request, cacheDir }),
      sandbox,
      files: config.s3 ? createS3Storage(config.s3) : createDiskStorage(join(config.dataDir, "files")),
      library: await readTemplateFolders(TEMPLATES),
      retentionDays: config.retentionDays,
      onRetention: (report) => logger.info({ ...report }, "let go of executions that were over"),
      onFault,
    });
    undo.push(() => platform.close(drainMs));
    // Whoever finds this process ready may count on it.
    await platform.started;
    const settings = {
      version,
      publicUrl: config.publicUrl,
      isPublicUrlSet: config.isPublicUrlSet,
      isProxyTrusted: config.isProxyTrusted,
      metricsToken: config.metricsToken,
      roles: config.roles,
    };
    const apiOptions: ApiOptions = { platform, settings, logger };
    const files = await loadStaticFiles(PAGES);
    const { server, drain } = createHttpServer({ api: createApi(apiOptions), apiOptions, files });
    const isFollowed = config.roles.has("web") || config.roles.has("gateway");
    const closeSockets = isFollowed ? serveWebSockets(server, apiOptions) : () => undefined;
    const port = await listen(server, config.port, config.host).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE")
        throw new ConfigError(`PORT: ${config.port} is taken by another program. Choose another one, for example PORT=${config.port + 1}`);
      throw error;
    });
    const url = config.isPublicUrlSet ? config.publicUrl : `http://localhost:${port}`;
    logger.info({ url, pages: files.count, version }, "listening");
    return {
      url,
      port,
      stop: async (withinMs) => {
        const deadline = performance.now() + withinMs;
        closeSockets();
        platform.executionEvents.dismiss();
        await Promise.all([platform.stopTaking(), drain(withinMs)]);
        drainMs = Math.max(0, deadline - performance.now());
        for (const step of undo.toReversed()) await step();
      },
    };
  } catch (error) {
    for (const step of undo.toReversed()) await step().catch(() => undefined);
    throw error;
  }
}

/** Where processes share what they count. One process on its own database counts by itself. */
function openRateStore({ config, database, db, logger }: { config: ServerConfig; database: OpenDatabase; db: Database; logger: Logger }) {
  if (config.redisUrl !== undefined) {
    return createRedisRateStore({
      url: config.redisUrl,
      onConnectionError: (error) => logger.debug({ err: error }, "a connection to Redis was lost"),
    });
  }
  return database.isOurs ? undefined : createPostgresRateStore(db.pools.auth);
}

/** What watched runs tell goes through Redis where there is one, else through the database. */
async function openEventLog({ redisUrl }: ServerConfig, logger: Logger): Promise<EventLog | undefined> {
  if (redisUrl === undefined) return undefined;
  const { createRedisEventLog } = await import("@heddle/platform/events/redis-event-log");
  return createRedisEventLog(redisUrl, (error) => logger.warn({ err: error }, "events of runs can't go through Redis just now"));
}

/** Private networks, for operators who let their people use model servers there. */
const PRIVATE_NETWORKS = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"];

function modelEgressOptions({ modelServers, egressAllow }: ServerConfig): EgressOptions {
  if (modelServers === "public") return { allow: egressAllow };
  return { allowLoopback: true, allow: modelServers === "private" ? [...egressAllow, ...PRIVATE_NETWORKS] : egressAllow };
}
