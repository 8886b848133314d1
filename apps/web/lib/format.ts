const number = new Intl.NumberFormat("en");

/** 12,345 */
export function formatCount(count: number): string {
  return number.format(count);
}

/** A duration in ms, in the unit that reads best: 0.4 ms, 87 ms, 1.2 s, 2 min 5 s. */
export function formatDuration(ms: number): string {
  if (ms < 10) return `${Number(ms.toFixed(1))} ms`;
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(ms < 10_000 ? 1 : 0)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1_000)} s`;
}

/** 512 B, 12 KB, 3.4 MB; powers of 1,024. */
export function formatBytes(bytes: number): string {
  if (bytes < 1_024) return `${bytes} B`;
  if (bytes < 1_048_576) return `${Math.round(bytes / 1_024)} KB`;
  return `${(bytes / 1_048_576).toFixed(1)} MB`;
}

/** 92.4 % */
export function formatShare(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const steps: [Intl.RelativeTimeFormatUnit, number][] = [
  ["minute", 60_000],
  ["hour", 3_600_000],
  ["day", 86_400_000],
  ["month", 2_592_000_000],
  ["year", 31_536_000_000],
];

/** How long ago an ISO 8601 time was: "5 minutes ago". Give the exact time in a `title`. */
export function formatAgo(iso: string, now = Date.now()): string {
  const age = now - Date.parse(iso);
  if (age < 45_000) return "just now";
  const [unit, size] = steps.findLast(([, length]) => age >= length) ?? ["minute", 60_000];
  return relative.format(-Math.max(1, Math.round(age / size)), unit);
}

/** How long until an ISO 8601 time: "in 5 minutes". */
export function formatUntil(iso: string, now = Date.now()): string {
  const wait = Date.parse(iso) - now;
  if (wait < 45_000) return "in a moment";
  const [unit, size] = steps.findLast(([, length]) => wait >= length) ?? ["minute", 60_000];
  return relative.format(Math.max(1, Math.round(wait / size)), unit);
}

/** The exact time, in the reader's own zone. */
export function formatTime(iso: string): string {
  return new Date(iso).toLocaleString("en", { dateStyle: "medium", timeStyle: "medium" });
}
