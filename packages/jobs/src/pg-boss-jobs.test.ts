import { createTestDatabase } from "@heddle/testing/database";
import { describeJobs } from "@heddle/testing/jobs-conformance";
import { startTcpProxy } from "@heddle/testing/tcp-proxy";
import { Client } from "pg";
import { openPgBossJobs } from "./pg-boss-jobs.ts";

const SCHEMA = "heddle_jobs";

describeJobs("pg-boss", async () => {
  const database = await createTestDatabase();
  const url = new URL(database.urls.jobs);
  const proxy = await startTcpProxy({ path: `${url.searchParams.get("host") ?? ""}/.s.PGSQL.5432` });
  const proxied = `postgresql://${url.username}@127.0.0.1:${proxy.port}${url.pathname}`;
  return {
    open: (options) => openPgBossJobs({ url: proxied, schema: SCHEMA, ...options }),
    driver: { kind: "pg-boss", url: database.urls.jobs, schema: SCHEMA },
    cut: proxy.cut,
    mend: proxy.mend,
    forgetAll: async () => {
      const client = new Client({ connectionString: database.urls.jobs });
      await client.connect();
      await client.query(`DELETE FROM ${SCHEMA}.job`);
      await client.end();
    },
    close: async () => {
      await proxy.close();
      await database.close();
    },
  };
});
