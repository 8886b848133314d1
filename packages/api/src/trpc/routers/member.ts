import { inviteInput, pageQuery, role } from "@heddle/schema";
import { z } from "zod";
import { procedure, router } from "../base.ts";

const inWorkspace = z.object({ workspaceId: z.uuid() });

/** Who is in a workspace, and who was asked to be. */
export const memberRouter = router({
  list: procedure.input(pageQuery.extend(inWorkspace.shape)).query(({ ctx, input }) => ctx.platform.members.list(ctx.actor, input)),
  updateRole: procedure
    .input(inWorkspace.extend({ memberId: z.uuid(), role }))
    .mutation(({ ctx, input }) => ctx.platform.members.updateRole(ctx.actor, input)),
  remove: procedure
    .input(inWorkspace.extend({ memberId: z.uuid() }))
    .mutation(({ ctx, input }) => ctx.platform.members.remove(ctx.actor, input)),
  invitations: procedure.input(inWorkspace).query(({ ctx, input }) => ctx.platform.invitations.list(ctx.actor, input.workspaceId)),
  invite: procedure
    .input(inviteInput.extend(inWorkspace.shape))
    .mutation(({ ctx, input }) => ctx.platform.invitations.invite(ctx.actor, input)),
  revokeInvitation: procedure
    .input(inWorkspace.extend({ invitationId: z.uuid() }))
    .mutation(({ ctx, input }) => ctx.platform.invitations.revoke(ctx.actor, input)),
  previewInvitation: procedure
    .input(z.object({ token: z.string().min(1).max(512) }))
    .query(({ ctx, input }) => ctx.platform.invitations.preview(input.token)),
  acceptInvitation: procedure
    .input(z.object({ token: z.string().min(1).max(512) }))
    .mutation(({ ctx, input }) => ctx.platform.invitations.accept(ctx.actor, input.token)),
});
