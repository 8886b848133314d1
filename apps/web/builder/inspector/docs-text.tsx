import { Fragment, type ReactNode } from "react";
import { CodeBlock } from "@/components/ui/code-block";

/**
 * The little Markdown that node docs are written in: paragraphs, lists, fenced code, bold, italic, code. Everything is
 * text to React, and there are no links or images, so nothing in it can run or load anything.
 */
export function DocsText({ markdown }: { markdown: string }) {
  const parts = markdown.split(/^```[a-z]*\n([\s\S]*?)^```$/m);
  return (
    <div className="flex flex-col gap-2.5 text-sm leading-5 text-fg">
      {parts.map((part, index) =>
        index % 2 === 1 ? <CodeBlock key={index} code={part.trimEnd()} label="Example" /> : <Blocks key={index} text={part} />,
      )}
    </div>
  );
}

function Blocks({ text }: { text: string }) {
  const blocks = text
    .split(/\n{2,}|\n(?=- )/)
    .map((block) => block.trim())
    .filter((block) => block !== "");
  return blocks.map((block, index) =>
    block.startsWith("- ") ? (
      <p key={index} className="flex gap-2 pl-1">
        <span aria-hidden className="text-subtle">
          •
        </span>
        <span className="min-w-0">
          <InlineText text={block.slice(2)} />
        </span>
      </p>
    ) : block.startsWith("#") ? (
      <h4 key={index} className="pt-1 text-sm font-semibold">
        {block.replace(/^#+\s*/, "")}
      </h4>
    ) : (
      <p key={index}>
        <InlineText text={block} />
      </p>
    ),
  );
}

/** One line of such Markdown: messages name things in `code`. */
export function InlineText({ text }: { text: string }): ReactNode {
  return text.split(/(`[^`]+`|\*\*[^*]+\*\*|\*[^*\s][^*]*\*)/).map((piece, index) => {
    if (piece.startsWith("`"))
      return (
        <code key={index} className="rounded-xs bg-sunken px-1 font-mono text-xs break-words">
          {piece.slice(1, -1)}
        </code>
      );
    if (piece.startsWith("**"))
      return (
        <strong key={index} className="font-semibold">
          {piece.slice(2, -2)}
        </strong>
      );
    if (piece.startsWith("*") && piece.length > 2) return <em key={index}>{piece.slice(1, -1)}</em>;
    return <Fragment key={index}>{piece}</Fragment>;
  });
}
