// `npm run bench`: prepares, finds the load driver, and runs bench/main.ts on the pinned Node.
import { findWrk } from "./debian.mjs";
import { prepare } from "./prepare.mjs";
import { childEnvironment, node, run } from "./project.mjs";

await prepare();
const path = await findWrk();
await run(node, ["bench/main.ts", ...process.argv.slice(2)], { env: { ...childEnvironment, ...path }, label: "bench" }).catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
