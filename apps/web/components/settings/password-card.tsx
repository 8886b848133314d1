"use client";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { toast } from "sonner";
import { Button } from "@/components/ui/button";
import { SectionCard } from "@/components/ui/card";
import { ErrorNote } from "@/components/ui/error-state";
import { FormField } from "@/components/ui/form-field";
import { Input } from "@/components/ui/input";
import { MIN_PASSWORD_LENGTH } from "@/lib/password";
import { useTRPC } from "@/lib/trpc";

/** Sets another password; every other session ends. */
export function PasswordCard() {
  const trpc = useTRPC();
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const change = useMutation(
    trpc.account.changePassword.mutationOptions({
      onSuccess: () => {
        setCurrent("");
        setNext("");
        toast.success("Your password is changed", { description: "Other devices are signed out." });
      },
    }),
  );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        change.mutate({ currentPassword: current, newPassword: next });
      }}
    >
      <SectionCard
        title="Password"
        footer={
          <Button type="submit" isBusy={change.isPending} disabled={current === "" || next.length < MIN_PASSWORD_LENGTH}>
            Change
          </Button>
        }
      >
        <div className="grid gap-4 sm:grid-cols-2">
          <FormField label="Current password">
            {(control) => (
              <Input
                {...control}
                type="password"
                autoComplete="current-password"
                value={current}
                onChange={(event) => setCurrent(event.target.value)}
              />
            )}
          </FormField>
          <FormField label="New password" help={`At least ${MIN_PASSWORD_LENGTH} characters`}>
            {(control) => (
              <Input
                {...control}
                type="password"
                autoComplete="new-password"
                maxLength={128}
                value={next}
                onChange={(event) => setNext(event.target.value)}
              />
            )}
          </FormField>
        </div>
        <ErrorNote error={change.error} className="mt-3" />
      </SectionCard>
    </form>
  );
}
