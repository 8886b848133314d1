import type { FlowPort } from "@heddle/node-kit";
import { identifier } from "@heddle/schema";

/** The port taken when no branch fits. */
export const ELSE_PORT = "else";
const RESERVED_PORTS = [ELSE_PORT, "error"];

/** The id of a branch: the name of its port. */
export const branchId = identifier
  .refine((id) => !RESERVED_PORTS.includes(id), `the names ${RESERVED_PORTS.join(" and ")} are taken`)
  .meta({ ui: { label: "Id", help: "Edges hold on to it; rename the branch freely.", expressions: "literal" as const, isAdvanced: true } });

/** Whether each branch has an id of its own. */
export function haveOwnIds(branches: readonly { id: string }[]): boolean {
  return new Set(branches.map(({ id }) => id)).size === branches.length;
}

/** A port for each branch, which may be half filled in, and one for the rest. */
export function branchPorts(branches: unknown): FlowPort[] {
  const list: unknown[] = Array.isArray(branches) ? branches : [];
  const named = list.flatMap((entry) => {
    const { id, name } = (entry ?? {}) as { id?: unknown; name?: unknown };
    return typeof id === "string" ? [{ name: id, label: typeof name === "string" && name !== "" ? name : id }] : [];
  });
  return [...named, { name: ELSE_PORT, label: "Otherwise" }];
}
