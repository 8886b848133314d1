"use client";
import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { Button, type ButtonProps } from "./button";

export interface CopyButtonProps extends Omit<ButtonProps, "value" | "onClick"> {
  value: string;
  /** What is copied, for screen readers: "address". */
  what: string;
}

/** Copies a text and says so. Without children it is an icon. */
export function CopyButton({ value, what, children, size, variant = "ghost", ...props }: CopyButtonProps) {
  const [isCopied, setIsCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setIsCopied(false), 1_500);
    return () => clearTimeout(timer);
  }, [isCopied]);
  const copy = () => void navigator.clipboard.writeText(value).then(() => setIsCopied(true));
  return (
    <Button
      variant={variant}
      size={size ?? (children === undefined ? "iconSm" : "sm")}
      aria-label={`Copy ${what}`}
      onClick={copy}
      {...props}
    >
      {isCopied ? <Check className="text-ok" aria-hidden /> : <Copy aria-hidden />}
      {children}
      <span role="status" className="sr-only">
        {isCopied ? "Copied" : ""}
      </span>
    </Button>
  );
}
