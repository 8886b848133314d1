import type { TemplateResource } from "@heddle/schema";
import { ArrowRight } from "lucide-react";
import Link from "next/link";
import { Badge } from "@/components/ui/badge";
import { TemplateIcon } from "./template-icon";

/** One template in the gallery; the whole card is the link. */
export function TemplateCard({ template }: { template: TemplateResource }) {
  return (
    <li className="group relative flex flex-col rounded-lg border border-line bg-surface p-4 transition-[border-color,box-shadow] duration-100 hover:border-line-strong hover:shadow-sm">
      <div className="flex items-center justify-between">
        <span
          className="flex size-9 items-center justify-center rounded-md border border-accent-line bg-accent-soft text-accent-text"
          aria-hidden
        >
          <TemplateIcon name={template.icon} className="size-4.5" />
        </span>
        <Badge>{template.category}</Badge>
      </div>
      <h2 className="mt-3 text-base font-semibold tracking-tight">
        <Link
          href={`/templates/use?id=${template.id}`}
          className="after:absolute after:inset-0 after:rounded-lg focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:outline-accent"
        >
          {template.name}
        </Link>
      </h2>
      <p className="mt-1 flex-1 text-sm text-muted">{template.summary}</p>
      <p className="mt-3 flex items-center gap-1 text-xs font-medium text-accent-text">
        Use it
        <ArrowRight className="size-3.5 transition-transform duration-100 group-hover:translate-x-0.5" aria-hidden />
      </p>
    </li>
  );
}
