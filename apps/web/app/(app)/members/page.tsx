"use client";
import { type MemberResource, role as roleSchema } from "@heddle/schema";
import { useInfiniteQuery, useMutation, useQuery } from "@tanstack/react-query";
import { Trash2, Users } from "lucide-react";
import { useState } from "react";
import { InviteDialog } from "@/components/members/invite-dialog";
import { ROLES } from "@/components/members/roles";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { SectionCard } from "@/components/ui/card";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { DataTable } from "@/components/ui/data-table";
import { EmptyState } from "@/components/ui/empty-state";
import { Page, PageHeader } from "@/components/ui/page-header";
import { Select } from "@/components/ui/select";
import { formatTime } from "@/lib/format";
import { toastError } from "@/lib/toast-error";
import { useTRPC, useTRPCClient } from "@/lib/trpc";
import { useWorkspace } from "@/lib/workspace";

export default function MembersPage() {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const { workspace, me, canAdminister } = useWorkspace();
  const [isInviting, setIsInviting] = useState(false);
  const [leaving, setLeaving] = useState<MemberResource>();
  const members = useInfiniteQuery(
    trpc.member.list.infiniteQueryOptions({ workspaceId: workspace.id }, { getNextPageParam: (page) => page.nextCursor ?? undefined }),
  );
  const invitations = useQuery({ ...trpc.member.invitations.queryOptions({ workspaceId: workspace.id }), enabled: canAdminister });
  const changeRole = useMutation(trpc.member.updateRole.mutationOptions({ onSuccess: () => members.refetch(), onError: toastError }));
  const revoke = useMutation(trpc.member.revokeInvitation.mutationOptions({ onSuccess: () => invitations.refetch(), onError: toastError }));
  const pending = invitations.data ?? [];
  const owners = members.data?.pages.flatMap((page) => page.items).filter((member) => member.role === "OWNER").length ?? 0;
  /** A workspace keeps an owner: the last one can't step down or leave. */
  const isLastOwner = (member: MemberResource) => member.role === "OWNER" && owners === 1 && members.hasNextPage !== true;
  return (
    <Page>
      <PageHeader
        title="Members"
        description={`Who works in ${workspace.name}.`}
        actions={
          canAdminister && (
            <Button variant="primary" onClick={() => setIsInviting(true)}>
              Invite someone
            </Button>
          )
        }
      />
      <div className="flex flex-col gap-4">
        <DataTable
          label="Members"
          query={members}
          rowKey={(member) => member.id}
          columns={[
            {
              key: "name",
              header: "Name",
              cell: (member) => (
                <>
                  {member.name ?? member.email}
                  {member.userId === me.id && <Badge className="ml-2">you</Badge>}
                </>
              ),
            },
            { key: "email", header: "E-mail", isSecondary: true, className: "text-muted", cell: (member) => member.email },
            {
              key: "role",
              header: "Role",
              cell: (member) =>
                canAdminister && (member.role !== "OWNER" || workspace.role === "OWNER") && !isLastOwner(member) ? (
                  <Select
                    size="sm"
                    className="w-36"
                    aria-label={`Role of ${member.name ?? member.email}`}
                    value={member.role}
                    onValueChange={(value) =>
                      changeRole.mutate({ workspaceId: workspace.id, memberId: member.id, role: roleSchema.parse(value) })
                    }
                    options={ROLES.filter(({ value }) => value !== "OWNER" || workspace.role === "OWNER")}
                  />
                ) : (
                  ROLES.find(({ value }) => value === member.role)?.label
                ),
            },
          ]}
          rowActions={(member) =>
            (canAdminister || member.userId === me.id) &&
            !isLastOwner(member) && (
              <Button
                variant="ghost"
                size="iconSm"
                aria-label={member.userId === me.id ? "Leave the workspace" : `Remove ${member.name ?? member.email}`}
                onClick={() => setLeaving(member)}
              >
                <Trash2 aria-hidden />
              </Button>
            )
          }
          empty={<EmptyState icon={<Users />} title="Nobody is here" />}
        />
        {pending.length > 0 && (
          <SectionCard title="Invited" description="They have not accepted yet.">
            <ul className="divide-y divide-line">
              {pending.map((invitation) => (
                <li key={invitation.id} className="flex items-center gap-3 py-1.5 text-sm">
                  <span className="min-w-0 flex-1 truncate">{invitation.email}</span>
                  <Badge>{ROLES.find(({ value }) => value === invitation.role)?.label}</Badge>
                  <span className="hidden text-xs text-muted sm:inline">until {formatTime(invitation.expiresAt)}</span>
                  <Button
                    variant="ghost"
                    size="sm"
                    onClick={() => revoke.mutate({ workspaceId: workspace.id, invitationId: invitation.id })}
                  >
                    Withdraw
                  </Button>
                </li>
              ))}
            </ul>
          </SectionCard>
        )}
      </div>
      <InviteDialog isOpen={isInviting} onOpenChange={setIsInviting} onInvited={() => void invitations.refetch()} />
      <ConfirmDialog
        isOpen={leaving !== undefined}
        onOpenChange={(isOpen) => !isOpen && setLeaving(undefined)}
        title={leaving?.userId === me.id ? `Leave ${workspace.name}?` : `Remove ${leaving?.name ?? leaving?.email ?? ""}?`}
        description="Access ends at once. What was made here stays."
        confirmLabel={leaving?.userId === me.id ? "Leave" : "Remove"}
        onConfirm={async () => {
          if (leaving) await client.member.remove.mutate({ workspaceId: workspace.id, memberId: leaving.id });
          if (leaving?.userId === me.id) window.location.assign("/agents");
          else await members.refetch();
        }}
      />
    </Page>
  );
}
