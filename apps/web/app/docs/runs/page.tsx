import type { Metadata } from "next";
import Link from "next/link";
import { DocsCode, DocsList, DocsPart, DocsText } from "@/components/docs/docs-part";

export const metadata: Metadata = { title: "Runs" };

const LINK = "text-accent-text underline underline-offset-3";

export default function RunDocsPage() {
  return (
    <>
      <h1 className="mt-10 text-2xl font-semibold tracking-tight">Runs</h1>
      <p className="mt-2 max-w-prose text-base text-muted">
        How a deployed agent is started, what happens when something fails, and what a run may use. What is accepted is never lost: it ends
        exactly once, whatever process or machine goes away meanwhile.
      </p>
      <div className="mt-8 flex flex-col gap-8">
        <DocsPart title="Three ways to call">
          <DocsList>
            <li>
              <DocsCode>POST /api/deployments/ID/execute</DocsCode> answers when the run has ended. A failure is told at once and not tried
              again.
            </li>
            <li>
              <DocsCode>?stream=1</DocsCode> streams what it does as server-sent events. After a connection broke, go on at{" "}
              <DocsCode>/api/executions/ID/events</DocsCode> with <DocsCode>Last-Event-ID</DocsCode>.
            </li>
            <li>
              <DocsCode>?async=1</DocsCode> answers 202 once the run is safely queued. <DocsCode>startAt</DocsCode> or{" "}
              <DocsCode>delayMs</DocsCode> puts it off. Webhooks, schedules and error handlers are queued in the same way.
            </li>
          </DocsList>
          <DocsText>
            With an <DocsCode>Idempotency-Key</DocsCode> of up to 255 characters, the same request within 24 hours leads to the same run.
            Another request under that key is refused with 422.
          </DocsText>
        </DocsPart>
        <DocsPart title="When something fails">
          <DocsList>
            <li>
              A queued run that fails for a passing reason is tried five times in all: after up to 1, 2, 4 and 8 seconds, and not before a{" "}
              <DocsCode>Retry-After</DocsCode>. It goes on at the step that failed; what was done is not done again.
            </li>
            <li>
              What has failed for good is kept for 14 days under{" "}
              <Link href="/executions/dead-letters" className={LINK}>
                dead letters
              </Link>{" "}
              and can be run again from there, once however often it is asked.
            </li>
            <li>A run whose process died goes on at its last step, at the latest 45 seconds later.</li>
            <li>
              A step can happen more than once after a crash. Calls of the HTTP node that change something carry an{" "}
              <DocsCode>Idempotency-Key</DocsCode> that stays the same, by which the other side can tell.
            </li>
            <li>An agent with an error trigger hears of the failures of others.</li>
          </DocsList>
        </DocsPart>
        <DocsPart title="Waiting">
          <DocsText>
            A wait node holds a run until a time, until a request to a one-time address, or until a person approves under{" "}
            <Link href="/approvals" className={LINK}>
              Approvals
            </Link>
            . Such a run uses no worker, however many days it takes, and its time does not count as time at work.
          </DocsText>
        </DocsPart>
        <DocsPart title="Schedules">
          <DocsText>
            A schedule trigger fires by a cron pattern and a time zone from when its agent is deployed. Each tick starts one run. Of ticks
            that were missed only the latest is made up for. A time that clocks skip fires at the end of the gap, one that comes twice fires
            once. A schedule can be paused on its deployment’s page.
          </DocsText>
        </DocsPart>
        <DocsPart title="What a run may use">
          <DocsList>
            <li>One hour at work, 1,000 steps outside of loops and 100,000 rounds in them; an agent’s settings can say otherwise.</li>
            <li>1 MiB for a request, 10 MiB for what one step gives.</li>
            <li>
              A value over 256 KiB is kept as a file. Lists and traces show its beginning and a link; the run itself and its answer have all
              of it.
            </li>
            <li>30 seconds for an HTTP request and 5 for code, unless the node says otherwise.</li>
            <li>
              Tokens, cost, executions in a month, runs at once and requests a minute as the{" "}
              <Link href="/settings/limits" className={LINK}>
                limits
              </Link>{" "}
              of the workspace and its agents say. Over a month’s cap the answer is 402, over a rate 429 with{" "}
              <DocsCode>Retry-After</DocsCode>.
            </li>
            <li>
              <DocsCode>POST /api/executions/ID/cancel</DocsCode> ends a run within five seconds.
            </li>
          </DocsList>
        </DocsPart>
        <DocsPart title="How long runs are kept">
          <DocsText>
            As many days as the plan says: free 7, pro 30, team 90, enterprise and self-hosted 365. They go by whole months, so a run is
            kept for up to a month longer. Counts for metrics stay for 400 days.
          </DocsText>
        </DocsPart>
      </div>
    </>
  );
}
