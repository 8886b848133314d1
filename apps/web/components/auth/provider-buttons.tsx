"use client";
import { useQuery } from "@tanstack/react-query";
import { Button } from "@/components/ui/button";
import { authMethods, providerSignInPath } from "@/lib/auth";
import { nextPath } from "@/lib/sign-in-redirect";

/** Google, GitHub and single sign-on, where they are configured; nothing otherwise. */
export function ProviderButtons() {
  const methods = useQuery({ queryKey: ["auth", "methods"], queryFn: authMethods });
  const providers = methods.data?.providers ?? [];
  if (providers.length === 0) return null;
  return (
    <div className="mb-4 flex flex-col gap-2">
      {providers.map(({ id, name }) => (
        <Button key={id} size="lg" onClick={() => window.location.assign(providerSignInPath(id, nextPath(window.location.search)))}>
          Continue with {name}
        </Button>
      ))}
      <p className="mt-2 flex items-center gap-3 text-xs text-subtle before:h-px before:flex-1 before:bg-line after:h-px after:flex-1 after:bg-line">
        or with e-mail
      </p>
    </div>
  );
}
