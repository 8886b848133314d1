import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const sources = readdirSync(import.meta.dirname)
  .filter((name) => !name.endsWith(".test.ts"))
  .map((name) => ({ name, text: readFileSync(join(import.meta.dirname, name), "utf8") }));

test("nothing here needs more than a browser or an edge worker has", () => {
  const wrong = sources.filter(({ text }) => /from "node:|\b(Buffer|process|require|setImmediate|__dirname)\b[.(]/.test(text));
  expect(wrong.map(({ name }) => name)).toEqual([]);
});

test("time and chance come by ports only", () => {
  const direct = sources.filter(({ text }) =>
    /\bDate\.|\bnew Date\(\)|(?<!new )\bDate\(|\bperformance\.|Math\.random|\bsetTimeout\b|\bsetInterval\b|\bcrypto\./.test(text),
  );
  expect(direct.map(({ name }) => name)).toEqual(["system-ports.ts"]);
});
