import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

const root = join(import.meta.dirname, "../../..");

/** The walls of docs/adr/0002: what each package may import, written a second time so that a loosened lint rule is noticed. */
const MAY_IMPORT: Record<string, string[]> = {
  schema: [],
  expression: ["schema"],
  "node-kit": ["schema"],
  graph: ["schema", "expression", "node-kit"],
  nodes: ["schema", "node-kit"],
  runtime: ["schema", "expression", "graph", "node-kit"],
  egress: ["schema", "node-kit"],
  sandbox: ["schema", "node-kit"],
  models: ["schema", "node-kit"],
  retrieval: ["schema", "node-kit"],
  db: ["schema"],
  jobs: ["schema"],
  files: ["schema"],
  platform: [
    "schema",
    "expression",
    "graph",
    "node-kit",
    "nodes",
    "runtime",
    "egress",
    "sandbox",
    "models",
    "retrieval",
    "db",
    "jobs",
    "files",
  ],
  api: ["schema", "platform"],
};
const RUNS_IN_BROWSERS = ["schema", "expression", "graph", "node-kit", "runtime"];

interface Import {
  file: string;
  target: string;
  isTypeOnly: boolean;
}

function importsOf(folder: string): Import[] {
  const files = readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter(
      (name) => /\.tsx?$/.test(name) && !/\.test\.tsx?$/.test(name) && !/(^|\/)(node_modules|out|\.next|generated|journeys)\//.test(name),
    )
    .map((name) => join(folder, name));
  return files.flatMap((file) => {
    const source = readFileSync(join(root, file), "utf8");
    const statements = source.matchAll(
      /(?:^|\n)\s*(import|export)\s(type\s)?[^;'"]*?from\s*["']([^"']+)["']|import\(\s*["']([^"']+)["']\s*\)|(?:^|\n)import\s*["']([^"']+)["']/g,
    );
    return [...statements].map((match) => ({ file, target: match[3] ?? match[4] ?? match[5] ?? "", isTypeOnly: match[2] !== undefined }));
  });
}

const packageOf = (target: string) => /^@heddle\/([^/]+)/.exec(target)?.[1];

describe("package boundaries", () => {
  test("every package but testing has its walls written down", () => {
    const packages = readdirSync(join(root, "packages")).filter((name) => name !== "testing");
    expect(Object.keys(MAY_IMPORT).toSorted()).toEqual(packages.toSorted());
  });

  test.for(Object.entries(MAY_IMPORT))("%s imports only what it may know", ([name, allowed]) => {
    const imports = importsOf(`packages/${name}/src`);
    expect(imports.length, "the scan found no import at all").toBeGreaterThan(0);
    const foreign = imports.filter(({ target }) => {
      const other = packageOf(target);
      return other !== undefined && other !== name && !allowed.includes(other);
    });
    expect(foreign).toEqual([]);
  });

  test.for(RUNS_IN_BROWSERS)("%s uses nothing that only Node has", (name) => {
    expect(importsOf(`packages/${name}/src`).filter(({ target }) => target.startsWith("node:"))).toEqual([]);
  });

  test("no package reaches out of its folder by a relative path", () => {
    const escaping = Object.keys(MAY_IMPORT)
      .flatMap((name) => importsOf(`packages/${name}/src`).map((entry) => ({ ...entry, home: `packages/${name}/` })))
      .filter(({ file, target, home }) => target.startsWith(".") && !join(file, "..", target).startsWith(home));
    expect(escaping).toEqual([]);
  });

  test("pages load no handler and nothing of the server", () => {
    const allowed = new Set(["schema", "expression", "graph", "node-kit", "nodes"]);
    const wrong = importsOf("apps/web").filter(({ target, isTypeOnly }) => {
      const other = packageOf(target);
      if (other === undefined) return false;
      if (other === "api") return !isTypeOnly;
      return !allowed.has(other) || /handlers?$/.test(target);
    });
    expect(wrong).toEqual([]);
  });

  test("packages never import applications", () => {
    const wrong = Object.keys(MAY_IMPORT)
      .flatMap((name) => importsOf(`packages/${name}/src`))
      .filter(({ target }) => ["server", "web"].includes(packageOf(target) ?? ""));
    expect(wrong).toEqual([]);
  });
});
