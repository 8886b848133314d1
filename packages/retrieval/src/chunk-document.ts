import { HeddleError } from "@heddle/schema";
import { chunkCsv } from "./chunk-csv.ts";
import { chunkMarkdown } from "./chunk-markdown.ts";
import { CHUNK_DEFAULTS, chunkText, type Chunk, type ChunkOptions } from "./chunk.ts";
import { decodeText } from "./decode-text.ts";

export interface SourceDocument {
  /** File name; its ending tells the kind where the media type doesn't. */
  name: string;
  mediaType?: string;
  bytes: Uint8Array;
}

export interface ChunkLimits {
  /** bytes; 25 MiB by default, as an upload may have */
  maxBytes?: number;
  /** 20,000 by default */
  maxChunks?: number;
}

const MARKDOWN = /\.(md|mdx|markdown)$/i;
const TABLE = /\.(csv|tsv)$/i;

/**
 * Splits a text, Markdown or CSV file into the chunks that are embedded and cited.
 * @throws HeddleError file_invalid (no text, or none in it), payload_too_large
 */
export function chunkDocument(document: SourceDocument, options: Partial<ChunkOptions> & ChunkLimits = {}): Chunk[] {
  const { maxBytes = 25 * 1024 * 1024, maxChunks = 20_000, ...sizes } = options;
  if (document.bytes.length > maxBytes) {
    throw new HeddleError("payload_too_large", `The file has ${document.bytes.length} bytes; ${maxBytes} are allowed.`);
  }
  const chunks = split(document, { ...CHUNK_DEFAULTS, ...sizes });
  if (chunks.length === 0) throw new HeddleError("file_invalid", `There is no text in "${document.name}".`);
  if (chunks.length > maxChunks) {
    throw new HeddleError("payload_too_large", `"${document.name}" makes ${chunks.length} passages; ${maxChunks} are allowed.`, {
      hint: "Split the file into smaller ones.",
    });
  }
  return chunks;
}

function split({ name, mediaType = "", bytes }: SourceDocument, options: ChunkOptions): Chunk[] {
  const text = decodeText(bytes)
    .text.replace(/\r\n?/g, "\n")
    .replace(/^\ufeff/, "");
  if (text.trim() === "") return [];
  if (TABLE.test(name) || /^text\/(csv|tab-separated-values)/.test(mediaType)) return chunkCsv(text, options);
  if (MARKDOWN.test(name) || mediaType.startsWith("text/markdown")) return chunkMarkdown(text, options);
  return chunkText(text, options).map((part) => ({ text: part }));
}
