import { ERROR_CODES } from "@heddle/schema";
import type { Metadata } from "next";

export const metadata: Metadata = { title: "Error codes" };

/** Every error code, made from the list that the server itself answers from. */
export default function ErrorCodesPage() {
  return (
    <>
      <h1 className="mt-10 text-2xl font-semibold tracking-tight">Error codes</h1>
      <p className="mt-2 max-w-prose text-base text-muted">
        Every error is a problem document (RFC 9457). Its <code className="font-mono text-xs">code</code> keeps its meaning from version to
        version; <code className="font-mono text-xs">detail</code> says what happened and <code className="font-mono text-xs">hint</code>{" "}
        how to mend it.
      </p>
      <div className="mt-6 overflow-x-auto rounded-lg border border-line bg-surface" tabIndex={0} role="region" aria-label="Error codes">
        <table className="w-full min-w-2xl text-left text-sm">
          <thead>
            <tr className="border-b border-line text-xs text-muted">
              <th className="px-4 py-2 font-medium">Code</th>
              <th className="px-4 py-2 font-medium">Status</th>
              <th className="px-4 py-2 font-medium">What it means</th>
              <th className="px-4 py-2 font-medium">Trying again</th>
            </tr>
          </thead>
          <tbody className="divide-y divide-line">
            {Object.entries(ERROR_CODES).map(([code, { status, title, retryable }]) => (
              <tr key={code} id={code} className="scroll-mt-4 target:bg-accent-soft">
                <td className="px-4 py-2 font-mono text-xs">{code}</td>
                <td className="tabular px-4 py-2">{status}</td>
                <td className="px-4 py-2">{title}</td>
                <td className="px-4 py-2 text-muted">{retryable ? "may help" : "does not help"}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
