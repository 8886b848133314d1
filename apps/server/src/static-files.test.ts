import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliDecompressSync } from "node:zlib";
import { beforeAll, describe, expect, it } from "vitest";
import { loadStaticFiles, type StaticFiles } from "./static-files.ts";

let files: StaticFiles;
const get = (path: string, headers: Record<string, string> = {}, method = "GET") =>
  files.respond(new Request(`http://localhost${path}`, { method, headers }));

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), "heddle-pages-"));
  await mkdir(join(folder, "_next/static"), { recursive: true });
  await mkdir(join(folder, "docs"));
  await writeFile(
    join(folder, "index.html"),
    `<html><script>theme()</script><script src="/_next/static/a.js"></script>${"x".repeat(600)}</html>`,
  );
  await writeFile(join(folder, "builder.html"), "<html>builder</html>");
  await writeFile(join(folder, "docs/index.html"), "<html>docs</html>");
  await writeFile(join(folder, "404.html"), "<html>nothing here</html>");
  await writeFile(join(folder, "_next/static/a.js"), "1");
  files = await loadStaticFiles(folder);
});

describe("static files", () => {
  it("finds pages by their clean address", async () => {
    expect(await (await get("/builder?agent=1")).text()).toContain("builder");
    expect(await (await get("/docs")).text()).toContain("docs");
    expect((await get("/builder/")).headers.get("location")).toBe("/builder");
  });

  it("answers 404 with the page that says so, also for paths that climb", async () => {
    for (const path of ["/nowhere", "/..%2f..%2fetc/passwd", "/%2e%2e/secret-key", "/builder.html%00"]) {
      const response = await get(path);
      expect(response.status).toBe(404);
      expect(await response.text()).toContain("nothing here");
    }
  });

  it("allows exactly the inline scripts that a page was built with", async () => {
    const policy = (await get("/")).headers.get("content-security-policy") ?? "";
    expect(policy.match(/'sha256-/g)).toHaveLength(1);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/script-src[^;]*unsafe/);
  });

  it("compresses and revalidates", async () => {
    const first = await get("/", { "accept-encoding": "gzip, br" });
    expect(first.headers.get("content-encoding")).toBe("br");
    expect(brotliDecompressSync(Buffer.from(await first.arrayBuffer())).toString()).toContain("theme()");
    const again = await get("/", { "if-none-match": first.headers.get("etag") ?? "" });
    expect(again.status).toBe(304);
  });

  it("lets browsers keep what has a hash in its name, and nothing else", async () => {
    expect((await get("/_next/static/a.js")).headers.get("cache-control")).toContain("immutable");
    expect((await get("/")).headers.get("cache-control")).toBe("no-cache");
  });

  it("never redirects to another site", async () => {
    const location = (await get("//evil.example/")).headers.get("location");
    expect(location).toBeNull();
  });

  it("takes no other method", async () => {
    expect((await get("/", {}, "POST")).status).toBe(405);
  });
});
