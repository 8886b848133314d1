"use client";
import { type AgentVariable, identifier, type Json, type RunLimits } from "@heddle/schema";
import { Plus, X } from "lucide-react";
import { Button } from "@/components/ui/button";
import { FormField } from "@/components/ui/form-field";
import { Input } from "@/components/ui/input";
import { Select } from "@/components/ui/select";
import { Switch } from "@/components/ui/switch";
import { useBuilder, useBuilderStore } from "../store/builder-context";
import { JsonControl } from "./controls/json-control";
import { DatasetControl, KnowledgeBaseControl } from "./controls/resource-controls";
import { Disclosure } from "./disclosure";
import { StateEditor } from "./state-editor";

const KINDS: readonly { value: AgentVariable["kind"]; label: string }[] = [
  { value: "text", label: "Text" },
  { value: "number", label: "Number" },
  { value: "boolean", label: "Yes or no" },
  { value: "json", label: "JSON" },
  { value: "dataset", label: "Data set" },
  { value: "knowledgeBase", label: "Knowledge base" },
];

/** What belongs to the agent as a whole: its variables and limits. Shown while nothing is selected. */
export function AgentSettings() {
  const store = useBuilderStore();
  const variables = useBuilder((state) => state.document.variables);
  const hasState = useBuilder((state) => (state.document.state?.length ?? 0) > 0);
  const canEdit = useBuilder((state) => state.canEdit);
  const set = (next: AgentVariable[]) => store.getState().setVariables(next);
  const add = () => {
    let number = variables.length + 1;
    while (variables.some((variable) => variable.name === `variable${number}`)) number += 1;
    set([...variables, { name: `variable${number}`, kind: "text", value: "" }]);
  };
  return (
    <div>
      <div className="px-4 pb-4 pt-4">
        <h2 className="text-base font-semibold tracking-tight">Agent</h2>
        <p className="mt-1 text-sm text-muted">Select a node to set it up. Here is what belongs to the whole agent.</p>
      </div>
      <Disclosure title="Variables" isOpenAtFirst>
        <p className="mb-3 text-xs text-muted">
          Values that nodes share. Expressions read them as <code className="font-mono">{"{{ variables.name }}"}</code>.
        </p>
        <div className="flex flex-col gap-2">
          {variables.map((variable, index) => (
            <VariableRow
              key={index}
              variable={variable}
              taken={variables.filter((_, position) => position !== index).map((other) => other.name)}
              isDisabled={!canEdit}
              onChange={(next) => set(variables.with(index, next))}
              onRemove={() => set(variables.toSpliced(index, 1))}
            />
          ))}
        </div>
        {canEdit && (
          <Button variant="ghost" size="sm" className="mt-2" onClick={add}>
            <Plus aria-hidden />
            Add variable
          </Button>
        )}
      </Disclosure>
      <Disclosure title="State" isOpenAtFirst={hasState}>
        <StateEditor />
      </Disclosure>
      <Disclosure title="Limits of a run">
        <Limits isDisabled={!canEdit} />
      </Disclosure>
    </div>
  );
}

