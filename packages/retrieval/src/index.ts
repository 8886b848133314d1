export { chunkDocument, type ChunkLimits, type SourceDocument } from "./chunk-document.ts";
export { CHUNK_DEFAULTS, type Chunk, type ChunkOptions } from "./chunk.ts";
export { decodeText, type DecodedText } from "./decode-text.ts";
export {
  createKnowledgeIndex,
  type FoundPassage,
  type IndexedPassage,
  type KnowledgeIndex,
  type KnowledgeQuery,
} from "./knowledge-index.ts";
export { parseExamplesCsv, type ExampleRow, type ExampleWarning, type ParsedExamples, type ParseLimits } from "./parse-examples-csv.ts";
export type { VectorIndex } from "./vector-index.ts";
