"use client";
import { Menu } from "lucide-react";
import { type ReactNode, useState } from "react";
import { UsageBanner } from "@/components/limits/usage-banner";
import { Button } from "@/components/ui/button";
import { Sheet, SheetContent, SheetTrigger } from "@/components/ui/sheet";
import { CommandPalette } from "./command-palette";
import { Logo } from "./logo";
import { Sidebar } from "./sidebar";

/** The frame around every page of a workspace: sidebar at the side, or behind a button where it is narrow. */
export function AppShell({ children }: { children: ReactNode }) {
  const [isMenuOpen, setIsMenuOpen] = useState(false);
  return (
    <div className="flex min-h-dvh">
      <a
        href="#main"
        className="sr-only z-70 rounded-md bg-accent px-3 py-1.5 text-accent-fg focus:not-sr-only focus:fixed focus:left-3 focus:top-3"
      >
        Skip to content
      </a>
      <aside className="sticky top-0 hidden h-dvh w-58 shrink-0 border-r border-line bg-sunken md:block">
        <Sidebar />
      </aside>
      <div className="flex min-w-0 flex-1 flex-col">
        <div className="sticky top-0 z-30 flex h-12 items-center gap-2 border-b border-line bg-background px-3 md:hidden">
          <Sheet open={isMenuOpen} onOpenChange={setIsMenuOpen}>
            <SheetTrigger asChild>
              <Button variant="ghost" size="icon" aria-label="Menu">
                <Menu aria-hidden />
              </Button>
            </SheetTrigger>
            <SheetContent side="left" title="Menu" hidesTitle className="bg-sunken">
              <Sidebar onNavigate={() => setIsMenuOpen(false)} />
            </SheetContent>
          </Sheet>
          <Logo />
        </div>
        <UsageBanner />
        <main id="main" tabIndex={-1} className="min-w-0 flex-1 focus:outline-none">
          {children}
        </main>
      </div>
      <CommandPalette />
    </div>
  );
}
