import { FAULT_KINDS } from "@heddle/testing/chaos/fault-plan";
import { runChaos } from "@heddle/testing/chaos/run-chaos";
import { describe, expect, it } from "vitest";

/** Enough for every fault of the seed's first round that takes no longer than a short lease. */
const FOR_MS = 30_000;
/** They take long, and the faults that they consist of have tests of their own. */
const LONG = new Set(["rolling-restart", "clock-shift"]);

describe("a short time in which things break under load", () => {
  it("loses nothing, ends nothing twice, and does nothing twice outside", { timeout: 240_000 }, async () => {
    const report = await runChaos({
      seed: 20_261_122,
      forMs: FOR_MS,
      roles: ["web,gateway,worker", "gateway,worker,scheduler"],
      leaseSeconds: 4,
      perSecond: 12,
      kinds: FAULT_KINDS.filter((kind) => !LONG.has(kind)),
      gapMs: [200, 1_000],
      say: () => undefined,
    });
    expect(report.broken).toEqual([]);
    expect(report).toMatchObject({ ok: true, lost: 0, doubleOutcomes: 0, duplicateEffects: 0 });
    expect(report.accepted).toBe(report.finished + report.waiting + report.deadLettered);
    expect(report.accepted).toBeGreaterThan(100);
    expect(report.waiting).toBeGreaterThan(0);
    expect(report.deadLettered).toBeGreaterThan(0);
    expect(Object.keys(report.faults).length).toBeGreaterThanOrEqual(3);
  });
});
