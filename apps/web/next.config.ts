import path from "node:path";
import type { NextConfig } from "next";
import { PHASE_DEVELOPMENT_SERVER } from "next/constants.js";

/**
 * Production builds are static files that apps/server serves from memory: nothing of Next.js runs where users' data is.
 * In development Next serves the pages and passes the API on to the running server.
 */
export default function config(phase: string): NextConfig {
  const isDevelopment = phase === PHASE_DEVELOPMENT_SERVER;
  const api = `http://localhost:${process.env["HEDDLE_API_PORT"] ?? "3000"}`;
  return {
    reactStrictMode: true,
    poweredByHeader: false,
    devIndicators: false,
    transpilePackages: ["@heddle/api", "@heddle/expression", "@heddle/graph", "@heddle/node-kit", "@heddle/nodes", "@heddle/schema"],
    turbopack: { root: path.join(import.meta.dirname, "../..") },
    // `npm run check` type-checks everything with TypeScript 7, whose package has no API for Next.js to call.
    typescript: { ignoreBuildErrors: true },
    ...(isDevelopment
      ? { rewrites: async () => [{ source: "/api/:path*", destination: `${api}/api/:path*` }] }
      : { output: "export" as const, images: { unoptimized: true } }),
  };
}
