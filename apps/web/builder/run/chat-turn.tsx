"use client";
import type { Json } from "@heddle/schema";
import { ChevronRight, CircleAlert, FileText, WifiOff } from "lucide-react";
import { Collapsible } from "radix-ui";
import { CodeBlock } from "@/components/ui/code-block";
import { answerSources } from "../model/answer-sources.ts";
import { jsonText } from "../model/json-text.ts";
import { answerText, isUnderWay, type RunState } from "../model/run-state.ts";
import { useBuilder } from "../store/builder-context";
import type { ChatTurn } from "../store/chat-store";
import { RunWaits } from "./run-waits";
import { StepList } from "./step-list";

/** A question and its answer: text as it is written, then the output, and the trace below. */
export function ChatTurnView({ turn }: { turn: ChatTurn }) {
  const live = useBuilder((state) => state.run);
  const run = turn.run ?? live;
  return (
    <div className="flex flex-col gap-2.5">
      <p className="max-w-[85%] self-end whitespace-pre-wrap break-words rounded-lg rounded-br-xs bg-accent-soft px-3 py-2 text-sm">
        {turn.question}
      </p>
      {run !== undefined && <Answer run={run} />}
    </div>
  );
}

function Answer({ run }: { run: RunState }) {
  const isDone = run.status === "completed";
  return (
    <div className="flex min-w-0 flex-col gap-2">
      {isDone ? (
        <Output output={run.output ?? null} />
      ) : (
        run.streamed !== undefined && <p className="whitespace-pre-wrap break-words text-sm">{run.streamed.text}</p>
      )}
      <RunWaits run={run} />
      <ConnectionNotice run={run} />
      {run.problem !== undefined && <RunProblem problem={run.problem} />}
      <StepList run={run} />
    </div>
  );
}

/** An output as people read it: its text; JSON is folded away where there is a text to read. */
export function Output({ output }: { output: Json }) {
  const text = answerText(output);
  if (output === null) return <p className="text-sm text-muted">The run ended without an output. Add a Reply node to answer.</p>;
  if (typeof output === "string") return <p className="whitespace-pre-wrap break-words text-sm">{output}</p>;
  if (text === undefined) return <CodeBlock code={jsonText(output)} label="Output" />;
  return (
    <>
      <p className="whitespace-pre-wrap break-words text-sm">{text}</p>
      <Sources output={output} />
      <Collapsible.Root>
        <Collapsible.Trigger className="group -ml-1 flex h-6 items-center gap-1 rounded-sm px-1 text-xs text-muted hover:text-fg">
          <ChevronRight className="size-3.5 transition-transform duration-100 group-data-[state=open]:rotate-90" aria-hidden />
          Whole output
        </Collapsible.Trigger>
        <Collapsible.Content className="mt-1">
          <CodeBlock code={jsonText(output)} label="Output" />
        </Collapsible.Content>
      </Collapsible.Root>
    </>
  );
}

/** What the answer was taken from, so that people can check it. */
function Sources({ output }: { output: Json }) {
  const sources = answerSources(output);
  if (sources.length === 0) return null;
  return (
    <ul aria-label="Sources" className="flex flex-col gap-1">
      {sources.map(({ document, section }) => (
        <li key={`${document} ${section ?? ""}`} className="flex items-start gap-1.5 text-xs text-muted">
          <FileText className="mt-0.5 size-3 shrink-0" aria-hidden />
          <span className="min-w-0 break-words">{section ?? document}</span>
        </li>
      ))}
    </ul>
  );
}

/** Says that what is shown may be late, while the connection is looked for. The region stays, so that it is read out. */
export function ConnectionNotice({ run }: { run: RunState }) {
  const isShown = run.isReconnecting && isUnderWay(run);
  return (
    <p role="status" className={isShown ? "flex items-center gap-1.5 text-xs text-muted" : "sr-only"}>
      {isShown && (
        <>
          <WifiOff className="size-3.5 shrink-0" aria-hidden />
          The connection broke. The run goes on; reconnecting…
        </>
      )}
    </p>
  );
}

export function RunProblem({ problem }: { problem: NonNullable<RunState["problem"]> }) {
  if (problem.code === "run_cancelled") return <p className="text-sm text-muted">Stopped.</p>;
  return (
    <div role="alert" className="flex gap-2 rounded-md border border-bad-line bg-bad-soft px-2.5 py-2 text-sm">
      <CircleAlert className="mt-0.5 size-4 shrink-0 text-bad" aria-hidden />
      <div className="min-w-0">
        <p className="break-words">{problem.detail}</p>
        {problem.hint !== undefined && <p className="text-muted">{problem.hint}</p>}
        <p className="font-mono text-2xs text-subtle">{problem.code}</p>
      </div>
    </div>
  );
}
