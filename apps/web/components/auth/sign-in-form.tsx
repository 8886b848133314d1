"use client";
import { zodResolver } from "@hookform/resolvers/zod";
import { useMutation, useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useForm } from "react-hook-form";
import { z } from "zod";
import { Button } from "@/components/ui/button";
import { ErrorNote } from "@/components/ui/error-state";
import { FormField } from "@/components/ui/form-field";
import { Input } from "@/components/ui/input";
import { authMethods, signIn } from "@/lib/auth";
import { nextPath } from "@/lib/sign-in-redirect";

const schema = z.object({ email: z.email("Enter your e-mail address"), password: z.string().min(1, "Enter your password") });

/** E-mail and password; goes on to where the visitor came from. */
export function SignInForm() {
  const { register, handleSubmit, formState } = useForm({ resolver: zodResolver(schema), defaultValues: { email: "", password: "" } });
  const methods = useQuery({ queryKey: ["auth", "methods"], queryFn: authMethods });
  const mutation = useMutation({ mutationFn: signIn, onSuccess: () => window.location.assign(nextPath(window.location.search)) });
  return (
    <form noValidate className="flex flex-col gap-4" onSubmit={handleSubmit((values) => mutation.mutate(values))}>
      <FormField label="E-mail" error={formState.errors.email?.message}>
        {(control) => <Input {...control} type="email" autoComplete="username" autoFocus {...register("email")} />}
      </FormField>
      <FormField
        label="Password"
        error={formState.errors.password?.message}
        aside={
          methods.data?.canResetPassword === true && (
            <Link href="/forgot-password" className="text-xs text-accent-text hover:underline">
              Forgot it?
            </Link>
          )
        }
      >
        {(control) => <Input {...control} type="password" autoComplete="current-password" {...register("password")} />}
      </FormField>
      <ErrorNote error={mutation.error} />
      <Button type="submit" variant="primary" size="lg" isBusy={mutation.isPending || mutation.isSuccess}>
        Sign in
      </Button>
    </form>
  );
}
