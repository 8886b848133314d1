/** A stretch of a template for the eye: plain text, an expression, or a part of one that has a problem. */
export interface TemplatePiece {
  kind: "text" | "expression" | "problem";
  text: string;
}

/** Cuts a template into pieces to be tinted. Loose on purpose: half-typed expressions are tinted as well. */
export function markTemplate(source: string, problems: readonly { start: number; end: number }[]): TemplatePiece[] {
  const pieces: TemplatePiece[] = [];
  let at = 0;
  while (at < source.length) {
    const open = source.indexOf("{{", at);
    if (open === -1) break;
    if (source[open - 1] === "\\") {
      pieces.push({ kind: "text", text: source.slice(at, open + 2) });
      at = open + 2;
      continue;
    }
    if (open > at) pieces.push({ kind: "text", text: source.slice(at, open) });
    const close = closeOf(source, open + 2);
    pieces.push({
      kind: problems.some((problem) => problem.start < close && problem.end >= open) ? "problem" : "expression",
      text: source.slice(open, close),
    });
    at = close;
  }
  if (at < source.length) pieces.push({ kind: "text", text: source.slice(at) });
  return pieces;
}

/** The end of the expression that begins at `from`; braces inside its strings don't count. */
function closeOf(source: string, from: number): number {
  let quote: string | undefined;
  for (let at = from; at < source.length; at += 1) {
    const character = source[at];
    if (quote !== undefined) {
      if (character === "\\") at += 1;
      else if (character === quote) quote = undefined;
    } else if (character === '"' || character === "'" || character === "`") quote = character;
    else if (character === "}" && source[at + 1] === "}") return at + 2;
  }
  return source.length;
}
