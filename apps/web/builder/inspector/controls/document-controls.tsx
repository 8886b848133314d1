"use client";
import { Plus } from "lucide-react";
import { useMemo } from "react";
import { Button } from "@/components/ui/button";
import type { FieldControlProps } from "@/components/ui/form-field";
import { Select } from "@/components/ui/select";
import { earlierNodes } from "../../model/earlier-nodes.ts";
import { freshStateField } from "../../model/state-fields.ts";
import { useBuilder, useBuilderStore, useRegistry } from "../../store/builder-context";

interface DocumentControlProps extends FieldControlProps {
  value: string;
  onChange: (value: string) => void;
  isDisabled: boolean;
}

/** A node of the same place that leads to this one: where a go-to can go back to. */
export function NodeControl({ nodeId, value, isDisabled, onChange, ...control }: DocumentControlProps & { nodeId: string }) {
  const document = useBuilder((state) => state.document);
  const registry = useRegistry();
  const nodes = useMemo(() => earlierNodes(document, registry, nodeId), [document, registry, nodeId]);
  const options = nodes.map((node) => ({ value: node.id, label: node.name, help: node.id }));
  const isKnown = value === "" || nodes.some((node) => node.id === value);
  if (options.length === 0 && value === "")
    return (
      <p className="rounded-md border border-dashed border-line-strong px-2.5 py-1.5 text-xs text-muted">
        No node leads here yet. Connect one first.
      </p>
    );
  return (
    <Select
      {...control}
      value={value}
      onValueChange={onChange}
      isDisabled={isDisabled}
      options={[...options, ...(isKnown ? [] : [{ value, label: value, help: "Does not lead here" }])]}
    />
  );
}

/** One of the agent's state values; a new one can be made on the spot. */
export function StateControl({ value, isDisabled, onChange, ...control }: DocumentControlProps) {
  const store = useBuilderStore();
  const fields = useBuilder((state) => state.document.state) ?? [];
  const isKnown = value === "" || fields.some(({ name }) => name === value);
  const add = () => {
    const field = freshStateField(fields, isKnown ? undefined : value);
    store.getState().setState([...fields, field]);
    onChange(field.name);
  };
  return (
    <div className="flex items-start gap-1.5">
      {(fields.length > 0 || value !== "") && (
        <Select
          {...control}
          className="min-w-0 flex-1"
          value={value}
          onValueChange={onChange}
          isDisabled={isDisabled}
          options={[
            ...fields.map(({ name, reducer }) => ({ value: name, label: name, help: REDUCER_WORDS[reducer] })),
            ...(isKnown ? [] : [{ value, label: value, help: "No such state value" }]),
          ]}
        />
      )}
      <Button type="button" size="sm" variant="ghost" className="h-8" disabled={isDisabled} onClick={add}>
        <Plus aria-hidden />
        {fields.length === 0 ? "Add a state value" : "New"}
      </Button>
    </div>
  );
}

/** How updates join what is there. */
const REDUCER_WORDS = {
  replace: "Replaced by each update",
  append: "Updates go to the end of the list",
  add: "Updates are added up",
} as const;
