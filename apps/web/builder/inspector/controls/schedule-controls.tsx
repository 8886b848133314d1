"use client";
import { nextScheduleTimes } from "@heddle/nodes/schedule-times";
import type { Json } from "@heddle/schema";
import { useId } from "react";
import type { FieldControlProps } from "@/components/ui/form-field";
import { Input } from "@/components/ui/input";
import { Select } from "@/components/ui/select";
import { formatUntil } from "@/lib/format";

interface ScheduleControlProps extends FieldControlProps {
  value: string;
  onChange: (value: string) => void;
  placeholder?: string | undefined;
  isDisabled: boolean;
}

const OTHER = "other";
const PRESETS = [
  { value: "*/15 * * * *", label: "Every quarter of an hour" },
  { value: "0 * * * *", label: "Every hour" },
  { value: "0 9 * * *", label: "Every day at 9:00" },
  { value: "0 9 * * 1-5", label: "From Monday to Friday at 9:00" },
  { value: "0 9 * * 1", label: "Every Monday at 9:00" },
  { value: "0 0 1 * *", label: "On the first of each month" },
];

/** When a schedule fires: one of the usual times or a cron expression, and what comes of it. */
export function CronControl({
  value,
  onChange,
  timeZone,
  placeholder,
  isDisabled,
  ...control
}: ScheduleControlProps & { timeZone: Json | undefined }) {
  const zone = typeof timeZone === "string" && timeZone !== "" ? timeZone : undefined;
  const preset = PRESETS.find((candidate) => candidate.value === value.trim())?.value;
  return (
    <div className="flex flex-col gap-1.5">
      <Select
        aria-label="Usual times"
        value={preset ?? OTHER}
        options={[...PRESETS, { value: OTHER, label: "Other times" }]}
        isDisabled={isDisabled}
        onValueChange={(next) => next !== OTHER && onChange(next)}
      />
      <Input
        {...control}
        className="font-mono text-xs"
        value={value}
        placeholder={placeholder ?? ""}
        disabled={isDisabled}
        spellCheck={false}
        onChange={(event) => onChange(event.target.value)}
      />
      {value.trim() !== "" && <NextTimes cron={value.trim()} timeZone={zone} />}
    </div>
  );
}

function NextTimes({ cron, timeZone }: { cron: string; timeZone: string | undefined }) {
  const times = nextScheduleTimes(cron, { timeZone, count: 3 }) ?? [];
  if (times.length === 0) return null;
  const words = new Intl.DateTimeFormat("en", { dateStyle: "full", timeStyle: "short", hourCycle: "h23", timeZone: timeZone ?? "UTC" });
  return (
    <div className="rounded-md border border-line bg-sunken px-2.5 py-2 text-xs text-muted">
      <p>Next times, {timeZone ?? "UTC"}:</p>
      <ol className="tabular">
        {times.map((time, index) => (
          <li key={time.getTime()}>
            {words.format(time)}
            {index === 0 && <span className="text-subtle"> · {formatUntil(time.toISOString())}</span>}
          </li>
        ))}
      </ol>
    </div>
  );
}

/** A time zone by its name; typing a part of it lists those that fit. */
export function TimeZoneControl({ value, onChange, placeholder, isDisabled, ...control }: ScheduleControlProps) {
  const listId = useId();
  return (
    <>
      <Input
        {...control}
        list={listId}
        value={value}
        placeholder={placeholder ?? ""}
        disabled={isDisabled}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => onChange(event.target.value)}
      />
      <datalist id={listId}>
        {zones().map((zone) => (
          <option key={zone} value={zone} aria-label={zone} />
        ))}
      </datalist>
      <LocalTime zone={value} />
    </>
  );
}

function LocalTime({ zone }: { zone: string }) {
  const now = timeIn(zone);
  return now === undefined ? null : <p className="text-xs text-muted">It is {now} there now.</p>;
}

/** The time of day in a zone; undefined where there is no such zone. */
function timeIn(zone: string): string | undefined {
  try {
    return zone === "" ? undefined : new Intl.DateTimeFormat("en", { timeZone: zone, timeStyle: "short", hourCycle: "h23" }).format();
  } catch {
    return undefined;
  }
}

let known: string[] | undefined;
function zones(): string[] {
  return (known ??= ["UTC", ...Intl.supportedValuesOf("timeZone").filter((zone) => zone !== "UTC")]);
}
