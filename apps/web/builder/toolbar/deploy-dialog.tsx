"use client";
import { CircleAlert, Rocket } from "lucide-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import Link from "next/link";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { CodeBlock } from "@/components/ui/code-block";
import { CopyButton } from "@/components/ui/copy-button";
import { Dialog, DialogClose, DialogContent, DialogFooter } from "@/components/ui/dialog";
import { ErrorNote } from "@/components/ui/error-state";
import { useTRPC } from "@/lib/trpc";
import { InlineText } from "../inspector/docs-text";
import { sampleInput, triggerOf } from "../model/sample-input.ts";
import { useBuilder, useBuilderStore } from "../store/builder-context";
import { useSaving } from "../store/saving-context";

/** Publishes the draft, and shows how to call it. Problems must be mended first. */
export function DeployDialog({ isOpen, onOpenChange }: { isOpen: boolean; onOpenChange: (isOpen: boolean) => void }) {
  return (
    <Dialog open={isOpen} onOpenChange={onOpenChange}>
      {isOpen && <Content onClose={() => onOpenChange(false)} />}
    </Dialog>
  );
}

function Content({ onClose }: { onClose: () => void }) {
  const store = useBuilderStore();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const { flush } = useSaving();
  const agentId = useBuilder((state) => state.agentId);
  const name = useBuilder((state) => state.name);
  const problems = useBuilder((state) => state.problems);
  const document = useBuilder((state) => state.document);
  const [unsaved, setUnsaved] = useState(false);
  const deploy = useMutation(trpc.agent.deploy.mutationOptions({ onSuccess: () => queryClient.invalidateQueries() }));
  const errors = problems.filter((problem) => problem.severity === "error");
  const start = async () => {
    const status = await flush();
    setUnsaved(status !== "saved");
    if (status === "saved") deploy.mutate({ id: agentId });
  };

  if (deploy.data !== undefined) {
    const { url, version } = deploy.data;
    return (
      <DialogContent title={`Version ${version} is live`} description={`“${name}” now answers at this address.`} size="lg">
        <div className="flex items-center gap-1 rounded-md border border-line bg-sunken py-1 pl-3 pr-1">
          <code className="min-w-0 flex-1 truncate font-mono text-xs">{url}</code>
          <CopyButton value={url} what="address" />
        </div>
        <h3 className="mb-1.5 mt-5 text-xs font-semibold">Call it</h3>
        <CodeBlock label="Command" wraps code={curlFor(url, JSON.stringify({ input: withExample(sampleInput(triggerOf(document))) }))} />
        <p className="mt-2 text-sm text-muted">
          Calls need a key.{" "}
          <Link href="/api-keys" className="text-accent-text underline underline-offset-2">
            Create an API key
          </Link>{" "}
          with the scope <span className="font-mono text-xs">write</span>.
        </p>
        <DialogFooter>
          <Button asChild>
            <Link href="/deployments">Deployments</Link>
          </Button>
          <DialogClose asChild>
            <Button variant="primary">Done</Button>
          </DialogClose>
        </DialogFooter>
      </DialogContent>
    );
  }
  if (errors.length > 0) {
    return (
      <DialogContent
        title="Mend this first"
        description={`${errors.length === 1 ? "One problem keeps" : `${errors.length} problems keep`} this agent from working when it is called.`}
      >
        <ul className="-mx-2 max-h-72 overflow-y-auto">
          {errors.map((problem, index) => (
            <li key={index}>
              <button
                type="button"
                className="flex w-full items-start gap-2 rounded-md px-2 py-1.5 text-left text-sm hover:bg-hover"
                onClick={() => {
                  onClose();
                  if (problem.nodeId !== undefined) store.getState().reveal(problem.nodeId, problem.field ?? "params");
                  else store.getState().setTab("problems");
                }}
              >
                <CircleAlert className="mt-0.5 size-4 shrink-0 text-bad" aria-hidden />
                <span>
                  <InlineText text={problem.message} />
                </span>
              </button>
            </li>
          ))}
        </ul>
      </DialogContent>
    );
  }
  return (
    <DialogContent
      title={`Deploy “${name}”`}
      description="Makes the draft the version that programs and people call. What is deployed stays as it is while you go on editing, and you can go back to an earlier version."
    >
      {problems.length > 0 && (
        <p className="text-sm text-warn">
          {problems.length === 1 ? "One warning" : `${problems.length} warnings`} in this draft. See the Problems tab.
        </p>
      )}
      {unsaved && (
        <p className="rounded-md border border-bad-line bg-bad-soft px-3 py-2 text-sm">
          The draft could not be saved, so it was not deployed. See beside the agent's name.
        </p>
      )}
      <ErrorNote error={deploy.error} />
      <DialogFooter>
        <DialogClose asChild>
          <Button>Cancel</Button>
        </DialogClose>
        <Button variant="primary" isBusy={deploy.isPending} onClick={() => void start()}>
          <Rocket aria-hidden />
          Deploy
        </Button>
      </DialogFooter>
    </DialogContent>
  );
}

function withExample(input: unknown): unknown {
  return typeof input === "object" && input !== null && "message" in input ? { ...input, message: "Where is my card?" } : input;
}

/** A command for a POSIX shell. */
function curlFor(url: string, body: string): string {
  return [
    `curl ${url} \\`,
    `  -H "Authorization: Bearer $HEDDLE_KEY" \\`,
    `  -H "Content-Type: application/json" \\`,
    `  -d '${body.replaceAll("'", String.raw`'\''`)}'`,
  ].join("\n");
}
