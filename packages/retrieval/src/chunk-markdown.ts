import { chunkText, type Chunk, type ChunkOptions } from "./chunk.ts";

const HEADING = /^ {0,3}(#{1,6})[ \t]+(.*?)[ \t]*#*[ \t]*$/;
const FENCE = /^ {0,3}(`{3,}|~{3,})/;
const UNDERLINE = /^ {0,3}(=+|-{2,})[ \t]*$/;

/** Splits Markdown at its headings; each chunk carries the path of headings above it, and a section shorter than a chunk stays whole. */
export function chunkMarkdown(source: string, options: ChunkOptions): Chunk[] {
  const chunks: Chunk[] = [];
  const path: (string | undefined)[] = [];
  let lines: string[] = [];
  let fence: string | undefined;

  const finish = (): void => {
    const section = path.filter((heading) => heading !== undefined).join(" › ");
    for (const text of chunkText(lines.join("\n"), options)) chunks.push(section === "" ? { text } : { text, section });
    lines = [];
  };
  const enter = (level: number, heading: string): void => {
    finish();
    path.length = level;
    path[level - 1] = plain(heading);
  };

  for (const line of withoutFrontMatter(source).split("\n")) {
    const mark = FENCE.exec(line)?.[1];
    if (fence === undefined && mark !== undefined) fence = mark;
    else if (fence !== undefined && mark !== undefined && mark[0] === fence[0] && mark.length >= fence.length) fence = undefined;
    const heading = fence === undefined ? HEADING.exec(line) : null;
    const previous = lines.at(-1)?.trim() ?? "";
    if (heading !== null) enter(heading[1]?.length ?? 1, heading[2] ?? "");
    else if (
      fence === undefined &&
      UNDERLINE.test(line) &&
      previous !== "" &&
      (lines.at(-2)?.trim() ?? "") === "" &&
      !/^[-*+>|\d]/.test(previous)
    ) {
      lines.pop();
      enter(line.includes("=") ? 1 : 2, previous);
    } else lines.push(line);
  }
  finish();
  return chunks;
}

function withoutFrontMatter(source: string): string {
  return source.replace(/^---\n[\s\S]*?\n---\n/, "");
}

/** A heading without its marks: links, emphasis, code. */
function plain(heading: string): string {
  return heading
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replace(/[*_`]{1,3}([^*_`]+)[*_`]{1,3}/g, "$1")
    .trim();
}
