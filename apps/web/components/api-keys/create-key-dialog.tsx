"use client";
import { apiKeyScope, type ApiKeyScope } from "@heddle/schema";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { parseLimit } from "@/components/limits/limit-fields";
import { Button } from "@/components/ui/button";
import { Checkbox } from "@/components/ui/checkbox";
import { CodeBlock } from "@/components/ui/code-block";
import { Dialog, DialogClose, DialogContent, DialogFooter } from "@/components/ui/dialog";
import { ErrorNote } from "@/components/ui/error-state";
import { FormField } from "@/components/ui/form-field";
import { Input } from "@/components/ui/input";
import { Select } from "@/components/ui/select";
import { useTRPC } from "@/lib/trpc";
import { useWorkspace } from "@/lib/workspace";

const SCOPES: Record<ApiKeyScope, { label: string; help: string }> = {
  read: { label: "Read", help: "Look at agents, runs and data" },
  write: { label: "Write", help: "Change things and run agents" },
  deploy: { label: "Deploy", help: "Publish versions and turn deployments on and off" },
};
const DAY_MS = 86_400_000;
const LIFETIMES = [
  { value: "30", label: "30 days" },
  { value: "90", label: "90 days" },
  { value: "365", label: "One year" },
  { value: "never", label: "No end" },
];

export interface CreateKeyDialogProps {
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
  onCreated: () => void;
}

/** Makes a key and shows it, this one time. */
export function CreateKeyDialog({ isOpen, onOpenChange, onCreated }: CreateKeyDialogProps) {
  const trpc = useTRPC();
  const { workspace } = useWorkspace();
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<ApiKeyScope[]>(["read", "write"]);
  const [lifetime, setLifetime] = useState("90");
  const [limit, setLimit] = useState("");
  const rateLimit = parseLimit(limit, { isWhole: true, least: 1 });
  const create = useMutation(trpc.apiKey.create.mutationOptions({ onSuccess: onCreated }));
  const change = (next: boolean) => {
    if (!next) {
      create.reset();
      setName("");
      setLimit("");
    }
    onOpenChange(next);
  };
  if (create.data !== undefined)
    return (
      <Dialog open={isOpen} onOpenChange={change}>
        <DialogContent title="Copy your key now" description="It is shown this once. Heddle keeps only a fingerprint of it.">
          <CodeBlock code={create.data.key} label="API key" />
          <DialogFooter>
            <DialogClose asChild>
              <Button variant="primary">I have copied it</Button>
            </DialogClose>
          </DialogFooter>
        </DialogContent>
      </Dialog>
    );
  return (
    <Dialog open={isOpen} onOpenChange={change}>
      <DialogContent title="New API key" description="For programs that call this workspace.">
        <form
          className="flex flex-col gap-4"
          onSubmit={(event) => {
            event.preventDefault();
            const end = lifetime === "never" ? {} : { expiresAt: new Date(Date.now() + Number(lifetime) * DAY_MS).toISOString() };
            create.mutate({ workspaceId: workspace.id, name: name.trim(), scopes, rateLimit, ...end });
          }}
        >
          <FormField label="Name" help="Where it will be used, so that you know it again">
            {(control) => (
              <Input {...control} value={name} maxLength={120} placeholder="Help desk" onChange={(event) => setName(event.target.value)} />
            )}
          </FormField>
          <fieldset className="flex flex-col gap-2">
            <legend className="mb-1.5 text-xs font-medium">It may</legend>
            {apiKeyScope.options.map((scope) => (
              <label key={scope} className="flex items-start gap-2.5">
                <Checkbox
                  className="mt-0.5"
                  checked={scopes.includes(scope)}
                  onCheckedChange={(isOn) =>
                    setScopes(apiKeyScope.options.filter((each) => (each === scope ? isOn === true : scopes.includes(each))))
                  }
                />
                <span className="text-sm">
                  {SCOPES[scope].label}
                  <span className="block text-xs text-muted">{SCOPES[scope].help}</span>
                </span>
              </label>
            ))}
          </fieldset>
          <FormField label="Works for">
            {(control) => <Select {...control} value={lifetime} onValueChange={setLifetime} options={LIFETIMES} />}
          </FormField>
          <FormField
            label="Requests a minute"
            isOptional
            error={rateLimit === undefined ? "Enter a whole number above 0, or nothing" : undefined}
          >
            {(control) => (
              <Input
                {...control}
                inputMode="numeric"
                value={limit}
                maxLength={12}
                placeholder="The server's default"
                onChange={(event) => setLimit(event.target.value)}
              />
            )}
          </FormField>
          <ErrorNote error={create.error} />
          <DialogFooter className="mt-1">
            <DialogClose asChild>
              <Button>Cancel</Button>
            </DialogClose>
            <Button
              type="submit"
              variant="primary"
              isBusy={create.isPending}
              disabled={name.trim() === "" || scopes.length === 0 || rateLimit === undefined}
            >
              Create the key
            </Button>
          </DialogFooter>
        </form>
      </DialogContent>
    </Dialog>
  );
}
