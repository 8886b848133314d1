"use client";
import { isRecord, type Json } from "@heddle/schema";
import { ArrowDown, ArrowUp, Plus, X } from "lucide-react";
import { type ReactNode, useState } from "react";
import { Button } from "@/components/ui/button";
import { isFieldVisible, newListItem } from "../../model/form-field-model.ts";
import type { ParamFieldProps } from "../param-field-props";

export interface ListControlProps extends ParamFieldProps {
  /** Draws one field; given, because lists stand inside fields and fields inside lists. */
  renderField: (props: ParamFieldProps) => ReactNode;
}

/** A list whose items can be added, moved and removed. Items are forms of their own where they are objects. */
export function ListControl({ field, value, onChange, path, isDisabled, renderField, ...rest }: ListControlProps) {
  const items = Array.isArray(value) ? value : [];
  // Keys follow the items when they move, so that what is typed keeps its focus.
  const [keys, setKeys] = useState<number[]>(() => items.map((_, index) => index));
  const keyOf = (index: number) => keys[index] ?? index + 10_000;
  const change = (next: Json[]) => onChange(next.length === 0 ? undefined : next);
  const move = (from: number, to: number) => {
    const padded = items.map((_, index) => keyOf(index));
    setKeys(padded.with(from, padded[to] ?? to).with(to, padded[from] ?? from));
    change(items.with(from, items[to] ?? null).with(to, items[from] ?? null));
  };
  const noun = field.label.toLowerCase();
  return (
    <div className="flex flex-col gap-2">
      {items.map((item, index) => (
        <div
          key={keyOf(index)}
          className={field.item?.kind === "object" ? "rounded-md border border-line bg-sunken p-2.5" : "flex items-start gap-1"}
        >
          {field.item?.kind === "object" ? (
            <div className="flex flex-col gap-2.5">
              <div className="-mb-1 flex items-center gap-0.5">
                <span className="tabular flex-1 text-2xs font-medium text-subtle">{index + 1}</span>
                <ItemButtons
                  index={index}
                  count={items.length}
                  noun={noun}
                  move={move}
                  remove={() => change(items.toSpliced(index, 1))}
                  isDisabled={isDisabled}
                />
              </div>
              {field.item.fields
                .filter((inner, _, all) => !inner.isAdvanced && isFieldVisible(inner, all, isRecord(item) ? item : {}))
                .map((inner) =>
                  renderField({
                    ...rest,
                    field: inner,
                    value: isRecord(item) ? (item as Record<string, Json>)[inner.name] : undefined,
                    onChange: (next) => change(items.with(index, withProperty(item, inner.name, next))),
                    path: `${path}.${index}.${inner.name}`,
                    isDisabled,
                  }),
                )}
            </div>
          ) : (
            field.item !== undefined && (
              <>
                <div className="min-w-0 flex-1">
                  {renderField({
                    ...rest,
                    field: { ...field.item.field, label: "" },
                    value: item,
                    onChange: (next) => change(items.with(index, next ?? "")),
                    path: `${path}.${index}`,
                    isDisabled,
                  })}
                </div>
                <ItemButtons
                  index={index}
                  count={items.length}
                  noun={noun}
                  move={move}
                  remove={() => change(items.toSpliced(index, 1))}
                  isDisabled={isDisabled}
                />
              </>
            )
          )}
        </div>
      ))}
      <Button
        variant="ghost"
        size="sm"
        className="self-start"
        disabled={isDisabled}
        onClick={() => {
          setKeys([...items.map((_, index) => keyOf(index)), Math.max(0, ...keys) + 1]);
          change([...items, newListItem(field, items)]);
        }}
      >
        <Plus aria-hidden />
        Add
      </Button>
    </div>
  );
}

function ItemButtons({
  index,
  count,
  noun,
  move,
  remove,
  isDisabled,
}: {
  index: number;
  count: number;
  noun: string;
  move: (from: number, to: number) => void;
  remove: () => void;
  isDisabled: boolean;
}) {
  return (
    <span className="flex shrink-0">
      <Button
        variant="ghost"
        size="iconXs"
        aria-label={`Move ${noun} ${index + 1} up`}
        disabled={isDisabled || index === 0}
        onClick={() => move(index, index - 1)}
      >
        <ArrowUp aria-hidden />
      </Button>
      <Button
        variant="ghost"
        size="iconXs"
        aria-label={`Move ${noun} ${index + 1} down`}
        disabled={isDisabled || index === count - 1}
        onClick={() => move(index, index + 1)}
      >
        <ArrowDown aria-hidden />
      </Button>
      <Button variant="ghost" size="iconXs" aria-label={`Remove ${noun} ${index + 1}`} disabled={isDisabled} onClick={remove}>
        <X aria-hidden />
      </Button>
    </span>
  );
}

function withProperty(item: Json, name: string, value: Json | undefined): Json {
  const record = isRecord(item) ? (item as Record<string, Json>) : {};
  if (value !== undefined) return { ...record, [name]: value };
  const { [name]: _removed, ...kept } = record;
  return kept;
}
