import { resolve } from "node:path";
import { CHECKPOINTS, type Checkpoint } from "@heddle/db/checkpoint";
import { PLAN_NAMES, type PlanName } from "@heddle/platform/limits/plans";
import { RATE_DEFAULTS, type RateDefaults } from "@heddle/platform/limits/rate-defaults";
import { PROCESS_ROLES, type ProcessRole } from "@heddle/platform/process-role";
import { z } from "zod";

/** What the process was told by its environment, checked. This is the only file that reads the environment. */
export interface ServerConfig {
  port: number;
  /** Address to listen on; undefined listens on all. */
  host: string | undefined;
  dataDir: string;
  /** Undefined starts the embedded PostgreSQL under the data folder. */
  databaseUrl: string | undefined;
  redisUrl: string | undefined;
  /** Origin under which people reach this server, without a slash at the end. */
  publicUrl: string;
  /** True where the operator set the public address; then it alone (besides the Host itself) is trusted as an origin. */
  isPublicUrlSet: boolean;
  /** Where large values go; undefined: the data folder. */
  s3: S3Config | undefined;
  /** Days that executions are kept, whatever the plan; undefined: as the plan says. */
  retentionDays: number | undefined;
  /** Undefined: generated once into the data folder. */
  secretKey: string | undefined;
  isProduction: boolean;
  logLevel: LogLevel;
  /** What this process does. */
  roles: ReadonlySet<ProcessRole>;
  /** Runs that a worker takes from the queue at once. */
  workerSlots: number;
  /** How long a process may be silent before others take over its runs, ms. */
  leaseMs: number;
  /** Where the process kills itself, for tests of what a crash costs; never in production. */
  stopAt: Checkpoint | undefined;
  /** What GET /api/metrics wants to be shown from other machines; without one it answers this machine only. */
  metricsToken: string | undefined;
  mail: { url: string; from: string } | undefined;
  google: OAuthClient | undefined;
  github: OAuthClient | undefined;
  oidc: (OAuthClient & { issuer: string }) | undefined;
  /** Whether X-Forwarded-For and -Proto come from a proxy of ours. */
  isProxyTrusted: boolean;
  /** `host:port` or CIDR that agents may call although it is private. */
  egressAllow: string[];
  /**
   * Where model servers may stand: `public` on the internet only, `loopback` also on this machine, `private` also on
   * private networks. Loopback by default, and public in production, where tenants don't own the machine.
   */
  modelServers: "public" | "loopback" | "private";
  /** Requests a minute where nobody has chosen otherwise; 0 is unlimited. */
  rates: RateDefaults;
  /** Of workspaces that were given none of their own. */
  defaultPlan: PlanName;
}

export interface S3Config {
  endpoint: string;
  bucket: string;
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
}

export interface OAuthClient {
  clientId: string;
  clientSecret: string;
}

const LOG_LEVELS = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;
type LogLevel = (typeof LOG_LEVELS)[number];

