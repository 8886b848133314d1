import type { NodeCategory } from "@heddle/node-kit";
import { Box } from "lucide-react";
import { cn } from "@/lib/cn";
import { NODE_ICONS } from "./node-icons.ts";

const tints: Record<NodeCategory, string> = {
  trigger: "text-(--kind-trigger)",
  model: "text-(--kind-model)",
  knowledge: "text-(--kind-knowledge)",
  tool: "text-(--kind-tool)",
  logic: "text-(--kind-logic)",
  transform: "text-(--kind-transform)",
  memory: "text-(--kind-memory)",
  output: "text-(--kind-output)",
};

/** The icon of a node type on a tile in the quiet colour of its category. */
export function NodeIcon({
  icon,
  category,
  className,
}: {
  icon: string | undefined;
  category: NodeCategory | undefined;
  className?: string;
}) {
  const Icon = NODE_ICONS[icon ?? ""] ?? Box;
  return (
    <span
      aria-hidden
      className={cn(
        "flex size-7 shrink-0 items-center justify-center rounded-md border border-line bg-sunken",
        category !== undefined && tints[category],
        className,
      )}
    >
      <Icon className="size-4" strokeWidth={1.75} />
    </span>
  );
}
