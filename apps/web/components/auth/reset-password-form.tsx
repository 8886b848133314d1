"use client";
import { zodResolver } from "@hookform/resolvers/zod";
import { useMutation } from "@tanstack/react-query";
import { useForm } from "react-hook-form";
import { z } from "zod";
import { Button } from "@/components/ui/button";
import { ErrorNote } from "@/components/ui/error-state";
import { FormField } from "@/components/ui/form-field";
import { Input } from "@/components/ui/input";
import { resetPassword } from "@/lib/auth";
import { MIN_PASSWORD_LENGTH } from "@/lib/password";

const schema = z.object({
  password: z.string().min(MIN_PASSWORD_LENGTH, `Use at least ${MIN_PASSWORD_LENGTH} characters`).max(128, "Use at most 128 characters"),
});

/** Sets the new password; the token stands in the link of the mail. */
export function ResetPasswordForm() {
  const { register, handleSubmit, formState } = useForm({ resolver: zodResolver(schema), defaultValues: { password: "" } });
  const mutation = useMutation({
    mutationFn: ({ password }: { password: string }) =>
      resetPassword({ token: new URLSearchParams(window.location.search).get("token") ?? "", password }),
    onSuccess: () => window.location.assign("/sign-in"),
  });
  return (
    <form noValidate className="flex flex-col gap-4" onSubmit={handleSubmit((values) => mutation.mutate(values))}>
      <FormField label="New password" help={`At least ${MIN_PASSWORD_LENGTH} characters`} error={formState.errors.password?.message}>
        {(control) => <Input {...control} type="password" autoComplete="new-password" autoFocus {...register("password")} />}
      </FormField>
      <ErrorNote error={mutation.error} />
      <Button type="submit" variant="primary" size="lg" isBusy={mutation.isPending || mutation.isSuccess}>
        Set the password
      </Button>
    </form>
  );
}
