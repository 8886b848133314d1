"use client";
import type { WaitResource } from "@heddle/schema";
import Link from "next/link";
import { toast } from "sonner";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { formatAgo } from "@/lib/format";
import { Decision } from "./decision";
import { Deadline } from "./waiting-for";

/** One thing to decide: what it is about, its form, and the two ways on. */
export function ApprovalDialog({ wait, onClose }: { wait: WaitResource | undefined; onClose: () => void }) {
  return (
    <Dialog open={wait !== undefined} onOpenChange={(isOpen) => !isOpen && onClose()}>
      {wait !== undefined && (
        <DialogContent
          title={wait.title ?? "An approval"}
          description={
            <>
              {wait.agentName ?? "A deleted agent"} asked {formatAgo(wait.createdAt)}.{" "}
              <Link href={`/executions/view?id=${wait.executionId}`} className="text-accent-text underline underline-offset-3">
                Look at the run
              </Link>
            </>
          }
        >
          <div className="mb-3">
            <Deadline wait={wait} />
          </div>
          <Decision
            wait={wait}
            onDecided={(decision) => {
              toast.success(decision === "approve" ? "Approved. The run goes on." : "Rejected. The run goes on by that branch.");
              onClose();
            }}
          />
        </DialogContent>
      )}
    </Dialog>
  );
}
