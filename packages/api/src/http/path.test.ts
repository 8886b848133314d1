import { describe, expect, it } from "vitest";
import { isDisguisedApiPath } from "./path.ts";

describe("isDisguisedApiPath", () => {
  it.each([
    "/API/workspaces",
    "//api/workspaces",
    "/api//workspaces",
    "/api%2fworkspaces",
    "/api/%2e%2e/api/workspaces",
    "/%61pi/workspaces",
    "/api/workspaces;x=1",
    "/x/../api/workspaces",
    "/api\\workspaces",
    "/%2561pi/workspaces",
    "/Api/",
    "/api/workspaces%00",
  ])("sees through %s", (path) => expect(isDisguisedApiPath(path)).toBe(true));

  it.each([
    "/api/workspaces",
    "/api/agents/0190b4d3-0000-7000-8000-000000000000",
    "/api/trpc/agent.list,agent.byId",
    "/api/openapi.json",
    "/",
    "/agents",
    "/_next/static/a.js",
    "/docs/api",
    "/rapid/api",
  ])("leaves %s alone", (path) => expect(isDisguisedApiPath(path)).toBe(false));
});
