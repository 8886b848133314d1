"use client";
import type { Json } from "@heddle/schema";
import { useQuery } from "@tanstack/react-query";
import { useId } from "react";
import type { FieldControlProps } from "@/components/ui/form-field";
import { Input } from "@/components/ui/input";
import { useTRPC } from "@/lib/trpc";
import { useWorkspace } from "@/lib/workspace";

export interface ModelNameControlProps extends FieldControlProps {
  connection: Json | undefined;
  value: string;
  onChange: (value: string) => void;
  placeholder?: string | undefined;
  isDisabled: boolean;
}

/** A model's name, with the names that its connection offers. Any other may be typed. */
export function ModelNameControl({ connection, value, onChange, placeholder, isDisabled, ...control }: ModelNameControlProps) {
  const trpc = useTRPC();
  const { workspace } = useWorkspace();
  const listId = useId();
  const list = useQuery(trpc.model.connections.queryOptions({ workspaceId: workspace.id }));
  const connections = list.data ?? [];
  const chosen = connections.find((item) => item.connection === connection) ?? (connections.length === 1 ? connections[0] : undefined);
  return (
    <>
      <Input
        {...control}
        list={listId}
        value={value}
        placeholder={placeholder ?? ""}
        disabled={isDisabled}
        onChange={(event) => onChange(event.target.value)}
      />
      <datalist id={listId}>
        {chosen?.models.map((model) => (
          <option key={model} value={model} aria-label={model} />
        ))}
      </datalist>
    </>
  );
}
