"use client";
import type { Json } from "@heddle/schema";
import { Braces } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "@/components/ui/button";
import { type FieldControlProps, FormField } from "@/components/ui/form-field";
import { Select } from "@/components/ui/select";
import { Slider } from "@/components/ui/slider";
import { Switch } from "@/components/ui/switch";
import { Tooltip } from "@/components/ui/tooltip";
import type { FormFieldModel } from "../model/form-field-model.ts";
import {
  AgentControl,
  CredentialControl,
  DatasetControl,
  KnowledgeBaseControl,
  ModelConnectionControl,
} from "./controls/resource-controls";
import { NodeControl, StateControl } from "./controls/document-controls";
import { CronControl, TimeZoneControl } from "./controls/schedule-controls";
import { JsonControl } from "./controls/json-control";
import { KeyValueControl } from "./controls/key-value-control";
import { ListControl } from "./controls/list-control";
import { ModelNameControl } from "./controls/model-name-control";
import { NumberControl } from "./controls/number-control";
import { SchemaControl } from "./controls/schema-control";
import { InlineText } from "./docs-text";
import { ExpressionField } from "./expression-field";
import type { ParamFieldProps } from "./param-field-props";
import { ReferencePicker } from "./reference-picker";

/** Controls that hold no text and so need a switch to take an expression. */
const SWITCHABLE = new Set(["number", "slider", "switch", "select", "dataset", "knowledgeBase", "credential", "chatModel"]);

const RESOURCES = new Set(["dataset", "knowledgeBase", "credential"]);
const LISTED_VARIABLE = /^\{\{\s*variables\.\w+\s*\}\}$/;

/** One param in the inspector: label, control, help, problem, and the way to put an expression in. */
export function ParamField(props: ParamFieldProps) {
  const { field, value, onChange, scope, path, problemAt, isDisabled } = props;
  // The lists of data sets and the like offer variables by name, so these need no expression to be typed.
  const isListedVariable = RESOURCES.has(field.control) && typeof value === "string" && LISTED_VARIABLE.test(value);
  const isExpression = typeof value === "string" && value.includes("{{") && !isListedVariable;
  const canSwitch = field.takesExpressions && SWITCHABLE.has(field.control);
  const isTextual = field.control === "text" || field.control === "textarea" || (canSwitch && isExpression);
  const message = problemAt(path);
  const error = message === undefined ? undefined : <InlineText text={message} />;
  const aside = isDisabled ? undefined : (
    <span className="flex items-center gap-0.5">
      {canSwitch && (
        <Tooltip content={isExpression ? "Use a fixed value" : "Use an expression"}>
          <Button
            variant="ghost"
            size="iconXs"
            className={isExpression ? "text-accent-text" : ""}
            aria-label={isExpression ? "Use a fixed value" : "Use an expression"}
            aria-pressed={isExpression}
            onClick={() => onChange(isExpression ? undefined : "{{ }}")}
          >
            <Braces aria-hidden />
          </Button>
        </Tooltip>
      )}
      {field.takesExpressions && isTextual && (
        <ReferencePicker scope={scope} onPick={(expression) => onChange(joined(value, expression))} />
      )}
    </span>
  );
  const isInline = field.control === "switch" && !isExpression;
  if (isInline) return <SwitchRow {...props} aside={aside} error={error} />;
  return (
    <div data-field={path}>
      <FormField
        label={field.label}
        help={field.help}
        error={isTextual && typeof value === "string" && value.includes("{{") ? undefined : error}
        isOptional={false}
        aside={aside}
      >
        {(control) => <Control {...props} control={control} isExpression={isExpression && canSwitch} />}
      </FormField>
    </div>
  );
}

