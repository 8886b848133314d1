"use client";
import { useMutation, useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useSearchParams } from "next/navigation";
import { AuthFrame } from "@/components/auth/auth-frame";
import { ROLES } from "@/components/members/roles";
import { Button } from "@/components/ui/button";
import { ErrorNote } from "@/components/ui/error-state";
import { Skeleton } from "@/components/ui/skeleton";
import { isSignedOut, toProblem } from "@/lib/problem";
import { rest } from "@/lib/rest";

interface Preview {
  workspaceId: string;
  workspaceName: string;
  email: string;
  role: string;
}

/** What the link leads to, and the button to join; asks those without a session to sign in and come back. */
export function AcceptInvitation() {
  const token = useSearchParams().get("token") ?? "";
  const preview = useQuery({
    queryKey: ["invitation", token],
    queryFn: () => rest<Preview>("/api/invitations/preview", { body: { token } }),
    retry: false,
  });
  const accept = useMutation({
    mutationFn: () => rest<{ workspaceId: string }>("/api/invitations/accept", { body: { token } }),
    onSuccess: ({ workspaceId }) => window.location.assign(`/agents?workspace=${workspaceId}`),
  });
  if (preview.error)
    return (
      <AuthFrame
        title="This invitation can't be used"
        footer={
          <Link href="/agents" className="font-medium text-accent-text hover:underline">
            Go to your agents
          </Link>
        }
      >
        {toProblem(preview.error).code === "not_found" ? (
          <p className="text-sm text-muted">
            It was used, withdrawn or has run out, or the link is not complete. Ask the person who invited you for a new one.
          </p>
        ) : (
          <ErrorNote error={preview.error} />
        )}
      </AuthFrame>
    );
  if (preview.data === undefined)
    return (
      <AuthFrame title="Invitation">
        <Skeleton className="h-16" />
      </AuthFrame>
    );
  const { workspaceName, email, role } = preview.data;
  const next = encodeURIComponent(`/invitation?token=${token}`);
  return (
    <AuthFrame
      title={`Join ${workspaceName}`}
      description={`As ${ROLES.find(({ value }) => value === role)?.label ?? role}. The invitation is for ${email}.`}
    >
      {isSignedOut(accept.error) ? (
        <div className="flex flex-col gap-2">
          <p className="mb-2 text-sm">Sign in with this address first; you come back here afterwards.</p>
          <Button asChild variant="primary" size="lg">
            <Link href={`/sign-in?next=${next}`}>Sign in</Link>
          </Button>
          <Button asChild size="lg">
            <Link href={`/sign-up?next=${next}`}>Create an account</Link>
          </Button>
        </div>
      ) : (
        <div className="flex flex-col gap-4">
          <ErrorNote error={accept.error} />
          <Button variant="primary" size="lg" isBusy={accept.isPending || accept.isSuccess} onClick={() => accept.mutate()}>
            Join
          </Button>
        </div>
      )}
    </AuthFrame>
  );
}
