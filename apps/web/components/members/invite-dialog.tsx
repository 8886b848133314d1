"use client";
import { inviteInput } from "@heddle/schema";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { CodeBlock } from "@/components/ui/code-block";
import { Dialog, DialogClose, DialogContent, DialogFooter } from "@/components/ui/dialog";
import { ErrorNote } from "@/components/ui/error-state";
import { FormField } from "@/components/ui/form-field";
import { Input } from "@/components/ui/input";
import { Select } from "@/components/ui/select";
import { useTRPC } from "@/lib/trpc";
import { useWorkspace } from "@/lib/workspace";
import { ROLES } from "./roles";

export interface InviteDialogProps {
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
  onInvited: () => void;
}

/** Invites someone, and gives the link to pass on where no mail is sent. */
export function InviteDialog({ isOpen, onOpenChange, onInvited }: InviteDialogProps) {
  const trpc = useTRPC();
  const { workspace } = useWorkspace();
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<string>("MEMBER");
  const [isChecked, setIsChecked] = useState(false);
  const invite = useMutation(trpc.member.invite.mutationOptions({ onSuccess: onInvited }));
  const input = inviteInput.safeParse({ email: email.trim(), role });
  const change = (next: boolean) => {
    if (!next) {
      invite.reset();
      setEmail("");
      setIsChecked(false);
    }
    onOpenChange(next);
  };
  if (invite.data !== undefined)
    return (
      <Dialog open={isOpen} onOpenChange={change}>
        <DialogContent title="They are invited" description={`Send this link to ${invite.data.email}. It works for seven days, once.`}>
          <CodeBlock code={invite.data.link} label="Invitation link" />
          <DialogFooter>
            <DialogClose asChild>
              <Button variant="primary">Done</Button>
            </DialogClose>
          </DialogFooter>
        </DialogContent>
      </Dialog>
    );
  return (
    <Dialog open={isOpen} onOpenChange={change}>
      <DialogContent title="Invite someone" description={`To ${workspace.name}`} size="sm">
        <form
          noValidate
          className="flex flex-col gap-4"
          onSubmit={(event) => {
            event.preventDefault();
            setIsChecked(true);
            if (input.success) invite.mutate({ workspaceId: workspace.id, ...input.data });
          }}
        >
          <FormField label="E-mail" error={isChecked && !input.success ? "Enter their e-mail address" : undefined}>
            {(control) => <Input {...control} type="email" value={email} onChange={(event) => setEmail(event.target.value)} />}
          </FormField>
          <FormField label="Role">
            {(control) => (
              <Select {...control} value={role} onValueChange={setRole} options={ROLES.filter(({ value }) => value !== "OWNER")} />
            )}
          </FormField>
          <ErrorNote error={invite.error} />
          <DialogFooter className="mt-1">
            <DialogClose asChild>
              <Button>Cancel</Button>
            </DialogClose>
            <Button type="submit" variant="primary" isBusy={invite.isPending}>
              Invite
            </Button>
          </DialogFooter>
        </form>
      </DialogContent>
    </Dialog>
  );
}