/** A value of the environment that can't be used. `message` names every variable and says what it takes. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

const flag = z
  .enum(["true", "false", "1", "0", "yes", "no"], "use true or false")
  .transform((value) => value === "true" || value === "1" || value === "yes");
const address = (protocols: string[]) =>
  z
    .string()
    .refine(
      (value) => URL.canParse(value) && protocols.includes(new URL(value).protocol),
      `use an address that starts with ${protocols.map((p) => `${p}//`).join(" or ")}`,
    );

const rate = (initial: number) =>
  z.coerce.number("use a number of requests a minute; 0 is unlimited").int().min(0).max(100_000_000).default(initial);

const environment = z.object({
  PORT: z.coerce.number("use a port number").int().min(0).max(65_535).default(3_000),
  HOST: z.string().max(255).optional(),
  HEDDLE_DATA_DIR: z.string().default(".heddle"),
  DATABASE_URL: address(["postgres:", "postgresql:"]).optional(),
  REDIS_URL: address(["redis:", "rediss:"]).optional(),
  HEDDLE_PUBLIC_URL: address(["http:", "https:"]).optional(),
  HEDDLE_SECRET_KEY: z
    .string()
    .min(32, "use at least 32 random characters")
    .refine((value) => new Set(value).size >= 10, "use random characters, for example from: openssl rand -base64 32")
    .optional(),
  NODE_ENV: z.enum(["development", "production", "test"]).default("development"),
  LOG_LEVEL: z.enum(LOG_LEVELS).default("info"),
  SMTP_URL: address(["smtp:", "smtps:"]).optional(),
  MAIL_FROM: z.string().min(3).max(320).optional(),
  GOOGLE_CLIENT_ID: z.string().optional(),
  GOOGLE_CLIENT_SECRET: z.string().optional(),
  GITHUB_CLIENT_ID: z.string().optional(),
  GITHUB_CLIENT_SECRET: z.string().optional(),
  OIDC_CLIENT_ID: z.string().optional(),
  OIDC_CLIENT_SECRET: z.string().optional(),
  OIDC_ISSUER: address(["http:", "https:"]).optional(),
  HEDDLE_TRUST_PROXY: flag.default(false),
  HEDDLE_RETENTION_DAYS: z.coerce.number("use a number of days").int().min(1).max(3_650).optional(),
  HEDDLE_S3_BUCKET: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "use a bucket's name: 3 to 63 small letters, digits, dots and hyphens")
    .optional(),
  HEDDLE_S3_ENDPOINT: address(["http:", "https:"]).optional(),
  HEDDLE_S3_REGION: z
    .string()
    .regex(/^[a-z0-9-]{1,64}$/, "use a region such as eu-central-1, or auto")
    .optional(),
  HEDDLE_S3_ACCESS_KEY_ID: z.string().optional(),
  HEDDLE_S3_SECRET_ACCESS_KEY: z.string().optional(),
  HEDDLE_EGRESS_ALLOW: z.string().default(""),
  HEDDLE_PRIVATE_MODEL_SERVERS: flag.optional(),
  HEDDLE_RATE_LIMIT_ADDRESS: rate(RATE_DEFAULTS.address),
  HEDDLE_RATE_LIMIT_USER: rate(RATE_DEFAULTS.user),
  HEDDLE_RATE_LIMIT_KEY: rate(RATE_DEFAULTS.key),
  HEDDLE_RATE_LIMIT_AGENT: rate(RATE_DEFAULTS.agent),
  HEDDLE_ROLES: z
    .string()
    .transform((value) => value.split(",").map((role) => role.trim()))
    .pipe(z.array(z.enum(PROCESS_ROLES, `name some of ${PROCESS_ROLES.join(", ")}, separated by commas`)).min(1))
    .default([...PROCESS_ROLES]),
  HEDDLE_WORKER_SLOTS: z.coerce.number("use a number of runs").int().min(1).max(10_000).default(200),
  HEDDLE_LEASE_SECONDS: z.coerce.number("use a number of seconds").int().min(3).max(600).default(30),
  HEDDLE_STOP_AT: z.enum(CHECKPOINTS, `name one of ${CHECKPOINTS.join(", ")}`).optional(),
  HEDDLE_METRICS_TOKEN: z.string().min(16, "use at least 16 random characters").optional(),
  HEDDLE_PLAN: z.enum(PLAN_NAMES, `use one of ${PLAN_NAMES.join(", ")}`).default("self-hosted"),
});

type Variables = Record<string, string | undefined>;

/** Reads and checks the environment. An empty value counts as absent. @throws ConfigError naming every variable that is wrong */
export function readConfig(variables: Variables = process.env, workingDir: string = process.cwd()): ServerConfig {
  const given = Object.fromEntries(Object.keys(environment.shape).flatMap((name) => (variables[name] ? [[name, variables[name]]] : [])));
  const parsed = environment.safeParse(given);
  if (!parsed.success) {
    // The value itself is left out: it may be a secret.
    const lines = parsed.error.issues.map((issue) => `${String(issue.path[0])}: ${issue.message}`);
    throw new ConfigError(lines.join("\n"));
  }
  const env = parsed.data;
  if (env.HEDDLE_STOP_AT && env.NODE_ENV === "production")
    throw new ConfigError("HEDDLE_STOP_AT: leave it out; it is for tests, and ends the process");
  if (env.SMTP_URL && !env.MAIL_FROM) throw new ConfigError("MAIL_FROM: give the sender's address, because SMTP_URL is set");
  return {
    port: env.PORT,
    host: env.HOST,
    dataDir: resolve(workingDir, env.HEDDLE_DATA_DIR),
    databaseUrl: env.DATABASE_URL,
    redisUrl: env.REDIS_URL,
    publicUrl: env.HEDDLE_PUBLIC_URL ? new URL(env.HEDDLE_PUBLIC_URL).origin : `http://localhost:${env.PORT}`,
    isPublicUrlSet: env.HEDDLE_PUBLIC_URL !== undefined,
    s3: s3(env),
    retentionDays: env.HEDDLE_RETENTION_DAYS,
    secretKey: env.HEDDLE_SECRET_KEY,
    isProduction: env.NODE_ENV === "production",
    logLevel: env.LOG_LEVEL,
    roles: roles(env.HEDDLE_ROLES, env.DATABASE_URL !== undefined),
    workerSlots: env.HEDDLE_WORKER_SLOTS,
    stopAt: env.HEDDLE_STOP_AT,
    leaseMs: env.HEDDLE_LEASE_SECONDS * 1_000,
    metricsToken: env.HEDDLE_METRICS_TOKEN,
    mail: env.SMTP_URL && env.MAIL_FROM ? { url: env.SMTP_URL, from: env.MAIL_FROM } : undefined,
    google: client("GOOGLE", env.GOOGLE_CLIENT_ID, env.GOOGLE_CLIENT_SECRET),
    github: client("GITHUB", env.GITHUB_CLIENT_ID, env.GITHUB_CLIENT_SECRET),
    oidc: oidc(env.OIDC_ISSUER, client("OIDC", env.OIDC_CLIENT_ID, env.OIDC_CLIENT_SECRET)),
    isProxyTrusted: env.HEDDLE_TRUST_PROXY,
    egressAllow: env.HEDDLE_EGRESS_ALLOW.split(",")
      .map((entry) => entry.trim())
      .filter(Boolean),
    rates: {
      address: env.HEDDLE_RATE_LIMIT_ADDRESS,
      user: env.HEDDLE_RATE_LIMIT_USER,
      key: env.HEDDLE_RATE_LIMIT_KEY,
      agent: env.HEDDLE_RATE_LIMIT_AGENT,
    },
    defaultPlan: env.HEDDLE_PLAN,
    modelServers: modelServers(env.HEDDLE_PRIVATE_MODEL_SERVERS, env.NODE_ENV === "production"),
  };
}

