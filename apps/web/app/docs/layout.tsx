import Link from "next/link";
import type { ReactNode } from "react";
import { Logo } from "@/components/shell/logo";
import { Button } from "@/components/ui/button";

/** The frame of the documentation: open to everyone, no session needed. */
export default function DocsLayout({ children }: { children: ReactNode }) {
  return (
    <div className="mx-auto w-full max-w-6xl px-4 py-6 sm:px-8">
      <header className="flex flex-wrap items-center justify-between gap-2">
        <Link href="/" aria-label="Heddle, home page" className="rounded-md">
          <Logo />
        </Link>
        <nav aria-label="Documentation" className="flex flex-wrap items-center gap-1">
          <Button asChild variant="ghost">
            <Link href="/docs/nodes">Nodes</Link>
          </Button>
          <Button asChild variant="ghost">
            <Link href="/docs/runs">Runs</Link>
          </Button>
          <Button asChild variant="ghost">
            <Link href="/docs/api">API</Link>
          </Button>
          <Button asChild variant="ghost">
            <Link href="/docs/webhooks">Webhooks</Link>
          </Button>
          <Button asChild variant="ghost">
            <Link href="/docs/errors">Errors</Link>
          </Button>
          <Button asChild variant="ghost">
            <Link href="/docs/operation">Operation</Link>
          </Button>
          <Button asChild>
            <Link href="/agents">Your agents</Link>
          </Button>
        </nav>
      </header>
      <main>{children}</main>
    </div>
  );
}
