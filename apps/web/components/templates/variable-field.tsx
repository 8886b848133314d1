"use client";
import type { Json, TemplateResource } from "@heddle/schema";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { UploadDatasetDialog } from "@/components/datasets/upload-dataset-dialog";
import { Button } from "@/components/ui/button";
import { FormField } from "@/components/ui/form-field";
import { Input } from "@/components/ui/input";
import { Select } from "@/components/ui/select";
import { Switch } from "@/components/ui/switch";
import { formatCount } from "@/lib/format";
import { useTRPC } from "@/lib/trpc";
import { useWorkspace } from "@/lib/workspace";

type Variable = TemplateResource["variables"][number];
/** Stands for "none given" in a select, whose values can't be empty. */
const NONE = "-";

export interface VariableFieldProps {
  variable: Variable;
  value: Json | undefined;
  onChange: (value: Json | undefined) => void;
}

/** Asks for one thing that a template wants to know, with what the workspace already has to choose from. */
export function VariableField(props: VariableFieldProps) {
  const { variable, value, onChange } = props;
  if (variable.kind === "dataset") return <DatasetField {...props} />;
  if (variable.kind === "knowledgeBase") return <KnowledgeField {...props} />;
  if (variable.kind === "chatModel") return <ModelField {...props} />;
  const label = { label: variable.label, help: variable.help, isOptional: !variable.isRequired };
  if (variable.kind === "boolean")
    return <FormField {...label}>{(control) => <Switch {...control} checked={value === true} onCheckedChange={onChange} />}</FormField>;
  const isNumber = variable.kind === "number";
  return (
    <FormField {...label}>
      {(control) => (
        <Input
          {...control}
          {...(isNumber ? { type: "number", step: "any" } : {})}
          value={value === undefined || value === null ? "" : String(value)}
          onChange={({ target }) => onChange(target.value === "" ? undefined : isNumber ? Number(target.value) : target.value)}
        />
      )}
    </FormField>
  );
}

function DatasetField({ variable, value, onChange }: VariableFieldProps) {
  const trpc = useTRPC();
  const { workspace } = useWorkspace();
  const [isUploading, setIsUploading] = useState(false);
  const list = useQuery(trpc.dataset.list.queryOptions({ workspaceId: workspace.id, limit: 200 }));
  const options = (list.data?.items ?? []).map(({ id, name, rows, labels }) => ({
    value: id,
    label: name,
    help: `${formatCount(rows)} examples, ${formatCount(labels.length)} labels`,
  }));
  return (
    <>
      <FormField
        label={variable.label}
        help={variable.help}
        aside={
          <Button variant="link" size="sm" onClick={() => setIsUploading(true)}>
            Upload your own
          </Button>
        }
      >
        {(control) => (
          <Choice
            control={control}
            sample="Use the examples that come with the template"
            options={options}
            value={value}
            onChange={onChange}
          />
        )}
      </FormField>
      <UploadDatasetDialog
        isOpen={isUploading}
        onOpenChange={setIsUploading}
        onUploaded={async ({ id }) => {
          await list.refetch();
          onChange(id);
        }}
      />
    </>
  );
}

function KnowledgeField({ variable, value, onChange }: VariableFieldProps) {
  const trpc = useTRPC();
  const { workspace } = useWorkspace();
  const list = useQuery(trpc.knowledge.list.queryOptions({ workspaceId: workspace.id, limit: 200 }));
  const options = (list.data?.items ?? []).map(({ id, name, documents }) => ({
    value: id,
    label: name,
    help: `${formatCount(documents)} documents`,
  }));
  return (
    <FormField label={variable.label} help={variable.help}>
      {(control) => (
        <Choice
          control={control}
          sample="Use the articles that come with the template"
          options={options}
          value={value}
          onChange={onChange}
        />
      )}
    </FormField>
  );
}

function ModelField({ variable, value, onChange }: VariableFieldProps) {
  const trpc = useTRPC();
  const { workspace } = useWorkspace();
  const list = useQuery(trpc.model.connections.queryOptions({ workspaceId: workspace.id }));
  const options = (list.data ?? []).map(({ connection, label, isLocal }) => ({
    value: connection,
    label,
    help: isLocal ? "Runs on this machine" : undefined,
  }));
  return (
    <FormField label={variable.label} help={variable.help} isOptional={!variable.isRequired}>
      {(control) => <Choice control={control} sample="No model" options={options} value={value} onChange={onChange} />}
    </FormField>
  );
}

interface ChoiceProps {
  control: { id: string };
  sample: string;
  options: { value: string; label: string; help?: string | undefined }[];
  value: Json | undefined;
  onChange: (value: Json | undefined) => void;
}

function Choice({ control, sample, options, value, onChange }: ChoiceProps) {
  return (
    <Select
      {...control}
      value={typeof value === "string" && value !== "" ? value : NONE}
      onValueChange={(next) => onChange(next === NONE ? undefined : next)}
      options={[{ value: NONE, label: sample }, ...options]}
    />
  );
}
