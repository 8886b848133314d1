const MAX_CARD_LINE = 80;

/** A param's raw value where it can stand on a card: text and numbers; half-filled params may be anything. */
export function shown(value: unknown, fallback = ""): string {
  return (typeof value === "string" && value.trim() !== "") || typeof value === "number" ? String(value) : fallback;
}

/** One line for a node's card: parts that say something, joined, on one line, cut where the card ends. */
export function cardLine(...parts: unknown[]): string {
  const line = parts
    .filter((part): part is string | number => typeof part === "number" || (typeof part === "string" && part.trim() !== ""))
    .join(" · ")
    .replace(/\s+/g, " ")
    .trim();
  return line.length > MAX_CARD_LINE ? `${line.slice(0, MAX_CARD_LINE - 1)}…` : line;
}
