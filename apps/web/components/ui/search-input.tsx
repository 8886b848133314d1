"use client";
import { Search } from "lucide-react";
import type { ComponentProps } from "react";
import { cn } from "@/lib/cn";
import { Input } from "./input";

/** A search field. Give it an `aria-label` that says what is searched. */
export function SearchInput({ className, ...props }: ComponentProps<"input">) {
  return (
    <div className={cn("relative", className)}>
      <Search className="pointer-events-none absolute left-2.5 top-1/2 size-3.5 -translate-y-1/2 text-subtle" aria-hidden />
      <Input
        type="search"
        className="pl-8 [&::-webkit-search-cancel-button]:appearance-none"
        autoComplete="off"
        spellCheck={false}
        {...props}
      />
    </div>
  );
}
