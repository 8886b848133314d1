import type { Passage } from "@heddle/node-kit";

/** A passage's place, numbered as it is cited. */
export interface Citation {
  number: number;
  documentId: string;
  documentName: string;
  section?: string;
  /** The beginning of the passage. */
  quote: string;
  score: number;
}

const QUOTE_LENGTH = 240;

/** Numbers passages from `first` on: as citations, and as text for a prompt. */
export function citePassages(passages: Passage[], first = 1): { citations: Citation[]; text: string } {
  const citations = passages.map((passage, index) => ({
    number: first + index,
    documentId: passage.documentId,
    documentName: passage.documentName,
    ...(passage.section === undefined ? {} : { section: passage.section }),
    quote: quoteOf(passage.text),
    score: passage.score,
  }));
  const text = passages
    .map(
      (passage, index) =>
        `[${first + index}] ${[passage.documentName, passage.section].filter(Boolean).join(" › ")}\n${passage.text.trim()}`,
    )
    .join("\n\n");
  return { citations, text };
}

function quoteOf(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  if (line.length <= QUOTE_LENGTH) return line;
  const cut = line.slice(0, QUOTE_LENGTH);
  return `${cut.slice(0, Math.max(cut.lastIndexOf(" "), QUOTE_LENGTH / 2))}…`;
}
