"use client";
import { zodResolver } from "@hookform/resolvers/zod";
import { useMutation } from "@tanstack/react-query";
import { useForm } from "react-hook-form";
import { z } from "zod";
import { Button } from "@/components/ui/button";
import { ErrorNote } from "@/components/ui/error-state";
import { FormField } from "@/components/ui/form-field";
import { Input } from "@/components/ui/input";
import { signUp } from "@/lib/auth";
import { MIN_PASSWORD_LENGTH } from "@/lib/password";
import { nextPath } from "@/lib/sign-in-redirect";

const schema = z.object({
  name: z.string().trim().min(1, "Enter your name").max(120, "Use at most 120 characters"),
  email: z.email("Enter an e-mail address, for example ada@example.com"),
  password: z.string().min(MIN_PASSWORD_LENGTH, `Use at least ${MIN_PASSWORD_LENGTH} characters`).max(128, "Use at most 128 characters"),
});

/** Makes the account and its personal workspace; new people start at the templates. */
export function SignUpForm() {
  const { register, handleSubmit, formState } = useForm({
    resolver: zodResolver(schema),
    defaultValues: { name: "", email: "", password: "" },
  });
  const mutation = useMutation({
    mutationFn: signUp,
    onSuccess: () => {
      const next = nextPath(window.location.search);
      window.location.assign(next === "/agents" ? "/templates" : next);
    },
  });
  return (
    <form noValidate className="flex flex-col gap-4" onSubmit={handleSubmit((values) => mutation.mutate(values))}>
      <FormField label="Name" error={formState.errors.name?.message}>
        {(control) => <Input {...control} autoComplete="name" autoFocus {...register("name")} />}
      </FormField>
      <FormField label="E-mail" error={formState.errors.email?.message}>
        {(control) => <Input {...control} type="email" autoComplete="username" {...register("email")} />}
      </FormField>
      <FormField label="Password" help={`At least ${MIN_PASSWORD_LENGTH} characters`} error={formState.errors.password?.message}>
        {(control) => <Input {...control} type="password" autoComplete="new-password" {...register("password")} />}
      </FormField>
      <ErrorNote error={mutation.error} />
      <Button type="submit" variant="primary" size="lg" isBusy={mutation.isPending || mutation.isSuccess}>
        Create account
      </Button>
    </form>
  );
}
