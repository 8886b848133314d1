"use client";
import { type CredentialDefinition, fieldHint } from "@heddle/node-kit";
import { type CredentialFieldHint, credentials } from "@heddle/nodes/credentials";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog, DialogClose, DialogContent, DialogFooter } from "@/components/ui/dialog";
import { ErrorNote } from "@/components/ui/error-state";
import { FormField } from "@/components/ui/form-field";
import { Input } from "@/components/ui/input";
import { Select } from "@/components/ui/select";
import { useTRPC } from "@/lib/trpc";
import { useWorkspace } from "@/lib/workspace";

const types = [...credentials.values()];

export interface CredentialDialogProps {
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
  onCreated: () => void;
}

/** Stores a key or address for models and tools. Secret fields can be replaced later, never read back. */
export function CredentialDialog({ isOpen, onOpenChange, onCreated }: CredentialDialogProps) {
  const trpc = useTRPC();
  const { workspace } = useWorkspace();
  const [type, setType] = useState(types[0]?.type ?? "");
  const [name, setName] = useState("");
  const [fields, setFields] = useState<Record<string, string>>({});
  const [hosts, setHosts] = useState("");
  const definition = credentials.get(type);
  const change = (next: boolean) => {
    if (!next) {
      create.reset();
      setName("");
      setFields({});
      setHosts("");
    }
    onOpenChange(next);
  };
  const create = useMutation(
    trpc.credential.create.mutationOptions({
      onSuccess: () => {
        change(false);
        onCreated();
      },
    }),
  );
  const listsHosts = definition !== undefined && mustListHosts(definition, fields);
  const allowedHosts = hosts.split(/[\s,]+/).filter((host) => host !== "");
  return (
    <Dialog open={isOpen} onOpenChange={change}>
      <DialogContent title="New credential" description="Encrypted before it is stored, and sent only to the hosts it belongs to.">
        <form
          className="flex flex-col gap-4"
          onSubmit={(event) => {
            event.preventDefault();
            const given = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== ""));
            create.mutate({ workspaceId: workspace.id, name: name.trim(), type, fields: given, ...(listsHosts ? { allowedHosts } : {}) });
          }}
        >
          <FormField label="Kind">
            {(control) => (
              <Select
                {...control}
                value={type}
                onValueChange={setType}
                options={types.map((each) => ({ value: each.type, label: each.name }))}
              />
            )}
          </FormField>
          <FormField label="Name">
            {(control) => (
              <Input
                {...control}
                value={name}
                maxLength={120}
                placeholder={definition?.name}
                onChange={(event) => setName(event.target.value)}
              />
            )}
          </FormField>
          {Object.entries(definition?.fields.shape ?? {}).map(([key, field]) => {
            const hint: CredentialFieldHint = fieldHint(field, key);
            return (
              <FormField
                key={key}
                label={hint.label}
                isOptional={field.safeParse(undefined).success}
                {...(hint.help === undefined ? {} : { help: hint.help })}
              >
                {(control) => (
                  <Input
                    {...control}
                    type={hint.isSecret === true ? "password" : "text"}
                    autoComplete="off"
                    spellCheck={false}
                    placeholder={hint.placeholder}
                    value={fields[key] ?? ""}
                    onChange={(event) => setFields((before) => ({ ...before, [key]: event.target.value }))}
                  />
                )}
              </FormField>
            );
          })}
          {listsHosts && (
            <FormField label="Hosts it may be sent to" help="One or more, separated by commas. *.example.com covers all below it.">
              {(control) => (
                <Input
                  {...control}
                  value={hosts}
                  placeholder="api.example.com"
                  spellCheck={false}
                  onChange={(event) => setHosts(event.target.value)}
                />
              )}
            </FormField>
          )}
          <ErrorNote error={create.error} />
          <DialogFooter className="mt-1">
            <DialogClose asChild>
              <Button>Cancel</Button>
            </DialogClose>
            <Button
              type="submit"
              variant="primary"
              isBusy={create.isPending}
              disabled={name.trim() === "" || (listsHosts && allowedHosts.length === 0)}
            >
              Store it
            </Button>
          </DialogFooter>
        </form>
      </DialogContent>
    </Dialog>
  );
}

/** Whether the hosts can't be told from the fields, so that the person must say them. */
function mustListHosts(definition: CredentialDefinition, fields: Record<string, string>): boolean {
  const parsed = definition.fields.safeParse(fields);
  return parsed.success && definition.allowedHosts(parsed.data) === undefined;
}
