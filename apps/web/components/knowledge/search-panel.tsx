"use client";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { SectionCard } from "@/components/ui/card";
import { ErrorNote } from "@/components/ui/error-state";
import { SearchInput } from "@/components/ui/search-input";
import { Skeleton } from "@/components/ui/skeleton";
import { useTRPC } from "@/lib/trpc";

/** Tries a question against the knowledge base, as an agent would. */
export function SearchPanel({ knowledgeBaseId }: { knowledgeBaseId: string }) {
  const trpc = useTRPC();
  const [text, setText] = useState("");
  const [query, setQuery] = useState("");
  const results = useQuery(trpc.knowledge.search.queryOptions({ id: knowledgeBaseId, query, limit: 5 }, { enabled: query !== "" }));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setQuery(text.trim());
  };
  return (
    <SectionCard title="Try a question" description="What an agent would find.">
      <form className="flex gap-2" onSubmit={submit}>
        <SearchInput
          className="flex-1"
          value={text}
          onChange={(event) => setText(event.target.value)}
          aria-label="Question"
          placeholder="How long does a transfer take?"
        />
        <Button type="submit" disabled={text.trim() === ""}>
          Search
        </Button>
      </form>
      <div className="mt-3" aria-live="polite">
        <ErrorNote error={results.error} />
        {results.isLoading && <Skeleton className="h-16" />}
        {results.data?.length === 0 && (
          <p className="text-sm text-muted">Nothing fits. Add a document that answers this, or ask in other words.</p>
        )}
        <ol className="flex flex-col gap-2">
          {results.data?.map((passage) => (
            <li key={`${passage.documentId}.${passage.chunk}`} className="rounded-md border border-line bg-sunken px-3 py-2">
              <p className="flex items-center gap-2 text-xs text-muted">
                <span className="min-w-0 truncate font-medium text-fg">{passage.documentName}</span>
                {passage.section !== undefined && <span className="min-w-0 truncate">{passage.section}</span>}
                <Badge className="tabular ml-auto">{Math.round(passage.score * 100)} %</Badge>
              </p>
              <p className="mt-1 text-sm whitespace-pre-line">{passage.text}</p>
            </li>
          ))}
        </ol>
      </div>
    </SectionCard>
  );
}
