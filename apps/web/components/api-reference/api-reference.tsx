"use client";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { CodeBlock } from "@/components/ui/code-block";
import { EmptyState } from "@/components/ui/empty-state";
import { ErrorState } from "@/components/ui/error-state";
import { SearchInput } from "@/components/ui/search-input";
import { Skeleton } from "@/components/ui/skeleton";
import { groupOperations, type OpenApiDocument } from "@/lib/open-api";
import { rankMatches } from "@/lib/rank-matches";
import { rest } from "@/lib/rest";
import { OperationSection } from "./operation-section";

/** The reference, made in the page from the OpenAPI document that the server publishes. */
export function ApiReference() {
  const document = useQuery({ queryKey: ["openapi"], queryFn: () => rest<OpenApiDocument>("/api/openapi.json"), staleTime: Infinity });
  const [query, setQuery] = useState("");
  const groups = useMemo(() => {
    const all = document.data === undefined ? [] : groupOperations(document.data);
    return all
      .map(({ tag, operations }) => ({
        tag,
        operations: rankMatches(operations, query, ({ summary, path, method }) => `${summary} ${method} ${path}`),
      }))
      .filter(({ operations }) => operations.length > 0);
  }, [document.data, query]);

  if (document.error) return <ErrorState error={document.error} onRetry={document.refetch} />;
  if (document.data === undefined) return <ReferenceSkeleton />;
  const origin = document.data.servers[0]?.url ?? window.location.origin;
  return (
    <>
      <CodeBlock code={firstCall(origin)} label="Command for a first call" className="mt-5 max-w-3xl" />
      <div className="mt-6 flex gap-10">
        <nav aria-label="Operations" className="sticky top-6 hidden max-h-[calc(100dvh-3rem)] w-60 shrink-0 overflow-y-auto pb-6 lg:block">
          {groups.map(({ tag, operations }) => (
            <div key={tag} className="mb-4">
              <p className="mb-1 text-2xs font-medium text-subtle">{titleOf(tag)}</p>
              <ul>
                {operations.map((operation) => (
                  <li key={operation.operationId}>
                    <a
                      href={`#${operation.operationId}`}
                      className="block truncate rounded-sm px-1.5 py-1 text-xs text-muted hover:bg-hover hover:text-fg"
                    >
                      {operation.summary}
                    </a>
                  </li>
                ))}
              </ul>
            </div>
          ))}
        </nav>
        <div className="min-w-0 flex-1">
          <SearchInput
            value={query}
            onChange={(event) => setQuery(event.target.value)}
            aria-label="Search operations"
            placeholder="Search by what it does or its path"
            className="mb-6 max-w-sm"
          />
          {groups.length === 0 && <EmptyState title="No operation matches">Try a path such as “deployments”, or fewer words.</EmptyState>}
          {groups.map(({ tag, operations }) => (
            <div key={tag} className="mb-8">
              <h2 className="pb-3 text-lg font-semibold tracking-tight">{titleOf(tag)}</h2>
              {operations.map((operation) => (
                <OperationSection key={operation.operationId} operation={operation} origin={origin} />
              ))}
            </div>
          ))}
        </div>
      </div>
    </>
  );
}

function firstCall(origin: string): string {
  return [
    `curl -X POST '${origin}/api/deployments/DEPLOYMENT_ID/execute' \\`,
    `  -H "Authorization: Bearer $HEDDLE_KEY" \\`,
    `  -H 'Content-Type: application/json' \\`,
    `  -d '{"input":{"message":"My card still has not arrived"}}'`,
  ].join("\n");
}

/** `apiKeys` as people write it. */
function titleOf(tag: string): string {
  const words = tag.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return words.startsWith("api ") ? `API${words.slice(3)}` : words.charAt(0).toUpperCase() + words.slice(1);
}

function ReferenceSkeleton() {
  return (
    <div className="mt-6 flex flex-col gap-3" aria-busy>
      {[72, 48, 64, 40, 56].map((width) => (
        <Skeleton key={width} className="h-5" style={{ width: `${width}%` }} />
      ))}
    </div>
  );
}
