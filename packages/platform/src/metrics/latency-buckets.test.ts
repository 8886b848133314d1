import { createTestDatabase, type TestDatabase } from "@heddle/testing/database";
import { afterAll, beforeAll, expect, test } from "vitest";
import { percentileOf } from "./latency-buckets.ts";

let database: TestDatabase;
beforeAll(async () => (database = await createTestDatabase()));
afterAll(() => database.close());

async function bucketsOf(latencies: number[]): Promise<number[]> {
  const { rows } = await database.asOwner((client) =>
    client.query<{ bucket: number }>(
      "SELECT heddle_latency_bucket(l) AS bucket FROM unnest($1::int[]) WITH ORDINALITY AS given (l, n) ORDER BY n",
      [latencies],
    ),
  );
  return rows.map((row) => row.bucket);
}
function counted(buckets: number[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const bucket of buckets) counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
  return counts;
}

test("any latency of up to an hour is told within 5 %", async () => {
  const latencies = [
    ...Array.from({ length: 300 }, (_, index) => index),
    ...Array.from({ length: 140 }, (_, index) => Math.round(1.12 ** index)),
  ];
  const buckets = await bucketsOf(latencies);
  for (const [index, latency] of latencies.entries()) {
    const told = percentileOf(new Map([[buckets[index] ?? -1, 1]]), 0.5) ?? Number.NaN;
    expect(Math.abs(told - latency), `${latency} ms`).toBeLessThanOrEqual(latency * 0.05);
  }
});

test("percentiles are those of the runs themselves, within 5 %", async () => {
  // Skewed, as latencies are, and the same at every run.
  const latencies = Array.from({ length: 2_000 }, (_, index) => Math.round(20 * Math.exp(((index * 7919) % 2_000) / 400)));
  const counts = counted(await bucketsOf(latencies));
  const sorted = latencies.toSorted((a, b) => a - b);
  for (const share of [0, 0.01, 0.5, 0.95, 0.99, 1]) {
    const exact = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
    expect(Math.abs((percentileOf(counts, share) ?? 0) / exact - 1), `${share}`).toBeLessThan(0.05);
  }
});

test("without runs there is no percentile", () => {
  expect(percentileOf(new Map(), 0.5)).toBeNull();
});
