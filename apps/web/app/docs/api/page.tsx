import type { Metadata } from "next";
import { ApiReference } from "@/components/api-reference/api-reference";

export const metadata: Metadata = { title: "API reference" };

export default function ApiReferencePage() {
  return (
    <>
      <h1 className="mt-10 text-2xl font-semibold tracking-tight">API reference</h1>
      <p className="mt-2 max-w-prose text-base text-muted">
        Everything the pages do can be done by a program. Make a key under API keys, send it as a bearer token, and call a deployed agent.
        Lists answer <code className="font-mono text-xs">items</code> and <code className="font-mono text-xs">nextCursor</code>; send that
        back as <code className="font-mono text-xs">cursor</code> for the next page. Errors are problem documents with a stable{" "}
        <code className="font-mono text-xs">code</code>. The same in a file:{" "}
        <a href="/api/openapi.json" className="text-accent-text underline underline-offset-3">
          openapi.json
        </a>
        .
      </p>
      <ApiReference />
    </>
  );
}
