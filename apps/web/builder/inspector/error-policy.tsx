"use client";
import type { NodeDefinition } from "@heddle/node-kit";
import type { AgentNode, RetryPolicy } from "@heddle/schema";
import { FormField } from "@/components/ui/form-field";
import { Input } from "@/components/ui/input";
import { Select } from "@/components/ui/select";
import { Switch } from "@/components/ui/switch";
import { formatDuration } from "@/lib/format";
import { useBuilder, useBuilderStore } from "../store/builder-context";

const CHOICES = [
  { value: "fail", label: "End the run", help: "The run fails with this node's error." },
  { value: "continue", label: "Go on", help: "The output is { error } instead." },
  { value: "branch", label: "Take the error branch", help: "Adds a port that leads to what happens then." },
] as const;
const DEFAULT_RETRY: RetryPolicy = { maxAttempts: 3, initialDelayMs: 1_000, factor: 2, maxDelayMs: 100_000 };

/** Retry, time limit, and where the run goes on after an error. */
export function ErrorPolicy({ node, definition }: { node: AgentNode; definition: NodeDefinition }) {
  const store = useBuilderStore();
  const isDisabled = !useBuilder((state) => state.canEdit);
  const patch = store.getState().patchNode;
  const { retry } = node;
  const setRetry = (name: keyof RetryPolicy, text: string, min: number, max: number) => {
    const value = Number(text);
    if (retry !== undefined && Number.isFinite(value) && text !== "")
      patch(
        node.id,
        { retry: { ...retry, [name]: Math.min(max, Math.max(min, name === "factor" ? value : Math.round(value))) } },
        `retry:${node.id}:${name}`,
      );
  };
  return (
    <div className="flex flex-col gap-4">
      <FormField label="After an error">
        {(control) => (
          <Select
            {...control}
            value={node.onError}
            options={CHOICES}
            isDisabled={isDisabled}
            onValueChange={(value) => patch(node.id, { onError: value as AgentNode["onError"] })}
          />
        )}
      </FormField>
      <div className="flex items-center gap-2.5 text-xs font-medium">
        <Switch
          id={`retry-${node.id}`}
          checked={retry !== undefined}
          disabled={isDisabled}
          onCheckedChange={(isOn) => patch(node.id, { retry: isOn ? DEFAULT_RETRY : null })}
        />
        <label htmlFor={`retry-${node.id}`}>Try again when it may help</label>
      </div>
      {retry !== undefined && (
        <div className="grid grid-cols-3 gap-2">
          <FormField label="Tries in all">
            {(control) => (
              <Input
                {...control}
                type="number"
                min={1}
                max={10}
                value={retry.maxAttempts}
                disabled={isDisabled}
                onChange={(event) => setRetry("maxAttempts", event.target.value, 1, 10)}
              />
            )}
          </FormField>
          <FormField label="First wait (ms)">
            {(control) => (
              <Input
                {...control}
                type="number"
                min={0}
                max={100_000}
                value={retry.initialDelayMs}
                disabled={isDisabled}
                onChange={(event) => setRetry("initialDelayMs", event.target.value, 0, 100_000)}
              />
            )}
          </FormField>
          <FormField label="Then times">
            {(control) => (
              <Input
                {...control}
                type="number"
                min={1}
                max={10}
                step={0.5}
                value={retry.factor}
                disabled={isDisabled}
                onChange={(event) => setRetry("factor", event.target.value, 1, 10)}
              />
            )}
          </FormField>
        </div>
      )}
      <FormField label="Time limit of one try (ms)" help={`Left empty: ${formatDuration(definition.timeoutMs)}.`}>
        {(control) => (
          <Input
            {...control}
            type="number"
            min={1}
            max={3_600_000}
            value={node.timeoutMs ?? ""}
            placeholder={String(definition.timeoutMs)}
            disabled={isDisabled}
            onChange={(event) => {
              const value = Math.round(Number(event.target.value));
              patch(
                node.id,
                { timeoutMs: event.target.value === "" || !Number.isFinite(value) ? null : Math.min(3_600_000, Math.max(1, value)) },
                `timeout:${node.id}`,
              );
            }}
          />
        )}
      </FormField>
    </div>
  );
}
