"use client";
import { CircleAlert, FileText, Upload, X } from "lucide-react";
import { type DragEvent, useId, useRef, useState } from "react";
import { cn } from "@/lib/cn";
import { formatBytes } from "@/lib/format";
import { Button } from "./button";

/** What the server takes at most, so that nobody waits for an upload that is refused. */
const MAX_FILE_BYTES = 25 * 1024 * 1024;

export interface FileDropProps {
  files: readonly File[];
  onFiles: (files: File[]) => void;
  /** As in an `<input accept>`: ".csv,text/csv". */
  accept: string;
  isMultiple?: boolean;
  /** What may be dropped, and how large: "A CSV file, 25 MB at most". */
  hint: string;
  label: string;
  isDisabled?: boolean;
}

/** A place to drop files on, and a button for those who don't drag. Files that are too large are refused, with a sentence. */
export function FileDrop({ files, onFiles, accept, isMultiple = false, hint, label, isDisabled = false }: FileDropProps) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [isOver, setIsOver] = useState(false);
  const [refused, setRefused] = useState<File[]>([]);
  const take = (list: FileList | null) => {
    const { fitting: chosen = [], tooLarge = [] } = Object.groupBy(list ?? [], ({ size }) =>
      size > MAX_FILE_BYTES ? "tooLarge" : "fitting",
    );
    setRefused(tooLarge);
    if (chosen.length > 0) onFiles(isMultiple ? [...files, ...chosen] : chosen.slice(0, 1));
    if (input.current) input.current.value = "";
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setIsOver(false);
    if (!isDisabled) take(event.dataTransfer.files);
  };
  return (
    <div className="flex flex-col gap-2">
      <div
        onDragOver={(event) => {
          event.preventDefault();
          setIsOver(true);
        }}
        onDragLeave={() => setIsOver(false)}
        onDrop={drop}
        className={cn(
          "flex flex-col items-center rounded-lg border border-dashed border-line-strong bg-sunken px-4 py-6 text-center transition-colors duration-100",
          isOver && "border-accent bg-accent-soft",
        )}
      >
        <Upload className="size-5 text-subtle" aria-hidden />
        <Button size="sm" className="mt-3" disabled={isDisabled} onClick={() => input.current?.click()} aria-describedby={`${id}-hint`}>
          {label}
        </Button>
        <p id={`${id}-hint`} className="mt-2 text-xs text-muted">
          {hint}
        </p>
        <input
          ref={input}
          type="file"
          className="sr-only"
          tabIndex={-1}
          aria-label={label}
          accept={accept}
          multiple={isMultiple}
          onChange={(event) => take(event.target.files)}
        />
      </div>
      {refused.length > 0 && (
        <ul role="alert" className="flex flex-col gap-1 text-sm text-bad">
          {refused.map((file) => (
            <li key={file.name} className="flex gap-2">
              <CircleAlert className="mt-0.5 size-4 shrink-0" aria-hidden />
              {`${file.name} has ${formatBytes(file.size)}. A file can have ${formatBytes(MAX_FILE_BYTES)} at most; split it into smaller ones.`}
            </li>
          ))}
        </ul>
      )}
      {files.length > 0 && (
        <ul className="flex flex-col gap-1" aria-label="Chosen files">
          {files.map((file, index) => (
            <li
              key={`${file.name}-${index}`}
              className="flex h-8 items-center gap-2 rounded-md border border-line bg-surface pl-2.5 pr-1 text-sm"
            >
              <FileText className="size-3.5 shrink-0 text-subtle" aria-hidden />
              <span className="min-w-0 flex-1 truncate">{file.name}</span>
              <span className="shrink-0 text-xs text-muted">{formatBytes(file.size)}</span>
              <Button
                variant="ghost"
                size="iconXs"
                aria-label={`Remove ${file.name}`}
                disabled={isDisabled}
                onClick={() => onFiles(files.filter((_, at) => at !== index))}
              >
                <X aria-hidden />
              </Button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
