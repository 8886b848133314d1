"use client";
import { zodResolver } from "@hookform/resolvers/zod";
import { useMutation } from "@tanstack/react-query";
import { useForm } from "react-hook-form";
import { z } from "zod";
import { Button } from "@/components/ui/button";
import { ErrorNote } from "@/components/ui/error-state";
import { FormField } from "@/components/ui/form-field";
import { Input } from "@/components/ui/input";
import { requestPasswordReset } from "@/lib/auth";

const schema = z.object({ email: z.email("Enter your e-mail address") });

/** Asks for the mail with the link. What it says afterwards doesn't tell whether the account exists. */
export function ForgotPasswordForm() {
  const { register, handleSubmit, formState } = useForm({ resolver: zodResolver(schema), defaultValues: { email: "" } });
  const mutation = useMutation({ mutationFn: ({ email }: { email: string }) => requestPasswordReset(email) });
  if (mutation.isSuccess)
    return (
      <p role="status" className="text-sm">
        If there is an account with this address, a mail with a link is on its way. The link works for one hour.
      </p>
    );
  return (
    <form noValidate className="flex flex-col gap-4" onSubmit={handleSubmit((values) => mutation.mutate(values))}>
      <FormField label="E-mail" error={formState.errors.email?.message}>
        {(control) => <Input {...control} type="email" autoComplete="username" autoFocus {...register("email")} />}
      </FormField>
      <ErrorNote error={mutation.error} />
      <Button type="submit" variant="primary" size="lg" isBusy={mutation.isPending}>
        Send the link
      </Button>
    </form>
  );
}
