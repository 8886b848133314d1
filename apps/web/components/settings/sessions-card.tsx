"use client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { MonitorSmartphone } from "lucide-react";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { SectionCard } from "@/components/ui/card";
import { ErrorNote } from "@/components/ui/error-state";
import { Skeleton } from "@/components/ui/skeleton";
import { describeAddress, describeDevice } from "@/lib/describe-session";
import { formatAgo } from "@/lib/format";
import { toastError } from "@/lib/toast-error";
import { useTRPC } from "@/lib/trpc";

/** Where the account is signed in, and the way to end it. */
export function SessionsCard() {
  const trpc = useTRPC();
  const sessions = useQuery(trpc.account.sessions.queryOptions());
  const revoke = useMutation(trpc.account.revokeSession.mutationOptions({ onSuccess: () => sessions.refetch(), onError: toastError }));
  const revokeAll = useMutation(
    trpc.account.revokeAllSessions.mutationOptions({ onSuccess: () => window.location.assign("/sign-in"), onError: toastError }),
  );
  return (
    <SectionCard
      title="Where you are signed in"
      actions={
        <Button variant="dangerGhost" size="sm" isBusy={revokeAll.isPending} onClick={() => revokeAll.mutate()}>
          Sign out everywhere
        </Button>
      }
    >
      <ErrorNote error={sessions.error} />
      {sessions.isPending && <Skeleton className="h-10" />}
      <ul className="divide-y divide-line">
        {sessions.data?.map((session) => (
          <li key={session.id} className="flex items-center gap-3 py-2 text-sm">
            <MonitorSmartphone className="size-4 shrink-0 text-muted" aria-hidden />
            <span className="min-w-0 flex-1">
              <span className="block truncate">{describeDevice(session.userAgent)}</span>
              <span className="text-xs text-muted">
                {describeAddress(session.ipAddress)}, since {formatAgo(session.createdAt)}
              </span>
            </span>
            {session.isCurrent ? (
              <Badge tone="ok">this one</Badge>
            ) : (
              <Button variant="ghost" size="sm" onClick={() => revoke.mutate({ id: session.id })}>
                Sign out
              </Button>
            )}
          </li>
        ))}
      </ul>
    </SectionCard>
  );
}
