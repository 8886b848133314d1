"use client";
import { identifier, RESERVED_IDENTIFIERS } from "@heddle/schema";
import { useState } from "react";
import { useBuilder, useBuilderStore } from "../store/builder-context";

/** The name by which expressions know the node. Changing it changes the expressions that use it. */
export function NodeIdField({ nodeId }: { nodeId: string }) {
  const store = useBuilderStore();
  const canEdit = useBuilder((state) => state.canEdit);
  const [text, setText] = useState(nodeId);
  const [error, setError] = useState<string>();
  const commit = () => {
    if (text === nodeId) return setError(undefined);
    const refusal = refusalOf(text, store.getState().nodesById.has(text));
    setError(refusal);
    if (refusal === undefined) store.getState().renameNode(nodeId, text);
  };
  return (
    <div className="mt-0.5">
      <label className="flex items-center gap-1 font-mono text-2xs text-subtle">
        <span className="sr-only">Id in expressions</span>
        <input
          value={text}
          disabled={!canEdit}
          spellCheck={false}
          aria-invalid={error !== undefined}
          onChange={(event) => setText(event.target.value)}
          onBlur={commit}
          onKeyDown={(event) => {
            if (event.key === "Enter") commit();
            if (event.key === "Escape") {
              setText(nodeId);
              setError(undefined);
            }
          }}
          className="-mx-1 w-full rounded-sm bg-transparent px-1 hover:bg-hover focus:bg-transparent aria-invalid:text-bad"
        />
      </label>
      {error !== undefined && <p className="text-xs text-bad">{error}</p>}
    </div>
  );
}

function refusalOf(id: string, isTaken: boolean): string | undefined {
  const checked = identifier.safeParse(id);
  if (!checked.success) return `For an id, ${checked.error.issues[0]?.message ?? "use letters, digits and _"}.`;
  if (RESERVED_IDENTIFIERS.includes(id)) return `“${id}” has a meaning of its own in expressions.`;
  return isTaken ? "Another node has this id." : undefined;
}
