import { expect, test } from "vitest";
import { createLogger } from "./logger.ts";
import { terminalLines } from "./terminal-lines.ts";

function logged(log: (logger: ReturnType<typeof createLogger>) => void): string {
  let text = "";
  log(createLogger("info", terminalLines({ write: (chunk) => (text += chunk) })));
  return text;
}

test("people read a time and a sentence", () => {
  expect(logged((logger) => logger.info({ pages: 3 }, "listening"))).toMatch(/^ {2}\d\d:\d\d:\d\d {2}listening\n$/);
});

test("a fault is named with its cause and where it happened", () => {
  const text = logged((logger) => logger.error({ err: new Error("no space left"), during: "indexing" }, "something failed"));
  expect(text).toMatch(/ERROR {2}something failed {2}\(no space left\) {2}during=indexing\n$/);
});

test("secrets stay out of the terminal too", () => {
  expect(logged((logger) => logger.warn({ password: "hunter22" }, "odd"))).not.toContain("hunter22");
});
