"use client";
import { type AgentNode, isRecord, type Json } from "@heddle/schema";
import { Play, Square } from "lucide-react";
import { useMemo, useState } from "react";
import { Button } from "@/components/ui/button";
import { FormField } from "@/components/ui/form-field";
import { Input } from "@/components/ui/input";
import { Segmented } from "@/components/ui/segmented";
import { Switch } from "@/components/ui/switch";
import { JsonControl } from "../inspector/controls/json-control";
import { isUnderWay } from "../model/run-state.ts";
import { sampleInput } from "../model/sample-input.ts";
import { fieldsOfSchema, type SchemaField } from "../model/schema-fields.ts";
import { useBuilder } from "../store/builder-context";
import { ConnectionNotice, Output, RunProblem } from "./chat-turn";
import { RunWaits } from "./run-waits";
import { StepList } from "./step-list";
import { useTestRun } from "./use-test-run";

/** Runs the draft with an input, filled in as a form where the trigger says what it looks like, or as JSON. */
export function InputPanel({ trigger }: { trigger: AgentNode | undefined }) {
  const canRun = useBuilder((state) => state.canEdit);
  const run = useBuilder((state) => state.run);
  const isRunning = isUnderWay(run);
  const { start, stop } = useTestRun();
  const fields = useMemo(
    () => (trigger?.type === "api-trigger" ? fieldsOfSchema(trigger.params["schema"])?.filter(isSimple) : undefined),
    [trigger],
  );
  const [input, setInput] = useState<Json>(() => sampleInput(trigger));
  const [wanted, setWanted] = useState<"form" | "json">("form");
  const hasForm = fields !== undefined && fields.length > 0;
  const mode = hasForm ? wanted : "json";
  const record = isRecord(input) ? (input as Record<string, Json>) : {};

  return (
    <div className="flex h-full flex-col">
      <div className="min-h-0 flex-1 overflow-y-auto px-4 py-4">
        <div className="mb-3 flex items-center justify-between gap-2">
          <h2 className="text-xs font-semibold">Input</h2>
          {hasForm && (
            <Segmented
              aria-label="Enter the input as"
              className="h-7"
              value={mode}
              onValueChange={setWanted}
              options={[
                { value: "form", label: "Form" },
                { value: "json", label: "JSON" },
              ]}
            />
          )}
        </div>
        {mode === "form" ? (
          <div className="flex flex-col gap-3">
            {fields?.map((field) => (
              <FormField
                key={field.name}
                label={field.name}
                help={field.description === "" ? undefined : field.description}
                isOptional={!field.isRequired}
              >
                {(control) => (
                  <SimpleInput
                    {...control}
                    field={field}
                    value={record[field.name]}
                    onChange={(value) => setInput({ ...record, [field.name]: value })}
                  />
                )}
              </FormField>
            ))}
          </div>
        ) : (
          <JsonControl
            id="run-input"
            aria-label="Input as JSON"
            value={input}
            onChange={(value) => setInput(value ?? {})}
            scope={undefined}
            rows={6}
            isDisabled={!canRun}
          />
        )}
        {run !== undefined && (
          <section aria-label="Result" className="mt-5 flex flex-col gap-2 border-t border-line pt-4">
            {run.status === "completed" ? (
              <Output output={run.output ?? null} />
            ) : (
              run.streamed !== undefined && <p className="whitespace-pre-wrap break-words text-sm">{run.streamed.text}</p>
            )}
            <RunWaits run={run} />
            <ConnectionNotice run={run} />
            {run.problem !== undefined && <RunProblem problem={run.problem} />}
            <StepList run={run} isOpenAtFirst />
          </section>
        )}
      </div>
      <div className="border-t border-line p-3">
        {isRunning ? (
          <Button className="w-full" onClick={stop}>
            <Square className="size-3! fill-current" aria-hidden />
            Stop
          </Button>
        ) : (
          <Button variant="primary" className="w-full" disabled={!canRun} onClick={() => void start(input)}>
            <Play aria-hidden />
            Run
          </Button>
        )}
      </div>
    </div>
  );
}

function isSimple(field: SchemaField): boolean {
  return field.type !== "array" && field.type !== "object";
}

function SimpleInput({
  field,
  value,
  onChange,
  ...control
}: {
  field: SchemaField;
  value: Json | undefined;
  onChange: (value: Json) => void;
  id: string;
}) {
  if (field.type === "boolean") return <Switch {...control} checked={value === true} onCheckedChange={onChange} />;
  const isNumber = field.type === "number" || field.type === "integer";
  return (
    <Input
      {...control}
      type={isNumber ? "number" : "text"}
      value={typeof value === "string" || typeof value === "number" ? value : ""}
      onChange={(event) => onChange(isNumber && event.target.value !== "" ? Number(event.target.value) : event.target.value)}
    />
  );
}
