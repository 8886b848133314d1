"use client";
import type { ReactNode } from "react";
import { Toaster } from "@/components/ui/toaster";
import { TooltipProvider } from "@/components/ui/tooltip";
import { ApiProvider } from "@/lib/trpc";

/** What every page stands on. */
export function Providers({ children }: { children: ReactNode }) {
  return (
    <ApiProvider>
      <TooltipProvider delayDuration={400} skipDelayDuration={200}>
        {children}
      </TooltipProvider>
      <Toaster />
    </ApiProvider>
  );
}
