"use client";
import { ChevronRight } from "lucide-react";
import { Collapsible } from "radix-ui";
import { type ReactNode, useState } from "react";

/** A folded part of the inspector. Opens by itself when `isOpenAtFirst` becomes true. */
export function Disclosure({ title, isOpenAtFirst = false, children }: { title: string; isOpenAtFirst?: boolean; children: ReactNode }) {
  const [isOpen, setIsOpen] = useState(isOpenAtFirst);
  const [wanted, setWanted] = useState(isOpenAtFirst);
  if (wanted !== isOpenAtFirst) {
    setWanted(isOpenAtFirst);
    if (isOpenAtFirst) setIsOpen(true);
  }
  return (
    <Collapsible.Root open={isOpen} onOpenChange={setIsOpen} className="border-t border-line">
      <Collapsible.Trigger className="group flex h-10 w-full items-center gap-1.5 px-4 text-left text-xs font-medium text-muted hover:text-fg focus-visible:-outline-offset-2">
        <ChevronRight className="size-3.5 text-subtle transition-transform duration-100 group-data-[state=open]:rotate-90" aria-hidden />
        {title}
      </Collapsible.Trigger>
      <Collapsible.Content className="px-4 pb-4 pt-1">{children}</Collapsible.Content>
    </Collapsible.Root>
  );
}
