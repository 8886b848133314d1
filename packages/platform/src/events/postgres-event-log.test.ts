import { connect } from "@heddle/db";
import { createTestDatabase } from "@heddle/testing/database";
import { describeEventLog } from "@heddle/testing/event-log-suite";
import { createPostgresEventLog } from "./postgres-event-log.ts";

const onFault = (fault: unknown) => {
  throw fault;
};

describeEventLog("PostgreSQL", async () => {
  const test = await createTestDatabase();
  const other = connect({ urls: test.urls });
  return {
    logs: [createPostgresEventLog(test.db, onFault), createPostgresEventLog(other, onFault)],
    forget: () => test.asOwner(async (client) => void (await client.query("TRUNCATE execution_events"))),
    close: async () => {
      await other.close();
      await test.close();
    },
  };
});
