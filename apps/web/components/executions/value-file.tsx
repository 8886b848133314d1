import type { ValueFile as File } from "@heddle/schema";
import { Download } from "lucide-react";
import { Button } from "@/components/ui/button";
import { CodeBlock } from "@/components/ui/code-block";
import { formatBytes } from "@/lib/format";

/** A value that is too large to show: how it begins, and all of it as a file. */
export function ValueFile({ file: { url, bytes, preview }, label }: { file: File; label: string }) {
  return (
    <div className="flex flex-col gap-2">
      <p className="flex flex-wrap items-center justify-between gap-2 text-xs text-muted">
        <span>{formatBytes(bytes)} of JSON, of which this is the beginning</span>
        <Button asChild variant="secondary" size="sm">
          <a href={url} download aria-label={`Download: ${label}`}>
            <Download aria-hidden /> Download
          </a>
        </Button>
      </p>
      <CodeBlock code={`${preview}…`} label={label} wraps />
    </div>
  );
}