function VariableRow({
  variable,
  taken,
  onChange,
  onRemove,
  isDisabled,
}: {
  variable: AgentVariable;
  taken: string[];
  onChange: (next: AgentVariable) => void;
  onRemove: () => void;
  isDisabled: boolean;
}) {
  const { value } = variable;
  const text = value === null ? "" : typeof value === "string" ? value : JSON.stringify(value);
  const setValue = (next: Json) => onChange({ ...variable, value: next });
  return (
    <div className="flex flex-col gap-1.5 rounded-md border border-line bg-sunken p-2">
      <div className="grid grid-cols-[1fr_128px_auto] gap-1.5">
        <Input
          key={variable.name}
          aria-label="Name of the variable"
          className="h-7 font-mono text-xs"
          defaultValue={variable.name}
          disabled={isDisabled}
          onBlur={(event) => {
            const name = event.target.value;
            if (identifier.safeParse(name).success && !taken.includes(name)) onChange({ ...variable, name });
            else event.target.value = variable.name;
          }}
        />
        <Select
          aria-label={`Kind of ${variable.name}`}
          size="sm"
          value={variable.kind}
          options={KINDS}
          isDisabled={isDisabled}
          onValueChange={(kind) => onChange({ ...variable, kind: kind as AgentVariable["kind"], value: null })}
        />
        <Button variant="ghost" size="iconSm" aria-label={`Remove ${variable.name}`} disabled={isDisabled} onClick={onRemove}>
          <X aria-hidden />
        </Button>
      </div>
      <FormField label={<span className="sr-only">Value of {variable.name}</span>} className="gap-0">
        {(control) => {
          switch (variable.kind) {
            case "boolean":
              return <Switch {...control} checked={value === true} disabled={isDisabled} onCheckedChange={setValue} />;
            case "number":
              return (
                <Input
                  {...control}
                  type="number"
                  value={typeof value === "number" ? value : ""}
                  placeholder="value"
                  disabled={isDisabled}
                  onChange={(event) => setValue(event.target.value === "" ? null : Number(event.target.value))}
                />
              );
            case "json":
              return (
                <JsonControl
                  {...control}
                  value={value ?? undefined}
                  scope={undefined}
                  rows={3}
                  isDisabled={isDisabled}
                  onChange={(next) => setValue(next ?? null)}
                />
              );
            case "dataset":
              return (
                <DatasetControl
                  {...control}
                  value={text}
                  isDisabled={isDisabled}
                  onChange={(next) => setValue(next === "" ? null : next)}
                />
              );
            case "knowledgeBase":
              return (
                <KnowledgeBaseControl
                  {...control}
                  value={text}
                  isDisabled={isDisabled}
                  onChange={(next) => setValue(next === "" ? null : next)}
                />
              );
            default:
              return (
                <Input
                  {...control}
                  value={text}
                  placeholder="value"
                  disabled={isDisabled}
                  onChange={(event) => setValue(event.target.value)}
                />
              );
          }
        }}
      </FormField>
    </div>
  );
}

const LIMITS: readonly { name: keyof RunLimits; label: string; min: number; max: number; isFraction?: true }[] = [
  { name: "maxSteps", label: "Steps", min: 1, max: 100_000 },
  { name: "maxDurationMs", label: "Time (ms)", min: 100, max: 86_400_000 },
  { name: "maxTokens", label: "Tokens", min: 1, max: 1_000_000_000 },
  { name: "maxIterations", label: "Rounds", min: 1, max: 1_000_000 },
  { name: "maxCostUsd", label: "Cost ($)", min: 0.0001, max: 1_000_000, isFraction: true },
];

function Limits({ isDisabled }: { isDisabled: boolean }) {
  const store = useBuilderStore();
  const limits = useBuilder((state) => state.document.settings.limits);
  const set = ({ name, min, max, isFraction }: (typeof LIMITS)[number], text: string) => {
    const { [name]: _old, ...rest } = limits;
    const value = isFraction === true ? Number(text) : Math.round(Number(text));
    store.getState().setLimits(text === "" || !Number.isFinite(value) ? rest : { ...rest, [name]: Math.min(max, Math.max(min, value)) });
  };
  return (
    <div className="grid grid-cols-3 gap-2">
      {LIMITS.map((limit) => (
        <FormField key={limit.name} label={limit.label}>
          {(control) => (
            <Input
              {...control}
              type="number"
              min={limit.min}
              max={limit.max}
              {...(limit.isFraction === true ? { step: "any" } : {})}
              placeholder="default"
              value={limits[limit.name] ?? ""}
              disabled={isDisabled}
              onChange={(event) => set(limit, event.target.value)}
            />
          )}
        </FormField>
      ))}
    </div>
  );
}
