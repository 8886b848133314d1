"use client";
import { CircleAlert, CircleCheck, TriangleAlert } from "lucide-react";
import { EmptyState } from "@/components/ui/empty-state";
import { InlineText } from "../inspector/docs-text";
import { useBuilder, useBuilderStore } from "../store/builder-context";

/** All that is wrong with the agent. A click leads to the node and the field. */
export function ProblemsPanel() {
  const store = useBuilderStore();
  const problems = useBuilder((state) => state.problems);
  const nodes = useBuilder((state) => state.nodesById);
  if (problems.length === 0)
    return (
      <EmptyState icon={<CircleCheck />} title="No problems">
        This agent can be deployed.
      </EmptyState>
    );
  const sorted = problems.toSorted((a, b) => Number(a.severity === "warning") - Number(b.severity === "warning"));
  return (
    <ul aria-label="Problems" className="py-1">
      {sorted.map((problem, index) => (
        <li key={index}>
          <button
            type="button"
            onClick={() => {
              if (problem.nodeId !== undefined) store.getState().reveal(problem.nodeId, problem.field ?? "params");
              else if (problem.edgeId !== undefined) {
                store.getState().select([], [problem.edgeId]);
                store.getState().setTab("configure");
              }
            }}
            className="flex w-full items-start gap-2.5 px-4 py-2 text-left hover:bg-hover focus-visible:-outline-offset-2"
          >
            {problem.severity === "error" ? (
              <CircleAlert className="mt-0.5 size-4 shrink-0 text-bad" aria-label="Problem" />
            ) : (
              <TriangleAlert className="mt-0.5 size-4 shrink-0 text-warn" aria-label="Warning" />
            )}
            <span className="min-w-0">
              {problem.nodeId !== undefined && (
                <span className="block truncate text-xs font-medium">{nodes.get(problem.nodeId)?.name ?? problem.nodeId}</span>
              )}
              <span className="block break-words text-sm text-muted">
                <InlineText text={problem.message} />
              </span>
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}
