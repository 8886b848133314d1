import type { Metadata } from "next";
import Link from "next/link";
import { DocsCode, DocsPart } from "@/components/docs/docs-part";
import { BY_HAND, MESSAGE, WITH_LIBRARY } from "@/components/docs/webhook-examples";
import { CodeBlock } from "@/components/ui/code-block";
import { WEBHOOK_EVENTS } from "@/components/webhooks/webhook-events";

export const metadata: Metadata = { title: "Webhooks" };

export default function WebhookDocsPage() {
  return (
    <>
      <h1 className="mt-10 text-2xl font-semibold tracking-tight">Webhooks</h1>
      <p className="mt-2 max-w-prose text-base text-muted">
        Heddle posts a message to an address of yours when something happens to a run of a deployed agent. Messages follow{" "}
        <a href="https://www.standardwebhooks.com" className="text-accent-text underline underline-offset-3">
          Standard Webhooks
        </a>
        , so there are libraries for most languages. Set them up under{" "}
        <Link href="/webhooks" className="text-accent-text underline underline-offset-3">
          Webhooks
        </Link>
        .
      </p>
      <div className="mt-8 flex flex-col gap-8">
        <DocsPart title="What is sent">
          <CodeBlock code={MESSAGE} label="A message" />
          <dl className="grid gap-x-6 gap-y-1.5 text-sm sm:grid-cols-[max-content_minmax(0,1fr)]">
            {Object.entries(WEBHOOK_EVENTS).map(([event, { label, help }]) => (
              <div key={event} className="contents">
                <dt className="font-mono text-xs leading-5">{event}</dt>
                <dd className="mb-1 text-muted">
                  {label}. {help}.
                </dd>
              </div>
            ))}
          </dl>
          <p className="max-w-prose text-sm text-muted">
            An output of more than 16 KiB is left out and <DocsCode>isOutputOmitted</DocsCode> is true: fetch it with the execution’s id.
            Tests of drafts in the builder send nothing.
          </p>
        </DocsPart>
        <DocsPart title="Verify the signature">
          <p className="max-w-prose text-sm text-muted">
            Whoever knows the address can post to it, so check every message before you believe it. With the library for Node:
          </p>
          <CodeBlock code={WITH_LIBRARY} label="A receiver with the library" className="[&_pre]:max-h-none" />
          <p className="max-w-prose text-sm text-muted">
            By hand: the signature is the HMAC-SHA256 of <DocsCode>id.timestamp.body</DocsCode> under the secret’s bytes, which are the
            Base64 after <DocsCode>whsec_</DocsCode>.
          </p>
          <CodeBlock code={BY_HAND} label="A receiver without a library" className="[&_pre]:max-h-none" />
        </DocsPart>
        <DocsPart title="Answer">
          <ul className="flex max-w-prose list-disc flex-col gap-1.5 pl-5 text-sm text-muted marker:text-subtle">
            <li>Any 2xx within 20 seconds takes the message. Do slow work after you have answered.</li>
            <li>
              Anything else is tried again: after 5 seconds, 5 and 30 minutes, 2, 5, 10, 14, 20 and 24 hours, ten attempts in all.{" "}
              <DocsCode>Retry-After</DocsCode> is honoured. Redirects are not followed.
            </li>
            <li>
              410 turns the webhook off. So does a message that gave up when nothing had got through for five days. The page says which.
            </li>
            <li>
              A message can come more than once, always under the same <DocsCode>webhook-id</DocsCode>: remember the ids that you have
              handled.
            </li>
            <li>What gave up is kept as a dead letter for 30 days and can be sent again, one by one or all since a time.</li>
          </ul>
        </DocsPart>
        <DocsPart title="Change the secret">
          <p className="max-w-prose text-sm text-muted">
            For 24 hours after a rotation each message carries a signature of both secrets, so that a receiver with either is content. The
            libraries, and the code above, accept a message when any signature fits.
          </p>
        </DocsPart>
      </div>
    </>
  );
}
