"use client";
import { executionStatus, type ExecutionStatus } from "@heddle/schema";
import Link from "next/link";
import { useSearchParams } from "next/navigation";
import { useState } from "react";
import { ExecutionTable } from "@/components/executions/execution-table";
import { Button } from "@/components/ui/button";
import { Page, PageHeader } from "@/components/ui/page-header";
import { Select } from "@/components/ui/select";

const ALL = "all";
const LABELS: Record<ExecutionStatus, string> = {
  PENDING: "Pending",
  RUNNING: "Running",
  WAITING: "Waiting",
  COMPLETED: "Completed",
  FAILED: "Failed",
  CANCELLED: "Cancelled",
};

export default function ExecutionsPage() {
  const agentId = useSearchParams().get("agent") ?? undefined;
  const [status, setStatus] = useState<ExecutionStatus>();
  const choose = (value: string) => setStatus(executionStatus.options.find((option) => option === value));
  return (
    <Page>
      <PageHeader
        title="Executions"
        description={agentId === undefined ? "Every run, with all its steps." : "Every run of one agent, with all its steps."}
        actions={
          <>
            <Button asChild variant="ghost">
              <Link href="/executions/dead-letters">Dead letters</Link>
            </Button>
            <Select
              aria-label="Status"
              className="w-40"
              value={status ?? ALL}
              onValueChange={choose}
              options={[{ value: ALL, label: "Any status" }, ...executionStatus.options.map((value) => ({ value, label: LABELS[value] }))]}
            />
          </>
        }
      />
      <ExecutionTable {...(agentId === undefined ? {} : { agentId })} {...(status === undefined ? {} : { status })} />
    </Page>
  );
}
