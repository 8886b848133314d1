import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { extname, join, relative, sep } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { contentSecurityPolicy, PAGE_HEADERS } from "./security-headers.ts";

interface StaticFile {
  body: Buffer;
  headers: Record<string, string>;
  etag: string;
  isCompressible: boolean;
  /** Filled on first use: most files of a build are never asked for. */
  compressed: Map<Encoding, Promise<Buffer>>;
}
type Encoding = "br" | "gzip";

const MEDIA_TYPES: Record<string, string> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".jpg": "image/jpeg",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".map": "application/json",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".webmanifest": "application/manifest+json",
  ".webp": "image/webp",
  ".woff2": "font/woff2",
  ".xml": "application/xml",
};
const COMPRESSIBLE = /^(?:text\/|application\/(?:json|manifest|xml)|image\/svg)/;
/** Next puts a content hash into the names of everything below this folder. */
const IMMUTABLE_PREFIX = "/_next/static/";

/** Serves a folder of built pages from memory, so that no path in a request ever reaches the file system. */
export interface StaticFiles {
  respond(request: Request): Promise<Response>;
  readonly count: number;
}

/** Reads the folder once. A folder that is not there serves a page that says so. */
export async function loadStaticFiles(folder: string): Promise<StaticFiles> {
  const files = new Map<string, StaticFile>();
  for (const path of await listFiles(folder)) {
    files.set(
      `/${relative(folder, path).split(sep).join("/")}`,
      describeFile(path, await readFile(path), `/${relative(folder, path).split(sep).join("/")}`),
    );
  }
  return { count: files.size, respond: (request) => respond(files, request) };
}

async function respond(files: ReadonlyMap<string, StaticFile>, request: Request): Promise<Response> {
  if (request.method !== "GET" && request.method !== "HEAD")
    return new Response("Method not allowed", { status: 405, headers: { ...PAGE_HEADERS, allow: "GET, HEAD" } });
  const { pathname, search } = new URL(request.url);
  const found = find(files, pathname);
  if (found === undefined && pathname.length > 1 && pathname.endsWith("/") && find(files, pathname.slice(0, -1))) {
    // Leading slashes are folded so that `//evil.example/` can't become another site's address.
    return new Response(null, {
      status: 308,
      headers: { ...PAGE_HEADERS, location: `/${pathname.slice(0, -1).replace(/^[/\\]+/, "")}${search}` },
    });
  }
  const file = found ?? files.get("/404.html");
  if (!file)
    return new Response(files.size === 0 ? "The pages are not built yet. Run: npm start" : "Not found", {
      status: 404,
      headers: { ...PAGE_HEADERS, "content-type": "text/plain; charset=utf-8" },
    });
  if (found && matchesEtag(request.headers.get("if-none-match"), file.etag))
    return new Response(null, { status: 304, headers: { ...file.headers, etag: file.etag } });

  const encoding = file.isCompressible ? chooseEncoding(request.headers.get("accept-encoding") ?? "") : undefined;
  const body = encoding ? await compress(file, encoding) : file.body;
  const headers: Record<string, string> = { ...file.headers, "content-length": String(body.byteLength) };
  if (file.isCompressible) headers["vary"] = "accept-encoding";
  if (encoding) headers["content-encoding"] = encoding;
  if (found) headers["etag"] = file.etag;
  return new Response(request.method === "HEAD" ? null : new Uint8Array(body), { status: found ? 200 : 404, headers });
}

function find(files: ReadonlyMap<string, StaticFile>, pathname: string): StaticFile | undefined {
  if (pathname === "/") return files.get("/index.html");
  return files.get(pathname) ?? files.get(`${pathname}.html`) ?? files.get(`${pathname}/index.html`);
}

function describeFile(path: string, body: Buffer, name: string): StaticFile {
  const mediaType = MEDIA_TYPES[extname(path).toLowerCase()] ?? "application/octet-stream";
  const isPage = mediaType.startsWith("text/html");
  return {
    body,
    etag: `"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"`,
    isCompressible: COMPRESSIBLE.test(mediaType) && body.byteLength > 512,
    compressed: new Map(),
    headers: {
      ...PAGE_HEADERS,
      ...(isPage ? { "content-security-policy": contentSecurityPolicy(body.toString("utf8")) } : {}),
      "content-type": mediaType,
      "cache-control": name.startsWith(IMMUTABLE_PREFIX) ? "public, max-age=31536000, immutable" : "no-cache",
    },
  };
}

function compress(file: StaticFile, encoding: Encoding): Promise<Buffer> {
  let made = file.compressed.get(encoding);
  if (!made) {
    made =
      encoding === "br"
        ? promisify(brotliCompress)(file.body, {
            params: { [constants.BROTLI_PARAM_QUALITY]: 6, [constants.BROTLI_PARAM_SIZE_HINT]: file.body.byteLength },
          })
        : promisify(gzip)(file.body, { level: 6 });
    file.compressed.set(encoding, made);
  }
  return made;
}

function chooseEncoding(accepted: string): Encoding | undefined {
  if (/\bbr\b(?!\s*;\s*q=0(?:\.0*)?(?:,|$))/.test(accepted)) return "br";
  return /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?(?:,|$))/.test(accepted) ? "gzip" : undefined;
}

function matchesEtag(header: string | null, etag: string): boolean {
  return header !== null && header.split(",").some((entry) => entry.trim().replace(/^W\//, "") === etag);
}

async function listFiles(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