function roles(named: readonly ProcessRole[], isDatabaseShared: boolean): ReadonlySet<ProcessRole> {
  const chosen = new Set(named);
  if (chosen.size < PROCESS_ROLES.length && !isDatabaseShared) {
    throw new ConfigError("HEDDLE_ROLES: set DATABASE_URL too; processes that share the work need a database that they share");
  }
  return chosen;
}

function modelServers(isPrivateAllowed: boolean | undefined, isProduction: boolean): ServerConfig["modelServers"] {
  if (isPrivateAllowed === undefined) return isProduction ? "public" : "loopback";
  return isPrivateAllowed ? "private" : "public";
}

const S3_VARIABLES = ["HEDDLE_S3_BUCKET", "HEDDLE_S3_ACCESS_KEY_ID", "HEDDLE_S3_SECRET_ACCESS_KEY"] as const;

function s3(env: z.infer<typeof environment>): ServerConfig["s3"] {
  const {
    HEDDLE_S3_BUCKET: bucket,
    HEDDLE_S3_ENDPOINT: endpoint,
    HEDDLE_S3_REGION: region,
    HEDDLE_S3_ACCESS_KEY_ID: accessKeyId,
    HEDDLE_S3_SECRET_ACCESS_KEY: secretAccessKey,
  } = env;
  if (!bucket && !endpoint && !region && !accessKeyId && !secretAccessKey) return undefined;
  if (!bucket || !accessKeyId || !secretAccessKey)
    throw new ConfigError(`${S3_VARIABLES.filter((name) => !env[name]).join(", ")}: set it too, or unset all of HEDDLE_S3_*`);
  if (endpoint) return { bucket, endpoint, region: region ?? "auto", accessKeyId, secretAccessKey };
  if (!region)
    throw new ConfigError("HEDDLE_S3_REGION: give the bucket's region, or HEDDLE_S3_ENDPOINT for a service that is not Amazon's");
  return { bucket, endpoint: `https://s3.${region}.amazonaws.com`, region, accessKeyId, secretAccessKey };
}

function client(prefix: string, clientId: string | undefined, clientSecret: string | undefined): OAuthClient | undefined {
  if (!clientId && !clientSecret) return undefined;
  if (!clientId || !clientSecret) {
    throw new ConfigError(
      `${prefix}_CLIENT_${clientId ? "SECRET" : "ID"}: set it too, or unset both of ${prefix}_CLIENT_ID and ${prefix}_CLIENT_SECRET`,
    );
  }
  return { clientId, clientSecret };
}

function oidc(issuer: string | undefined, oauth: OAuthClient | undefined): ServerConfig["oidc"] {
  if (!issuer && !oauth) return undefined;
  if (!issuer || !oauth) throw new ConfigError("OIDC_ISSUER: set it together with OIDC_CLIENT_ID and OIDC_CLIENT_SECRET");
  return { ...oauth, issuer };
}
