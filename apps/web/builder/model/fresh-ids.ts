import { RESERVED_IDENTIFIERS } from "@heddle/schema";

/** An id for a new node: its type as an identifier (`http_request`), numbered where that is taken. */
export function freshNodeId(base: string, taken: ReadonlySet<string>): string {
  const stem =
    base
      .replace(/[^A-Za-z0-9_]+/g, "_")
      .replace(/^(?=\d)/, "n")
      .replace(/^_+|_+$/g, "")
      .slice(0, 56) || "node";
  const isFree = (id: string) => !taken.has(id) && !RESERVED_IDENTIFIERS.includes(id);
  if (isFree(stem)) return stem;
  const root = stem.replace(/_\d+$/, "");
  let number = 2;
  while (!isFree(`${root}_${number}`)) number += 1;
  return `${root}_${number}`;
}

/** The id of an edge follows from its ends, so that drawing the same edge twice is one edge. */
export function edgeIdOf(edge: { kind: string; source: { node: string; port: string }; target: { node: string; port: string } }): string {
  return `${edge.kind === "attachment" ? "a" : "f"}:${edge.source.node}.${edge.source.port}>${edge.target.node}.${edge.target.port}`;
}
