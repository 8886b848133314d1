"use client";
import type { WaitDecision, WaitResource } from "@heddle/schema";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Check, X } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { ErrorNote } from "@/components/ui/error-state";
import { toProblem } from "@/lib/problem";
import { useTRPC } from "@/lib/trpc";
import { useWorkspace } from "@/lib/workspace";
import { SchemaForm, startOfForm } from "./schema-form";

export interface DecisionProps {
  wait: WaitResource;
  onDecided?: (decision: WaitDecision["decision"]) => void;
}

/** Approves or rejects what a run waits for, with its form. Says when somebody was first. */
export function Decision({ wait, onDecided }: DecisionProps) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const { canEdit } = useWorkspace();
  const [values, setValues] = useState(() => startOfForm(wait.form));
  const refresh = () =>
    Promise.all([
      queries.invalidateQueries({ queryKey: trpc.approval.list.pathKey() }),
      queries.invalidateQueries({ queryKey: trpc.approval.ofExecution.pathKey() }),
      queries.invalidateQueries({ queryKey: trpc.execution.pathKey() }),
    ]);
  const decide = useMutation(
    trpc.approval.decide.mutationOptions({
      onSuccess: (_, { decision }) => {
        onDecided?.(decision);
        void refresh();
      },
    }),
  );
  const isTooLate = decide.error !== null && toProblem(decide.error).code === "conflict";
  const choose = (decision: WaitDecision["decision"]) =>
    decide.mutate({ executionId: wait.executionId, key: wait.key, decision, values: decision === "approve" ? values : filled(values) });
  const chosen = decide.isPending ? decide.variables.decision : undefined;
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (canEdit && !isTooLate) choose("approve");
      }}
    >
      {wait.message !== undefined && wait.message !== "" && <p className="whitespace-pre-wrap break-words text-sm">{wait.message}</p>}
      {wait.form !== undefined && (
        <SchemaForm schema={wait.form} value={values} onChange={setValues} isDisabled={!canEdit || isTooLate || decide.isPending} />
      )}
      <ErrorNote error={decide.error} />
      {isTooLate ? (
        <Button asChild className="self-start" onClick={() => void refresh()}>
          <Link href={`/executions/view?id=${wait.executionId}`}>Look at the run</Link>
        </Button>
      ) : canEdit ? (
        <div className="flex flex-wrap items-center gap-2">
          <Button type="submit" variant="primary" isBusy={chosen === "approve"} disabled={decide.isPending}>
            <Check aria-hidden />
            Approve
          </Button>
          <Button type="button" isBusy={chosen === "reject"} disabled={decide.isPending} onClick={() => choose("reject")}>
            <X aria-hidden />
            Reject
          </Button>
          <p className="text-xs text-muted">The run goes on at once, by the branch of your decision.</p>
        </div>
      ) : (
        <p className="text-sm text-muted">You may look at this workspace. A member can decide.</p>
      )}
    </form>
  );
}

/** What was filled in before rejecting; a rejection may leave fields empty. */
function filled<T>(values: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== "" && value !== undefined));
}
