import type { Metadata } from "next";
import { ApiReference } from "@/components/api-reference/api-reference";

export const metadata: Metadata = { title: "API reference" };

function Code({ children }: { children: string }) {
  return <code className="break-words font-mono text-xs">{children}</code>;
}

export default function ApiReferencePage() {
  return (
    <>
      <h1 className="mt-10 text-2xl font-semibold tracking-tight">API reference</h1>
      <p className="mt-2 max-w-prose text-base text-muted">
        Everything the pages do can be done by a program. Make a key under API keys, send it as a bearer token, and call a deployed agent.
        Lists answer <code className="font-mono text-xs">items</code> and <code className="font-mono text-xs">nextCursor</code>; send that
        back as <code className="font-mono text-xs">cursor</code> for the next page. Errors are problem documents with a stable{" "}
        <code className="font-mono text-xs">code</code>. The same in a file:{" "}
        <a href="/api/openapi.json" className="text-accent-text underline underline-offset-3">
          openapi.json
        </a>
        .
      </p>
      <h2 className="mt-8 text-lg font-semibold tracking-tight">Live events</h2>
      <p className="mt-2 max-w-prose text-base text-muted">
        A run tells what it does while it does it: <Code>agent.execution.started</Code>, <Code>progress</Code>, <Code>waiting</Code>, and{" "}
        <Code>completed</Code> or <Code>failed</Code> at its end. Read them as server-sent events from{" "}
        <Code>/api/executions/ID/events</Code>, or those of all runs of an agent from <Code>/api/agents/ID/events</Code>. After a connection
        broke, send the id of the last event as <Code>Last-Event-ID</Code>, and nothing is missed and nothing comes twice.
      </p>
      <p className="mt-2 max-w-prose text-base text-muted">
        One WebSocket at <Code>/api/ws</Code> watches many of them: send <Code>{`{"type":"subscribe","executionId":"ID"}`}</Code> or the
        same with an <Code>agentId</Code>. To go on where you were, add a <Code>lastEventId</Code>: the <Code>id</Code> of a run’s last
        message, the <Code>cursor</Code> of an agent’s.
      </p>
      <ApiReference />
    </>
  );
}
