import type { ProcessRole } from "@heddle/platform/process-role";

/** What calls of programs begin with, which a `gateway` answers. */
const GATEWAY = [/^\/api\/deployments\/:id\/execute$/, /^\/api\/hooks\//];
/** What every process answers about itself. */
const EVERYWHERE = ["/api/health", "/api/ready", "/api/metrics"];
/** How runs are followed, at whichever process began them, and where other systems answer them. */
const EITHER = [/^\/api\/executions\/:id(\/events)?$/, /^\/api\/waits\/:id\/:token$/];

/** Whether a process of these roles answers a route. The pages and all that manages things belong to `web`. */
export function isServed(path: string, roles: ReadonlySet<ProcessRole>): boolean {
  if (EVERYWHERE.includes(path)) return true;
  if (GATEWAY.some((pattern) => pattern.test(path))) return roles.has("gateway");
  return roles.has("web") || (roles.has("gateway") && EITHER.some((pattern) => pattern.test(path)));
}
