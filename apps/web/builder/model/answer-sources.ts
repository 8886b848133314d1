import { isRecord, type Json } from "@heddle/schema";

/** Where an answer stands: a document, and the place in it. */
export interface AnswerSource {
  document: string;
  section: string | undefined;
}

/** The sources that an output names under `citations`, each once, in their order. */
export function answerSources(output: Json | undefined): AnswerSource[] {
  if (!isRecord(output) || !Array.isArray(output["citations"])) return [];
  const sources = new Map<string, AnswerSource>();
  for (const citation of output["citations"]) {
    if (!isRecord(citation) || typeof citation["documentName"] !== "string") continue;
    const { documentName: document, section } = citation;
    const source = { document, section: typeof section === "string" && section !== "" ? section : undefined };
    sources.set(`${source.document} ${source.section ?? ""}`, source);
  }
  return [...sources.values()];
}
