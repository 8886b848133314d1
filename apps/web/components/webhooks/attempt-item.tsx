import type { WebhookAttempt } from "@heddle/schema";
import { ChevronRight } from "lucide-react";
import { Badge } from "@/components/ui/badge";
import { CodeBlock } from "@/components/ui/code-block";
import { formatDuration, formatTime } from "@/lib/format";

/** One attempt: what came back, and the headers of both sides. */
export function AttemptItem({ attempt, isOpen }: { attempt: WebhookAttempt; isOpen: boolean }) {
  const { number, startedAt, duration, responseStatus, responseHeaders, responseBody, isBodyCut, requestHeaders, error } = attempt;
  return (
    <li className="rounded-md border border-line">
      <details open={isOpen} className="group">
        <summary className="flex cursor-pointer list-none flex-wrap items-center gap-2 rounded-md px-3 py-2 text-sm hover:bg-hover [&::-webkit-details-marker]:hidden">
          <ChevronRight className="size-3.5 shrink-0 text-muted transition-transform duration-150 group-open:rotate-90" aria-hidden />
          <span className="font-medium">Attempt {number}</span>
          <Badge tone={error === null ? "ok" : "bad"}>{responseStatus ?? "No answer"}</Badge>
          <span className="tabular text-xs text-muted">
            {formatTime(startedAt)} · {formatDuration(duration)}
          </span>
        </summary>
        <div className="flex flex-col gap-3 border-t border-line p-3">
          {error !== null && <p className="text-sm text-bad">{error.message}</p>}
          {responseBody !== null && responseBody !== "" && (
            <Labelled label={isBodyCut ? "Answer, cut off" : "Answer"}>
              <CodeBlock code={responseBody} label={`Answer to attempt ${number}`} wraps />
            </Labelled>
          )}
          {responseHeaders !== null && (
            <Labelled label="Headers of the answer">
              <CodeBlock code={listed(responseHeaders)} label={`Headers of the answer to attempt ${number}`} wraps />
            </Labelled>
          )}
          <Labelled label="Headers of the request">
            <CodeBlock code={listed(requestHeaders)} label={`Headers of attempt ${number}`} wraps />
          </Labelled>
        </div>
      </details>
    </li>
  );
}

function Labelled({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <div>
      <p className="mb-1 text-xs font-medium text-muted">{label}</p>
      {children}
    </div>
  );
}

function listed(headers: Record<string, string>): string {
  return Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}`)
    .join("\n");
}
