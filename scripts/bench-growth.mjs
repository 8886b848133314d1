// `npm run bench:growth`: prepares, and runs bench/growth.ts on the pinned Node.
import { prepare } from "./prepare.mjs";
import { childEnvironment, node, run } from "./project.mjs";

await prepare();
await run(node, ["bench/growth.ts", ...process.argv.slice(2)], { env: childEnvironment, label: "growth" }).catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
