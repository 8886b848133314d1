"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { toast } from "sonner";
import { Button } from "@/components/ui/button";
import { SectionCard } from "@/components/ui/card";
import { ErrorNote } from "@/components/ui/error-state";
import { FormField } from "@/components/ui/form-field";
import { Input } from "@/components/ui/input";
import { useTRPC } from "@/lib/trpc";
import { useWorkspace } from "@/lib/workspace";

/** The name that others see. */
export function ProfileCard() {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const { me } = useWorkspace();
  const [name, setName] = useState(me.name ?? "");
  const update = useMutation(
    trpc.account.updateProfile.mutationOptions({
      onSuccess: async () => {
        toast.success("Your name is saved");
        await queries.invalidateQueries(trpc.account.me.queryFilter());
      },
    }),
  );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        update.mutate({ name: name.trim() });
      }}
    >
      <SectionCard
        title="Profile"
        footer={
          <Button type="submit" isBusy={update.isPending} disabled={name.trim() === "" || name.trim() === me.name}>
            Save
          </Button>
        }
      >
        <div className="grid gap-4 sm:grid-cols-2">
          <FormField label="Name">
            {(control) => (
              <Input {...control} value={name} maxLength={120} autoComplete="name" onChange={(event) => setName(event.target.value)} />
            )}
          </FormField>
          <FormField label="E-mail">{(control) => <Input {...control} value={me.email} readOnly />}</FormField>
        </div>
        <ErrorNote error={update.error} className="mt-3" />
      </SectionCard>
    </form>
  );
}
