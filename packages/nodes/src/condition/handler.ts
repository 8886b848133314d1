import { defineHandler } from "@heddle/node-kit";
import { ELSE_PORT } from "../branch-ports.ts";
import { condition } from "./definition.ts";

export const handler = defineHandler(condition, {
  run({ params }) {
    const matching = params.branches.filter(({ when }) => holds(when));
    const taken = params.mode === "all" ? matching : matching.slice(0, 1);
    const first = taken[0];
    return {
      output: { branch: first?.id ?? ELSE_PORT, name: first?.name ?? first?.id ?? "Otherwise", matched: taken.map(({ id }) => id) },
      ports: first === undefined ? [ELSE_PORT] : taken.map(({ id }) => id),
    };
  },
});

/** Whether a condition's value counts as yes; "false" in text is no, because that is what people mean by it. */
function holds(value: unknown): boolean {
  if (typeof value === "string") return value.trim() !== "" && value.trim().toLowerCase() !== "false";
  return Array.isArray(value) ? value.length > 0 : Boolean(value);
}
