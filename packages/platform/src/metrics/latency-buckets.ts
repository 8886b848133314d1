/** How much longer a bucket's end is than its beginning: so its middle is within 4.9 % of all that it holds. */
const GROWTH = 1.1;

/** How many runs took how long: by bucket, as heddle_latency_bucket in the database sorts them. */
export type LatencyCounts = ReadonlyMap<number, number>;

/** What that share (0…1) of the runs did not exceed, ms; null where there are none. */
export function percentileOf(counts: LatencyCounts, share: number): number | null {
  const buckets = [...counts].toSorted(([one], [other]) => one - other);
  const total = buckets.reduce((sum, [, count]) => sum + count, 0);
  if (total === 0) return null;
  // The rank of the run in question, from 1.
  const rank = Math.max(1, Math.ceil(share * total));
  let seen = 0;
  for (const [bucket, count] of buckets) {
    seen += count;
    if (seen >= rank) return middleOf(bucket);
  }
  return null;
}

/** The middle of a bucket in its own, logarithmic terms, ms, to a tenth. */
function middleOf(bucket: number): number {
  return bucket === 0 ? 0 : Math.round(GROWTH ** (bucket - 0.5) * 10) / 10;
}
