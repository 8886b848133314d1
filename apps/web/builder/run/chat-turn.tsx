"use client";
import type { Json } from "@heddle/schema";
import { CircleAlert } from "lucide-react";
import { CodeBlock } from "@/components/ui/code-block";
import { jsonText } from "../model/json-text.ts";
import { answerText, type RunState } from "../model/run-state.ts";
import { useBuilder } from "../store/builder-context";
import type { ChatTurn } from "../store/chat-store";
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
      {run.problem !== undefined && <RunProblem problem={run.problem} />}
      <StepList run={run} />
    </div>
  );
}

/** An output as people read it: its text, with the rest of the JSON below. */
export function Output({ output }: { output: Json }) {
  const text = answerText(output);
  const rest = typeof output === "string" ? undefined : output;
  return (
    <>
      {text !== undefined && <p className="whitespace-pre-wrap break-words text-sm">{text}</p>}
      {rest !== undefined && rest !== null && <CodeBlock code={jsonText(rest)} label="Output" />}
      {output === null && <p className="text-sm text-muted">The run ended without an output. Add a Reply node to answer.</p>}
    </>
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
