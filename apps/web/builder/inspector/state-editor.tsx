"use client";
import { identifier, type StateField } from "@heddle/schema";
import { Plus, X } from "lucide-react";
import { Button } from "@/components/ui/button";
import { FormField } from "@/components/ui/form-field";
import { Input } from "@/components/ui/input";
import { Select } from "@/components/ui/select";
import { freshStateField, withReducer } from "../model/state-fields.ts";
import { useBuilder, useBuilderStore } from "../store/builder-context";
import { JsonControl } from "./controls/json-control";

const REDUCERS = [
  { value: "replace", label: "Replace", help: "An update takes its place." },
  { value: "append", label: "Append", help: "An update goes to the end of the list." },
  { value: "add", label: "Add up", help: "An update is added to the number." },
] as const;

/** Values that the nodes of a run share and change: their names, what they start as, and how updates join. */
export function StateEditor() {
  const store = useBuilderStore();
  const fields = useBuilder((state) => state.document.state) ?? [];
  const isDisabled = !useBuilder((state) => state.canEdit);
  const set = (next: StateField[]) => store.getState().setState(next);
  return (
    <>
      <p className="mb-3 text-xs text-muted">
        Values that live as long as a run, also from round to round. <em className="not-italic text-fg">Set state</em> changes them;
        expressions read them as <code className="font-mono">{"{{ state.name }}"}</code>.
      </p>
      <div className="flex flex-col gap-2">
        {fields.map((field, index) => (
          <StateRow
            key={index}
            field={field}
            taken={fields.filter((other) => other !== field).map(({ name }) => name)}
            isDisabled={isDisabled}
            onChange={(next) => set(fields.with(index, next))}
            onRemove={() => set(fields.toSpliced(index, 1))}
          />
        ))}
      </div>
      {!isDisabled && (
        <Button variant="ghost" size="sm" className="mt-2" onClick={() => set([...fields, freshStateField(fields)])}>
          <Plus aria-hidden />
          Add state value
        </Button>
      )}
    </>
  );
}

interface StateRowProps {
  field: StateField;
  taken: string[];
  isDisabled: boolean;
  onChange: (next: StateField) => void;
  onRemove: () => void;
}

function StateRow({ field, taken, isDisabled, onChange, onRemove }: StateRowProps) {
  const { name, initial, reducer } = field;
  return (
    <div className="flex flex-col gap-1.5 rounded-md border border-line bg-sunken p-2">
      <div className="grid grid-cols-[1fr_128px_auto] gap-1.5">
        <Input
          key={name}
          aria-label="Name of the state value"
          className="h-7 font-mono text-xs"
          defaultValue={name}
          disabled={isDisabled}
          onBlur={(event) => {
            const next = event.target.value;
            if (identifier.safeParse(next).success && !taken.includes(next)) onChange({ ...field, name: next });
            else event.target.value = name;
          }}
        />
        <Select
          aria-label={`How updates join ${name}`}
          size="sm"
          value={reducer}
          options={REDUCERS}
          isDisabled={isDisabled}
          onValueChange={(next) => onChange(withReducer(field, next as StateField["reducer"]))}
        />
        <Button variant="ghost" size="iconSm" aria-label={`Remove ${name}`} disabled={isDisabled} onClick={onRemove}>
          <X aria-hidden />
        </Button>
      </div>
      <FormField label={<span className="sr-only">Initial value of {name}</span>} className="gap-0">
        {(control) =>
          reducer === "add" ? (
            <Input
              {...control}
              type="number"
              step="any"
              placeholder="starts at 0"
              value={typeof initial === "number" ? initial : ""}
              disabled={isDisabled}
              onChange={(event) => onChange({ ...field, initial: event.target.value === "" ? null : Number(event.target.value) })}
            />
          ) : (
            <JsonControl
              {...control}
              value={initial ?? undefined}
              scope={undefined}
              rows={1}
              placeholder={reducer === "append" ? "starts as [ ]" : "starts as nothing; a value as JSON"}
              isDisabled={isDisabled}
              onChange={(next) => {
                if (reducer !== "append" || next === undefined || Array.isArray(next)) onChange({ ...field, initial: next ?? null });
              }}
            />
          )
        }
      </FormField>
    </div>
  );
}
