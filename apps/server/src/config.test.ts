import { describe, expect, it } from "vitest";
import { ConfigError, readConfig } from "./config.ts";

describe("readConfig", () => {
  it("has a default for everything", () => {
    const config = readConfig({}, "/srv");
    expect(config).toMatchObject({
      port: 3000,
      dataDir: "/srv/.heddle",
      publicUrl: "http://localhost:3000",
      isProduction: false,
      secretKey: undefined,
      // What people measure their own machine with is not limited.
      rates: { key: 0, agent: 0 },
      defaultPlan: "self-hosted",
    });
  });

  it("knows what a process is to do, and that several need a database that they share", () => {
    expect([...readConfig({}).roles]).toEqual(["web", "gateway", "worker", "scheduler"]);
    const DATABASE_URL = "postgres://owner@localhost/heddle";
    expect([...readConfig({ HEDDLE_ROLES: "worker, scheduler", DATABASE_URL }).roles]).toEqual(["worker", "scheduler"]);
    expect(() => readConfig({ HEDDLE_ROLES: "worker" })).toThrow(/HEDDLE_ROLES: set DATABASE_URL too/);
    expect(() => readConfig({ HEDDLE_ROLES: "boss", DATABASE_URL })).toThrow(/HEDDLE_ROLES: name some of web, gateway, worker, scheduler/);
    expect(() => readConfig({ HEDDLE_METRICS_TOKEN: "short" })).toThrow(/HEDDLE_METRICS_TOKEN: use at least 16/);
  });

  it("knows Amazon's addresses by their region, and others by themselves", () => {
    const given = { HEDDLE_S3_BUCKET: "heddle", HEDDLE_S3_ACCESS_KEY_ID: "id", HEDDLE_S3_SECRET_ACCESS_KEY: "secret" };
    const kept = { bucket: "heddle", accessKeyId: "id", secretAccessKey: "secret" };
    expect(readConfig({ ...given, HEDDLE_S3_REGION: "eu-central-1" }).s3).toEqual({
      ...kept, region: "eu-central-1", endpoint: "https://s3.eu-central-1.amazonaws.com",
    }); // prettier-ignore
    const endpoint = "https://account.r2.cloudflarestorage.com";
    expect(readConfig({ ...given, HEDDLE_S3_ENDPOINT: endpoint }).s3).toEqual({ ...kept, region: "auto", endpoint });
    expect(() => readConfig(given)).toThrow(/HEDDLE_S3_REGION/);
    expect(() => readConfig({ HEDDLE_S3_BUCKET: "heddle" })).toThrow(/HEDDLE_S3_ACCESS_KEY_ID, HEDDLE_S3_SECRET_ACCESS_KEY/);
  });

  it("counts an empty value as absent", () => {
    expect(readConfig({ PORT: "", DATABASE_URL: "" }, "/srv").port).toBe(3000);
  });

  it.each([
    ["PORT", "http"],
    ["PORT", "70000"],
    ["DATABASE_URL", "mysql://db"],
    ["REDIS_URL", "localhost"],
    ["HEDDLE_PUBLIC_URL", "heddle.example"],
    ["HEDDLE_SECRET_KEY", "secret"],
    ["HEDDLE_SECRET_KEY", "undefinedundefinedundefinedundefined"],
    ["HEDDLE_SECRET_KEY", "0".repeat(40)],
    ["NODE_ENV", "staging"],
    ["LOG_LEVEL", "loud"],
    ["SMTP_URL", "mail.example"],
    ["HEDDLE_TRUST_PROXY", "maybe"],
    ["HEDDLE_RATE_LIMIT_KEY", "fast"],
    ["HEDDLE_RATE_LIMIT_USER", "-1"],
    ["HEDDLE_PLAN", "gold"],
    ["GOOGLE_CLIENT_SECRET", "only-one-of-two"],
    ["HEDDLE_S3_REGION", "Europe!"],
    ["HEDDLE_RETENTION_DAYS", "0"],
    ["HEDDLE_LEASE_SECONDS", "1"],
    ["HEDDLE_STOP_AT", "lunch"],
    ["HEDDLE_S3_BUCKET", "../elsewhere"],
    ["OIDC_ISSUER", "https://id.example"],
  ])("refuses %s=%s by its name", (name, value) => {
    expect(() => readConfig({ [name]: value }, "/srv")).toThrow(ConfigError);
    expect(() => readConfig({ [name]: value }, "/srv")).toThrow(name.replace("CLIENT_SECRET", "CLIENT_"));
  });

  it("lets no process be told to die in production", () => {
    expect(readConfig({ HEDDLE_STOP_AT: "claimed" }).stopAt).toBe("claimed");
    expect(() => readConfig({ HEDDLE_STOP_AT: "claimed", NODE_ENV: "production" })).toThrow(/HEDDLE_STOP_AT/);
  });

  it("keeps a refused secret out of the message", () => {
    expect(() => readConfig({ HEDDLE_SECRET_KEY: "hunter2" }, "/srv")).not.toThrow("hunter2");
  });

  it("reads lists and keeps only the origin of the public address", () => {
    const config = readConfig(
      { HEDDLE_EGRESS_ALLOW: "10.0.0.0/8, wiki.local:80,", HEDDLE_PUBLIC_URL: "https://heddle.example/app/" },
      "/srv",
    );
    expect(config.egressAllow).toEqual(["10.0.0.0/8", "wiki.local:80"]);
    expect(config.publicUrl).toBe("https://heddle.example");
  });
});
