import { connect, type DatabaseUrls } from "@heddle/db";
import { startScheduler } from "@heddle/platform/triggers/scheduler";

/** A scheduler of its own, which says how late it takes it to be and how many ticks it fires. It runs until it is killed. */
const db = connect({ urls: JSON.parse(process.argv[2] ?? "") as DatabaseUrls });
process.stdout.write(`clock ${Date.now()}\n`);
startScheduler({
  db,
  onFired: (ticks) => process.stdout.write(`fired ${ticks.length}\n`),
  onFault: (fault) => process.stdout.write(`fault ${String(fault)}\n`),
});
