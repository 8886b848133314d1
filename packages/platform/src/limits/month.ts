/** A calendar month in UTC, as caps count. */
export interface Month {
  /** `2026-11` */
  name: string;
  start: Date;
  end: Date;
}

export function monthOf(at: number): Month {
  const date = new Date(at);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  return { name: date.toISOString().slice(0, 7), start: new Date(Date.UTC(year, month)), end: new Date(Date.UTC(year, month + 1)) };
}

/** `November 2026` */
export function monthTitle({ start }: Month): string {
  return start.toLocaleDateString("en", { month: "long", year: "numeric", timeZone: "UTC" });
}
