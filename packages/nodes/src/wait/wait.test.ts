import { runNode } from "@heddle/testing/node-context";
import type { WaitResolution } from "@heddle/schema";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { wait } from "./definition.ts";
import { handler } from "./handler.ts";

const NOW = Date.UTC(2026, 0, 1);
const at = NOW + 5;
const iso = new Date(at).toISOString();
beforeEach(() => void vi.useFakeTimers({ now: NOW }));
afterEach(() => void vi.useRealTimers());

const run = (params: object, resolution: WaitResolution) => runNode(wait, handler, { params: { ...params }, resolution });
const due: WaitResolution = { outcome: "due", at };

describe("wait", () => {
  it.each<[object, number]>([
    [{ duration: 90, unit: "seconds" }, NOW + 90_000],
    [{ duration: 2 }, NOW + 120_000],
    [{ duration: "1.5", unit: "hours" }, NOW + 5_400_000],
    [{ duration: 0 }, NOW],
    [{ kind: "date", until: "2026-05-01T09:00:00+02:00" }, Date.UTC(2026, 4, 1, 7)],
    [{ kind: "date", until: Date.UTC(2026, 4, 1) }, Date.UTC(2026, 4, 1)],
  ])("waits %j until the right moment", async (params, dueAt) => {
    expect(await run(params, due)).toMatchObject({ waits: [{ kind: "time", dueAt }], output: { at: iso } });
  });

  it("refuses a date that can't be read", async () => {
    await expect(run({ kind: "date", until: "tomorrow" }, due)).rejects.toMatchObject({
      code: "param_invalid",
      hint: expect.stringContaining("ISO"),
    });
  });

  it("goes on with the body of the request that it waited for", async () => {
    const found = await run({ kind: "webhook" }, { outcome: "received", at, value: { ok: true } });
    expect(found).toMatchObject({
      waits: [{ kind: "webhook" }],
      ports: ["received"],
      output: { body: { ok: true }, isLate: false, at: iso },
    });
    expect(found.waits[0]).not.toHaveProperty("dueAt");
  });

  it("leaves by Too late when no request comes, or ends the run", async () => {
    const params = { kind: "webhook", deadline: 1, deadlineUnit: "days" };
    expect(await run(params, due)).toMatchObject({
      waits: [{ dueAt: NOW + 86_400_000 }],
      ports: ["expired"],
      output: { body: null, isLate: true },
    });
    await expect(run({ ...params, onTimeout: "fail" }, due)).rejects.toMatchObject({ code: "wait_expired" });
  });

  const approval = {
    kind: "approval",
    title: "Refund?",
    message: "5 €",
    form: { type: "object", properties: { reason: { type: "string" } } },
  };
  it.each<[WaitResolution, string, object]>([
    [
      { outcome: "approved", at, values: { reason: "ok" }, by: "ada" },
      "approved",
      { isApproved: true, values: { reason: "ok" }, by: "ada", isLate: false },
    ],
    [{ outcome: "rejected", at, values: {} }, "rejected", { isApproved: false, values: {}, isLate: false }],
    [due, "rejected", { isApproved: false, values: {}, isLate: true }],
  ])("takes the decision %j", async (resolution, port, output) => {
    const found = await run(approval, resolution);
    const { kind, title, message, form } = approval;
    expect(found).toMatchObject({ waits: [{ kind, title, message, form }], ports: [port], output: { ...output, at: iso } });
  });

  it("counts as approved at the deadline, or ends the run, where told to", async () => {
    const params = { ...approval, deadline: 2 };
    expect(await run({ ...params, onDeadline: "approve" }, due)).toMatchObject({
      waits: [{ dueAt: NOW + 7_200_000 }],
      ports: ["approved"],
      output: { isLate: true },
    });
    await expect(run({ ...params, onDeadline: "fail" }, due)).rejects.toMatchObject({
      code: "wait_expired",
      message: "Nobody decided in time: Refund?",
    });
  });

  it.each<[string, object, string]>([
    ["no duration", {}, "duration"],
    ["no date", { kind: "date" }, "until"],
    ["an approval without a title", { kind: "approval" }, "title"],
    ["a form that is no object", { kind: "approval", title: "x", form: { type: "string" } }, "form"],
  ])("refuses %s", async (_name, params, field) => {
    await expect(run(params, due)).rejects.toMatchObject({ code: "param_invalid", details: { field } });
  });

  it("has the ports and the output of its kind", () => {
    const ports = (params: object) => wait.outputs(params as never).map(({ name }) => name);
    expect(ports({})).toEqual(["out"]);
    expect(ports({ kind: "webhook" })).toEqual(["received", "expired"]);
    expect(ports({ kind: "webhook", onTimeout: "fail" })).toEqual(["received"]);
    expect(ports({ kind: "approval" })).toEqual(["approved", "rejected"]);
    expect(wait.output({ ...approval, kind: "approval" } as never)).toMatchObject({
      properties: { values: { properties: { reason: { type: "string" } } } },
    });
  });
});
