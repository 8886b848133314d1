"use client";
import type { LimitsResource } from "@heddle/schema";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { toast } from "sonner";
import { Button } from "@/components/ui/button";
import { SectionCard } from "@/components/ui/card";
import { ErrorNote } from "@/components/ui/error-state";
import { FormField } from "@/components/ui/form-field";
import { Input } from "@/components/ui/input";
import { cn } from "@/lib/cn";
import { formatCount } from "@/lib/format";
import { useTRPC } from "@/lib/trpc";
import { useWorkspace } from "@/lib/workspace";
import { LIMIT_GROUPS, type LimitField, type LimitGroup, mergeUpdates, parseLimit } from "./limit-fields";

/** The workspace's caps and ceilings, a card and a Save for each kind. */
export function LimitsForm({ limits }: { limits: LimitsResource }) {
  return LIMIT_GROUPS.map((group) => <GroupCard key={group.title} group={group} limits={limits} />);
}

function GroupCard({ group, limits }: { group: LimitGroup; limits: LimitsResource }) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const { workspace, canAdminister } = useWorkspace();
  const [typed, setTyped] = useState<Record<string, string>>({});
  const save = useMutation(
    trpc.limits.update.mutationOptions({
      onSuccess: async () => {
        toast.success("The limits are saved");
        setTyped({});
        await queries.invalidateQueries(trpc.limits.pathFilter());
      },
    }),
  );
  const changed = group.fields.filter(({ key }) => typed[key] !== undefined);
  const values = changed.map((field) => ({ field, value: parseLimit(typed[field.key] ?? "", field) }));
  const isValid = values.every(({ value }) => value !== undefined);
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (!isValid || values.length === 0) return;
        const updates = values.map(({ field, value }) => field.change(value ?? null));
        save.mutate({ workspaceId: workspace.id, limits: mergeUpdates(updates) });
      }}
    >
      <SectionCard
        title={group.title}
        description={group.description}
        {...(canAdminister
          ? {
              footer: (
                <>
                  {changed.length > 0 && (
                    <Button variant="ghost" onClick={() => setTyped({})}>
                      Undo
                    </Button>
                  )}
                  <Button type="submit" isBusy={save.isPending} disabled={changed.length === 0 || !isValid}>
                    Save
                  </Button>
                </>
              ),
            }
          : {})}
      >
        <div className={cn("grid gap-4", group.fields.length === 3 ? "sm:grid-cols-3" : "sm:grid-cols-2")}>
          {group.fields.map((field) => (
            <LimitInput
              key={field.key}
              field={field}
              limits={limits}
              text={typed[field.key]}
              isReadOnly={!canAdminister}
              onChange={(text) => setTyped({ ...typed, [field.key]: text })}
            />
          ))}
        </div>
        <ErrorNote error={save.error} className="mt-3" />
      </SectionCard>
    </form>
  );
}

interface LimitInputProps {
  field: LimitField;
  limits: LimitsResource;
  text: string | undefined;
  isReadOnly: boolean;
  onChange: (text: string) => void;
}

function LimitInput({ field, limits, text, isReadOnly, onChange }: LimitInputProps) {
  const chosen = field.chosen(limits);
  const most = field.most(limits);
  const initial = field.key === "concurrency" ? limits.holding.concurrency : null;
  const placeholder = most === null ? (initial === null ? "No limit" : String(initial)) : `${formatCount(most)} (plan)`;
  const isWrong = text !== undefined && parseLimit(text, field) === undefined;
  return (
    <FormField
      label={field.label}
      help={most === null ? undefined : `The plan ${limits.plan.title} allows ${formatCount(most)} at most`}
      error={isWrong ? (field.isWhole ? "Enter a whole number above 0, or nothing" : "Enter a number above 0, or nothing") : undefined}
    >
      {(control) => (
        <span className="flex items-center gap-2">
          <Input
            {...control}
            inputMode={field.isWhole ? "numeric" : "decimal"}
            className="tabular-nums"
            value={text ?? (chosen === null ? "" : formatCount(chosen))}
            placeholder={placeholder}
            readOnly={isReadOnly}
            maxLength={20}
            onChange={(event) => onChange(event.target.value)}
          />
          <span className="min-w-12 shrink-0 text-xs text-muted">{field.unit}</span>
        </span>
      )}
    </FormField>
  );
}
