import type { ErrorInfo } from "@heddle/schema";
import { describe, expect, it } from "vitest";
import { retryDelay } from "./retry-policy.ts";

const unreachable: ErrorInfo = { code: "http_failed", message: "gone" };

describe("retryDelay", () => {
  it.for([
    [1, 1_000],
    [2, 2_000],
    [3, 4_000],
    [4, 8_000],
  ] as const)("after %d failures waits up to %d ms", ([failures, most]) => {
    expect(retryDelay(unreachable, failures, () => 1)).toBe(most);
    expect(retryDelay(unreachable, failures, () => 0)).toBe(0);
  });

  it("ends with the fifth failure", () => {
    expect(retryDelay(unreachable, 5, () => 0.5)).toBeUndefined();
  });

  it("waits as long as Retry-After says, for a day at most", () => {
    expect(retryDelay({ ...unreachable, retryAfterMs: 30_000 }, 1, () => 1)).toBe(30_000);
    expect(retryDelay({ ...unreachable, retryAfterMs: 10 }, 1, () => 1)).toBe(1_000);
    expect(retryDelay({ ...unreachable, retryAfterMs: 1e12 }, 1, () => 1)).toBe(24 * 3_600_000);
  });

  it("goes by the error's class, which one error may override", () => {
    expect(retryDelay({ code: "input_invalid", message: "no" }, 1, () => 1)).toBeUndefined();
    expect(retryDelay({ code: "http_status", message: "404" }, 1, () => 1)).toBeUndefined();
    expect(retryDelay({ code: "http_status", message: "503", retryable: true }, 1, () => 1)).toBe(1_000);
    expect(retryDelay({ ...unreachable, retryable: false }, 1, () => 1)).toBeUndefined();
  });
});
