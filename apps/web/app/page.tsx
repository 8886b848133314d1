import { ArrowRight, BookOpen } from "lucide-react";
import Link from "next/link";
import { Features } from "@/components/landing/features";
import { FlowPicture } from "@/components/landing/flow-picture";
import { Logo } from "@/components/shell/logo";
import { Button } from "@/components/ui/button";

/** The front door: what Heddle is, in one screen, and the way in. */
export default function Landing() {
  return (
    <div className="min-h-dvh">
      <header className="mx-auto flex h-14 w-full max-w-6xl items-center justify-between px-4 sm:px-8">
        <Logo />
        <nav aria-label="Main" className="flex items-center gap-1">
          <Button asChild variant="ghost">
            <Link href="/docs/api">API</Link>
          </Button>
          <Button asChild variant="ghost">
            <Link href="/sign-in">Sign in</Link>
          </Button>
        </nav>
      </header>
      <main className="mx-auto w-full max-w-6xl px-4 pb-20 sm:px-8">
        <section className="pb-12 pt-14 text-center sm:pt-20">
          <h1 className="mx-auto max-w-3xl text-balance text-[34px] leading-[1.12] font-semibold tracking-tight sm:text-[46px]">
            AI agents you can draw, test and put to work today
          </h1>
          <p className="mx-auto mt-5 max-w-xl text-pretty text-lg text-muted">
            Heddle runs on your own machine. Start from a template, teach it with your own examples, watch every step it takes, and call it
            from any program. No model key is needed to begin.
          </p>
          <div className="mt-8 flex flex-wrap items-center justify-center gap-3">
            <Button asChild variant="primary" size="lg">
              <Link href="/sign-up">
                Create your account
                <ArrowRight aria-hidden />
              </Link>
            </Button>
            <Button asChild size="lg">
              <Link href="/docs/api">
                <BookOpen aria-hidden />
                Read the API
              </Link>
            </Button>
          </div>
        </section>
        <FlowPicture />
        <Features />
      </main>
      <footer className="border-t border-line">
        <p className="mx-auto w-full max-w-6xl px-4 py-6 text-xs text-muted sm:px-8">Heddle is open source under the Apache License 2.0.</p>
      </footer>
    </div>
  );
}
