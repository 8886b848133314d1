"use client";
import type { AgentNode, EachItem, JsonSchema } from "@heddle/schema";
import { FormField } from "@/components/ui/form-field";
import { Input } from "@/components/ui/input";
import { Select } from "@/components/ui/select";
import { Switch } from "@/components/ui/switch";
import { useBuilder, useBuilderStore } from "../store/builder-context";
import { InlineText } from "./docs-text";
import { ExpressionField } from "./expression-field";
import { ReferencePicker } from "./reference-picker";

const CHOICES = [
  { value: "fail", label: "End it all with the error" },
  { value: "continue", label: "Go on; { error } takes its place" },
] as const;

/** Runs a node once for each item of a list instead of once. */
export function EachItemSettings({ node, scope, problem }: { node: AgentNode; scope: JsonSchema; problem: string | undefined }) {
  const store = useBuilderStore();
  const isDisabled = !useBuilder((state) => state.canEdit);
  const { each } = node;
  const set = (next: EachItem | null) => store.getState().patchNode(node.id, { each: next }, `each:${node.id}`);
  return (
    <div data-field="each" className="flex flex-col gap-4">
      <div>
        <div className="flex items-center gap-2.5 text-xs font-medium">
          <Switch
            id={`each-${node.id}`}
            checked={each !== undefined}
            disabled={isDisabled}
            onCheckedChange={(isOn) => set(isOn ? { items: "{{ input }}", concurrency: 5, onItemError: "fail" } : null)}
          />
          <label htmlFor={`each-${node.id}`}>Run once for each item of a list</label>
        </div>
        <p className="mt-1.5 text-xs text-muted">
          Settings read the current one as <code className="font-mono">item</code> and its place as <code className="font-mono">index</code>
          . The output is the list of outputs.
        </p>
      </div>
      {each !== undefined && (
        <>
          <div data-field="each.items">
            <FormField
              label="List"
              error={problem === undefined ? undefined : <InlineText text={problem} />}
              aside={isDisabled ? undefined : <ReferencePicker scope={scope} onPick={(items) => set({ ...each, items })} />}
            >
              {(control) => (
                <ExpressionField
                  {...control}
                  value={typeof each.items === "string" ? each.items : JSON.stringify(each.items)}
                  scope={scope}
                  placeholder="{{ input.orders }}"
                  isDisabled={isDisabled}
                  // An empty list expression is no list; the template stays one that can be filled in.
                  onChange={(items) => set({ ...each, items: items === "" ? "{{ }}" : items })}
                />
              )}
            </FormField>
          </div>
          <div className="grid grid-cols-2 gap-2">
            <FormField label="At a time">
              {(control) => (
                <Input
                  {...control}
                  type="number"
                  min={1}
                  max={100}
                  value={each.concurrency}
                  disabled={isDisabled}
                  onChange={({ target }) => {
                    const next = Math.round(Number(target.value));
                    if (target.value !== "" && Number.isFinite(next)) set({ ...each, concurrency: Math.min(100, Math.max(1, next)) });
                  }}
                />
              )}
            </FormField>
            <FormField label="When an item fails">
              {(control) => (
                <Select
                  {...control}
                  value={each.onItemError}
                  options={CHOICES}
                  isDisabled={isDisabled}
                  onValueChange={(next) => set({ ...each, onItemError: next as EachItem["onItemError"] })}
                />
              )}
            </FormField>
          </div>
        </>
      )}
    </div>
  );
}
