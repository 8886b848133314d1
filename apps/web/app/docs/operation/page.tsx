import type { Metadata } from "next";
import { DocsCode, DocsList, DocsPart, DocsText } from "@/components/docs/docs-part";
import { CodeBlock } from "@/components/ui/code-block";

export const metadata: Metadata = { title: "Operation" };

const PROCESSES = `export DATABASE_URL=postgres://owner:…@db/heddle REDIS_URL=redis://cache HEDDLE_SECRET_KEY=…

HEDDLE_ROLES=web,scheduler PORT=3000 npm start
HEDDLE_ROLES=gateway       PORT=3001 npm start
HEDDLE_ROLES=worker        PORT=3002 npm start   # as many as you like`;

const METRICS = {
  heddle_queue_depth: "executions that a worker may take now",
  heddle_queue_oldest_seconds: "how long the oldest of them has been due",
  heddle_queue_delayed: "executions that may be taken later",
  heddle_worker_running: "executions of the queue that this process runs",
  heddle_worker_slots: "executions of the queue that it may run at once",
  heddle_worker_runs_total: "executions of the queue that it has taken",
};

export default function OperationDocsPage() {
  return (
    <>
      <h1 className="mt-10 text-2xl font-semibold tracking-tight">Operation</h1>
      <p className="mt-2 max-w-prose text-base text-muted">
        For whoever runs Heddle. One process does everything; more share the work. Every setting is listed in the README.
      </p>
      <div className="mt-8 flex flex-col gap-8">
        <DocsPart title="Several processes">
          <CodeBlock code={PROCESSES} label="Processes with roles of their own" />
          <DocsList>
            <li>
              <DocsCode>web</DocsCode> serves the pages and the API that manages things, <DocsCode>gateway</DocsCode> answers calls of
              deployed agents and incoming webhooks, <DocsCode>worker</DocsCode> takes queued runs, <DocsCode>scheduler</DocsCode> fires
              schedules and hands events on. Any number of each is right, on any number of machines.
            </li>
            <li>
              A proxy sends <DocsCode>/api/deployments/*/execute</DocsCode> and <DocsCode>/api/hooks/*</DocsCode> to gateways, and the rest
              to web. Asking how a run went, <DocsCode>/api/executions/ID</DocsCode> and its <DocsCode>/events</DocsCode>, works at both,
              and so does answering a run that waits, <DocsCode>/api/waits/*</DocsCode>.
            </li>
            <li>
              All need the same <DocsCode>DATABASE_URL</DocsCode> and <DocsCode>HEDDLE_SECRET_KEY</DocsCode>, and on several machines a
              bucket for large values (<DocsCode>HEDDLE_S3_BUCKET</DocsCode>).
            </li>
          </DocsList>
        </DocsPart>
        <DocsPart title="The queue">
          <DocsText>
            PostgreSQL is the truth: an accepted run is a row there. Workers are told of it by hints, in Redis where{" "}
            <DocsCode>REDIS_URL</DocsCode> is set and else in PostgreSQL. Losing Redis delays runs and loses none: every 15 seconds a sweep
            finds what is due. Workspaces take turns, so a long queue of one holds up no other.
          </DocsText>
        </DocsPart>
        <DocsPart title="Stopping, dying, and a database that is away">
          <DocsList>
            <li>
              SIGTERM takes nothing new and lets runs end for 25 seconds; the rest goes on in another process, or after the next start.
            </li>
            <li>
              A process that falls silent loses its runs to others after <DocsCode>HEDDLE_LEASE_SECONDS</DocsCode>; should it come back,
              what it still writes of them is refused.
            </li>
            <li>While PostgreSQL is away requests get 503 within two seconds. Nothing has to be restarted when it is back.</li>
          </DocsList>
        </DocsPart>
        <DocsPart title="Health and metrics">
          <DocsText>
            <DocsCode>/api/health</DocsCode> says that the process is alive, <DocsCode>/api/ready</DocsCode> that it can serve requests.{" "}
            <DocsCode>/api/metrics</DocsCode> is for Prometheus, and for autoscaling of workers: this machine may read it, or whoever sends{" "}
            <DocsCode>HEDDLE_METRICS_TOKEN</DocsCode> as a bearer token where one is set.
          </DocsText>
          <dl className="grid gap-x-6 gap-y-1.5 text-sm sm:grid-cols-[max-content_minmax(0,1fr)]">
            {Object.entries(METRICS).map(([name, help]) => (
              <div key={name} className="contents">
                <dt className="font-mono text-xs leading-5">{name}</dt>
                <dd className="mb-1 text-muted">{help}</dd>
              </div>
            ))}
          </dl>
        </DocsPart>
        <DocsPart title="What is stored where">
          <DocsList>
            <li>The database: everything but large values. Back it up as you back up any PostgreSQL.</li>
            <li>
              The data folder or the bucket: values over 256 KiB, as secret as the runs they belong to. Without{" "}
              <DocsCode>HEDDLE_SECRET_KEY</DocsCode> the data folder also has the generated key, without which stored credentials can’t be
              read: back it up too.
            </li>
            <li>Redis: hints, live events of the last hour and counters of the last minute. Nothing in it has to be kept.</li>
          </DocsList>
        </DocsPart>
      </div>
    </>
  );
}
