"use client";
import { checkTemplate, describeSchema } from "@heddle/expression";
import type { JsonSchema } from "@heddle/schema";
import { type KeyboardEvent, useId, useLayoutEffect, useMemo, useRef, useState } from "react";
import { fieldStyles } from "@/components/ui/input";
import { cn } from "@/lib/cn";
import { type Completion, completionsFor } from "../model/completions.ts";
import { InlineText } from "./docs-text";
import { markTemplate } from "../model/mark-template.ts";

export interface ExpressionFieldProps {
  id?: string;
  value: string;
  onChange: (value: string) => void;
  /** What expressions may read here; undefined where the field takes none. */
  scope: JsonSchema | undefined;
  placeholder?: string | undefined;
  /** More than 1 takes new lines. */
  rows?: number;
  isCode?: boolean;
  isDisabled?: boolean;
  "aria-label"?: string;
  "aria-describedby"?: string;
  "aria-invalid"?: boolean;
}

const METRICS = "px-2.5 py-[5px] text-sm leading-5 whitespace-pre-wrap break-words";

/**
 * A text field whose `{{ expressions }}` are tinted, completed and type-checked while they are typed. A transparent
 * textarea lies over a mirror of its text, which draws the tints and tells where the caret is.
 */
export function ExpressionField({
  value,
  onChange,
  scope,
  placeholder,
  rows = 1,
  isCode = false,
  isDisabled = false,
  id,
  ...aria
}: ExpressionFieldProps) {
  const listId = useId();
  const area = useRef<HTMLTextAreaElement>(null);
  const mirror = useRef<HTMLDivElement>(null);
  const [caret, setCaret] = useState<number>();
  const [index, setIndex] = useState(0);
  const [isDismissed, setIsDismissed] = useState(false);
  const check = useMemo(() => (scope === undefined ? undefined : checkTemplate(value, scope)), [value, scope]);
  const completion = useMemo(
    () => (scope === undefined || caret === undefined || isDismissed ? undefined : completionsFor(value, caret, scope)),
    [value, caret, scope, isDismissed],
  );
  const options = completion?.options ?? [];
  const isOpen = options.length > 0;
  // A name that is being chosen is no mistake yet.
  const problems = isOpen ? undefined : check?.problems;
  const pieces = useMemo(() => markTemplate(value, problems ?? []), [value, problems]);
  const pendingCaret = useRef<number>(undefined);

  useLayoutEffect(() => {
    const field = area.current;
    if (field === null) return;
    field.style.height = "0";
    field.style.height = `${Math.max(field.scrollHeight, rows * 20 + 10) + 2}px`;
    if (pendingCaret.current !== undefined) {
      field.setSelectionRange(pendingCaret.current, pendingCaret.current);
      pendingCaret.current = undefined;
    }
  }, [value, rows]);

  const accept = (option: Completion) => {
    if (completion === undefined || caret === undefined) return;
    const before = value.slice(0, completion.from) + option.insert;
    const after = value.slice(caret);
    const closing = after.trimStart().startsWith("}}") || !before.includes("{{") ? "" : " }}";
    onChange(before + (isInsideOpen(before, after) ? closing : "") + after);
    pendingCaret.current = before.length;
    setCaret(before.length);
    setIndex(0);
    setIsDismissed(!option.hasMore);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (isOpen && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      setIndex((index + (event.key === "ArrowDown" ? 1 : -1) + options.length) % options.length);
    } else if (isOpen && (event.key === "Enter" || event.key === "Tab")) {
      const option = options[Math.min(index, options.length - 1)];
      if (option !== undefined) {
        event.preventDefault();
        accept(option);
      }
    } else if (isOpen && event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      setIsDismissed(true);
    } else if (event.key === "Enter" && rows === 1 && !event.shiftKey) event.preventDefault();
  };
  const readCaret = () => {
    const field = area.current;
    setCaret(
      field !== null && field === document.activeElement && field.selectionStart === field.selectionEnd ? field.selectionStart : undefined,
    );
  };
  const hasProblem = (problems?.length ?? 0) > 0;
  const face = isCode ? "font-mono text-xs!" : "";

  return (
    <div className="relative">
      <div className="relative rounded-md bg-surface">
        <div
          ref={mirror}
          aria-hidden
          className={cn("pointer-events-none absolute inset-px overflow-hidden rounded-[5px] text-transparent", METRICS, face)}
        >
          {pieces.map((piece, position) => (
            <span
              key={position}
              className={cn(
                piece.kind === "expression" && "rounded-xs bg-accent-soft shadow-[0_0_0_1px_var(--accent-line)]",
                piece.kind === "problem" && "rounded-xs bg-bad-soft shadow-[0_0_0_1px_var(--bad-line)]",
              )}
            >
              {piece.text}
            </span>
          ))}
        </div>
        <textarea
          {...aria}
          ref={area}
          id={id}
          rows={rows}
          value={value}
          placeholder={placeholder}
          disabled={isDisabled}
          spellCheck={!isCode && rows > 1}
          autoComplete="off"
          {...(hasProblem ? { "aria-invalid": true } : {})}
          {...(scope === undefined
            ? {}
            : {
                "aria-haspopup": "listbox" as const,
                "aria-autocomplete": "list" as const,
                "aria-controls": listId,
                ...(isOpen ? { "aria-activedescendant": `${listId}-${index}` } : {}),
              })}
          onChange={(event) => {
            onChange(rows === 1 ? event.target.value.replaceAll("\n", " ") : event.target.value);
            setIsDismissed(false);
            setIndex(0);
            setCaret(event.target.selectionStart);
          }}
          onKeyDown={onKeyDown}
          onKeyUp={readCaret}
          onClick={readCaret}
          onBlur={() => setCaret(undefined)}
          className={cn(fieldStyles, METRICS, face, "relative block resize-none overflow-hidden bg-transparent! shadow-none")}
        />
      </div>
      {isOpen && (
        <div
          id={listId}
          role="listbox"
          aria-label="Completions"
          className="absolute inset-x-0 top-full z-40 mt-1 max-h-56 overflow-y-auto rounded-lg border border-line-strong bg-surface p-1 shadow-lg"
        >
          {options.map((option, position) => (
            <button
              type="button"
              tabIndex={-1}
              key={option.label}
              id={`${listId}-${position}`}
              role="option"
              aria-selected={position === index}
              // The field must keep the focus.
              onMouseDown={(event) => {
                event.preventDefault();
                accept(option);
              }}
              ref={position === index ? scrollIntoSight : undefined}
              className={cn(
                "flex h-7 w-full items-center gap-3 rounded-md px-2 text-left font-mono text-xs",
                position === index && "bg-hover",
              )}
            >
              <span className="truncate">{option.label}</span>
              <span className="ml-auto shrink-0 font-sans text-2xs text-subtle">{option.type}</span>
            </button>
          ))}
        </div>
      )}
      {check !== undefined && hasProblem && !isOpen && (
        <p className="mt-1 text-xs text-bad">
          <InlineText text={check.problems[0]?.message ?? ""} />
        </p>
      )}
      {check !== undefined && !hasProblem && caret !== undefined && !isOpen && value.includes("{{") && (
        <p className="mt-1 text-2xs text-subtle">Gives {describeSchema(check.type)}</p>
      )}
    </div>
  );
}

function scrollIntoSight(element: HTMLElement | null): void {
  void element?.scrollIntoView({ block: "nearest" });
}

/** Whether what is before the caret has opened an expression that what is after does not close. */
function isInsideOpen(before: string, after: string): boolean {
  const open = before.lastIndexOf("{{");
  if (open === -1 || before.indexOf("}}", open) !== -1) return false;
  const close = after.indexOf("}}");
  const next = after.indexOf("{{");
  return close === -1 || (next !== -1 && next < close);
}
