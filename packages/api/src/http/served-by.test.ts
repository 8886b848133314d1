import type { ProcessRole } from "@heddle/platform/process-role";
import { describe, expect, it } from "vitest";
import { routes } from "../routes/index.ts";
import { isServed } from "./served-by.ts";

const served = (...roles: ProcessRole[]) => routes.filter((route) => isServed(route.path, new Set(roles))).map((route) => route.path);

describe("isServed", () => {
  it("leaves every process its own health and nothing else", () => {
    for (const roles of [["worker"], ["scheduler"]] as ProcessRole[][]) {
      expect(served(...roles).toSorted()).toEqual(["/api/health", "/api/metrics", "/api/ready"]);
    }
  });

  it("gives the gateway the calls that run agents, what follows a run and what a run waits for", () => {
    const paths = served("gateway");
    expect(paths).toContain("/api/deployments/:id/execute");
    expect(paths).toContain("/api/hooks/:id");
    expect(paths).toContain("/api/executions/:id");
    expect(paths).toContain("/api/waits/:id/:token");
    expect(paths.filter((path) => path.startsWith("/api/workspaces") || path.startsWith("/api/agents"))).toEqual([]);
  });

  it("gives web the rest, so that nothing is served by nobody", () => {
    expect(served("web")).not.toContain("/api/deployments/:id/execute");
    expect(served("web", "gateway")).toHaveLength(routes.length);
  });
});