function Control({ control, isExpression, ...props }: ParamFieldProps & { control: FieldControlProps; isExpression: boolean }) {
  const { field, value, onChange, scope, isDisabled, siblings } = props;
  const text = typeof value === "string" ? value : value === undefined || value === null ? "" : JSON.stringify(value);
  const setText = (next: string) => onChange(next === "" ? undefined : next);
  const readable = field.takesExpressions ? scope : undefined;
  if (isExpression) return <ExpressionField {...control} value={text} onChange={setText} scope={scope} isDisabled={isDisabled} />;
  switch (field.control) {
    case "textarea":
      return (
        <ExpressionField
          {...control}
          value={text}
          onChange={setText}
          scope={readable}
          placeholder={field.placeholder}
          rows={field.hint.rows ?? 3}
          isDisabled={isDisabled}
        />
      );
    case "code":
      return (
        <ExpressionField
          {...control}
          value={text}
          onChange={setText}
          scope={readable}
          placeholder={field.placeholder}
          rows={field.hint.rows ?? 6}
          isCode
          isDisabled={isDisabled}
        />
      );
    case "number":
      return <NumberControl {...control} field={field} value={value} onChange={onChange} isDisabled={isDisabled} />;
    case "slider":
      return <SliderRow {...control} field={field} value={value} onChange={onChange} isDisabled={isDisabled} />;
    case "select":
      return (
        <Select
          {...control}
          value={text === "" ? (field.fallback as string | undefined) : text}
          onValueChange={setText}
          options={field.options}
          isDisabled={isDisabled}
        />
      );
    case "json":
      return (
        <JsonControl
          {...control}
          value={value}
          onChange={onChange}
          scope={readable}
          placeholder={field.placeholder}
          rows={field.hint.rows ?? 4}
          isDisabled={isDisabled}
        />
      );
    case "schema":
      return <SchemaControl {...control} value={value} onChange={onChange} isDisabled={isDisabled} />;
    case "keyValue":
      return <KeyValueControl label={field.label} value={value} onChange={onChange} scope={readable} isDisabled={isDisabled} />;
    case "list":
      return <ListControl {...props} renderField={(inner) => <ParamField key={inner.path} {...inner} />} />;
    case "dataset":
      return <DatasetControl {...control} value={text} onChange={setText} isDisabled={isDisabled} />;
    case "knowledgeBase":
      return <KnowledgeBaseControl {...control} value={text} onChange={setText} isDisabled={isDisabled} />;
    case "credential":
      return <CredentialControl {...control} types={field.hint.credentialTypes} value={text} onChange={setText} isDisabled={isDisabled} />;
    case "agent":
      return <AgentControl {...control} value={text} onChange={setText} isDisabled={isDisabled} />;
    case "node":
      return <NodeControl {...control} nodeId={props.nodeId} value={text} onChange={setText} isDisabled={isDisabled} />;
    case "state":
      return <StateControl {...control} value={text} onChange={setText} isDisabled={isDisabled} />;
    case "cron":
      return (
        <CronControl
          {...control}
          value={text}
          onChange={setText}
          timeZone={siblings["timeZone"]}
          placeholder={field.placeholder}
          isDisabled={isDisabled}
        />
      );
    case "timeZone":
      return <TimeZoneControl {...control} value={text} onChange={setText} placeholder={field.placeholder} isDisabled={isDisabled} />;
    case "chatModel":
      return <ModelConnectionControl {...control} value={text} onChange={setText} isDisabled={isDisabled} />;
    default:
      if (field.name === "model" && "connection" in siblings)
        return (
          <ModelNameControl
            {...control}
            connection={siblings["connection"]}
            value={text}
            onChange={setText}
            placeholder={field.placeholder}
            isDisabled={isDisabled}
          />
        );
      return (
        <ExpressionField
          {...control}
          value={text}
          onChange={setText}
          scope={readable}
          placeholder={field.placeholder}
          isDisabled={isDisabled}
        />
      );
  }
}

function SwitchRow({ field, value, onChange, aside, error, path, isDisabled }: ParamFieldProps & { aside: ReactNode; error: ReactNode }) {
  const isOn = typeof value === "boolean" ? value : field.fallback === true;
  return (
    <div data-field={path} className="flex items-start gap-3">
      <label className="flex min-w-0 flex-1 items-start gap-2.5">
        <Switch
          className="mt-px"
          checked={isOn}
          onCheckedChange={(next) => onChange(next === (field.fallback === true) ? undefined : next)}
          disabled={isDisabled}
        />
        <span className="min-w-0">
          <span className="block text-xs font-medium leading-5">{field.label}</span>
          {(error ?? field.help) !== undefined && (
            <span className={error === undefined ? "block text-xs text-muted" : "block text-xs text-bad"}>{error ?? field.help}</span>
          )}
        </span>
      </label>
      {aside}
    </div>
  );
}

function SliderRow({
  field,
  value,
  onChange,
  isDisabled,
  id,
}: {
  field: FormFieldModel;
  value: Json | undefined;
  onChange: (value: Json | undefined) => void;
  isDisabled: boolean;
  id: string;
}) {
  const { min = 0, max = 1, step = 0.05 } = field.hint;
  const isSet = typeof value === "number";
  const shown = isSet ? value : typeof field.fallback === "number" ? field.fallback : min;
  return (
    <div className="flex items-center gap-3">
      <Slider
        id={id}
        aria-label={field.label}
        value={shown}
        min={min}
        max={max}
        step={step}
        onValueChange={(next) => onChange(Number(next.toFixed(4)))}
        isDisabled={isDisabled}
        className={isSet ? "" : "opacity-60"}
      />
      <span className="tabular w-9 text-right text-xs text-muted">{isSet || field.fallback !== undefined ? shown : "unset"}</span>
      {isSet && !isDisabled && (
        <Button variant="ghost" size="iconXs" className="w-auto px-1.5 text-2xs" onClick={() => onChange(undefined)}>
          Reset
        </Button>
      )}
    </div>
  );
}

/** An expression goes to the end of a text; an empty one, or one that is only a started expression, becomes it. */
function joined(value: Json | undefined, expression: string): string {
  const text = typeof value === "string" ? value : "";
  if (text.trim() === "" || /^\{\{\s*\}\}$/.test(text.trim())) return expression;
  return `${text}${/\s$/.test(text) ? "" : " "}${expression}`;
}
