import { levels } from "pino";

const WARN = levels.values["warn"] ?? 40;

interface LogLine {
  time: number;
  level: number;
  msg: string;
  err?: { message?: string; code?: string };
  [field: string]: unknown;
}

/** A log destination for people at a terminal: time, level where it matters, message. Programs get JSON lines instead. */
export function terminalLines(out: { write: (text: string) => unknown }): { write: (line: string) => void } {
  return {
    write(line) {
      out.write(`${readable(JSON.parse(line) as LogLine)}\n`);
    },
  };
}

function readable({ time, level, msg, err, ...fields }: LogLine): string {
  const clock = new Date(time).toTimeString().slice(0, 8);
  const label = level >= WARN ? `${levels.labels[level]?.toUpperCase()}  ` : "";
  const details = Object.entries(fields).map(([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`);
  const cause = err?.message === undefined ? [] : [`(${err.message})`];
  return ["  " + clock, label + msg, ...cause, ...(level >= WARN ? details : [])].join("  ");
}
