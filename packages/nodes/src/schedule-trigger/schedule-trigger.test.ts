import type { StepServices } from "@heddle/node-kit";
import { compileAgent, MemoryJournal, runAgent, systemClock } from "@heddle/runtime";
import { agentDocument } from "@heddle/schema";
import { runNode } from "@heddle/testing/node-context";
import { describe, expect, it } from "vitest";
import { definitions } from "../definitions.ts";
import { handlers } from "../handlers.ts";
import { scheduleTrigger } from "./definition.ts";
import { handler } from "./handler.ts";

const params = { cron: "0 9 * * 1-5", timeZone: "Europe/Berlin", data: { region: "EU" } };

describe("schedule-trigger", () => {
  it("says when the run was due and when it began", async () => {
    const input = { scheduledAt: "2026-03-29T07:00:00.000Z", firedAt: "2026-03-29T07:00:00.412Z", timezone: "?" };
    expect((await runNode(scheduleTrigger, handler, { params, input })).output).toEqual({
      scheduledAt: "2026-03-29T07:00:00.000Z",
      firedAt: "2026-03-29T07:00:00.412Z",
      timezone: "Europe/Berlin",
      cron: "0 9 * * 1-5",
      data: { region: "EU" },
    });
  });

  it("hands on to all nodes what the scheduler does not say", async () => {
    const document = agentDocument.parse({
      nodes: [
        { id: "clock", type: "schedule-trigger", name: "Clock", params },
        {
          id: "say",
          type: "format",
          name: "Say",
          params: { mode: "text", text: "{{ input.data.region }} {{ input.timezone }} {{ input.scheduledAt }}" },
        },
      ],
      edges: [{ id: "1", source: { node: "clock" }, target: { node: "say" } }],
    });
    const outcome = await runAgent(compileAgent(document, definitions), {
      input: { scheduledAt: "2026-03-29T07:00:00.000Z", firedAt: "2026-03-29T07:00:00.412Z" },
      run: { executionId: "e", agentId: "a", workspaceId: "w", startedAt: 0, isDeployed: true },
      services: {} as StepServices,
      handlers,
      journal: new MemoryJournal(),
      clock: systemClock,
      random: () => 0,
      signal: new AbortController().signal,
    });
    expect(outcome).toMatchObject({ status: "completed", output: "EU Europe/Berlin 2026-03-29T07:00:00.000Z" });
  });

  it("takes a run by hand for due now, in UTC", async () => {
    const now = "2026-01-01T00:00:00.000Z";
    const run = { startedAt: Date.parse(now) };
    expect((await runNode(scheduleTrigger, handler, { params: { cron: "* * * * *" }, run })).output).toEqual({
      scheduledAt: now,
      firedAt: now,
      timezone: "UTC",
      cron: "* * * * *",
      data: null,
    });
  });

  it.each(["*/15 * * * *", "30 0 9 * * 1-5", "0 0 1 * *", "0 9 * * MON", "0 0 29 2 *", "0 0 L * *"])("takes %s", (cron) => {
    expect(scheduleTrigger.params.safeParse({ cron }).success).toBe(true);
  });

  it.each<[object, string, RegExp]>([
    [{}, "cron", /^fill this in$/],
    [{ cron: "every day" }, "cron", /use five fields, for example 0 9 \* \* 1-5$/],
    [{ cron: "61 * * * *" }, "cron", /use five fields/],
    [{ cron: "* * *" }, "cron", /use five fields/],
    [{ cron: "0 0 0 1 1 * 2020" }, "cron", /use five fields/],
    [{ cron: "0 0 30 2 *" }, "cron", /^it never comes/],
    [{ cron: "* * * * *", timeZone: "Berlin" }, "timeZone", /for example Europe\/Berlin$/],
    [{ cron: "* * * * *", timeZone: "+02:00" }, "timeZone", /for example Europe\/Berlin$/],
  ])("refuses %j", (given, field, message) => {
    const issues = scheduleTrigger.params.safeParse(given).error?.issues ?? [];
    expect(issues.map(({ path }) => path.join("."))).toEqual([field]);
    expect(issues[0]?.message).toMatch(message);
  });
});
