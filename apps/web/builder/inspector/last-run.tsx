"use client";
import type { AgentNode, Json } from "@heddle/schema";
import { Pin, PinOff } from "lucide-react";
import { Button } from "@/components/ui/button";
import { CodeBlock } from "@/components/ui/code-block";
import { jsonText } from "../model/json-text.ts";
import { StepDetails } from "../run/step-details";
import { useBuilder, useBuilderStore } from "../store/builder-context";

/** What the node did in the run that is shown, and its pinned output. */
export function LastRun({ node }: { node: AgentNode }) {
  const store = useBuilderStore();
  const canEdit = useBuilder((state) => state.canEdit);
  const run = useBuilder((state) => state.run);
  const steps = run?.steps.filter((step) => step.nodeId === node.id) ?? [];
  const output = steps.findLast((step) => step.output !== undefined && !step.key.includes("/"))?.output;
  const pin = (value: Json | null) => store.getState().patchNode(node.id, { pinnedOutput: value });
  return (
    <div className="flex flex-col gap-4">
      {node.pinnedOutput !== undefined && (
        <div className="rounded-md border border-warn-line bg-warn-soft p-2.5">
          <p className="mb-2 flex items-center gap-2 text-xs text-warn">
            <Pin className="size-3.5 shrink-0" aria-hidden />
            Test runs use this output and do not run the node.
            {canEdit && (
              <Button size="sm" variant="ghost" className="ml-auto" onClick={() => pin(null)}>
                <PinOff aria-hidden />
                Unpin
              </Button>
            )}
          </p>
          <CodeBlock code={jsonText(node.pinnedOutput)} label="Pinned output" />
        </div>
      )}
      {steps.length === 0 && (
        <p className="text-sm text-muted">
          {run === undefined ? "Run a test to see what this node receives and gives." : "This node did not run."}
        </p>
      )}
      {steps.map((step) => (
        <StepDetails key={step.key} step={step} />
      ))}
      {canEdit && output !== undefined && node.pinnedOutput === undefined && (
        <Button size="sm" className="self-start" onClick={() => pin(output)}>
          <Pin aria-hidden />
          Pin this output
        </Button>
      )}
    </div>
  );
}
