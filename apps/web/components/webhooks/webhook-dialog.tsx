"use client";
import { webhookEvent, type WebhookEvent, type WebhookResource } from "@heddle/schema";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Checkbox } from "@/components/ui/checkbox";
import { Dialog, DialogClose, DialogContent, DialogFooter } from "@/components/ui/dialog";
import { ErrorNote } from "@/components/ui/error-state";
import { FormField } from "@/components/ui/form-field";
import { Input } from "@/components/ui/input";
import { useTRPC } from "@/lib/trpc";
import { useWorkspace } from "@/lib/workspace";
import { AgentFilter } from "./agent-filter";
import { WEBHOOK_EVENTS } from "./webhook-events";

export interface WebhookDialogProps {
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
  /** The one to change; a new one is made without. */
  webhook?: WebhookResource;
  onSaved: (webhook: WebhookResource) => void;
}

/** Makes or changes a webhook. */
export function WebhookDialog({ isOpen, onOpenChange, webhook, onSaved }: WebhookDialogProps) {
  return (
    <Dialog open={isOpen} onOpenChange={onOpenChange}>
      <DialogContent
        title={webhook === undefined ? "New webhook" : "Change the webhook"}
        description="Heddle posts a signed message to this address whenever one of the events happens."
      >
        <WebhookForm
          {...(webhook === undefined ? {} : { webhook })}
          onSaved={(saved) => {
            onOpenChange(false);
            onSaved(saved);
          }}
        />
      </DialogContent>
    </Dialog>
  );
}

function WebhookForm({ webhook, onSaved }: Pick<WebhookDialogProps, "webhook" | "onSaved">) {
  const trpc = useTRPC();
  const { workspace } = useWorkspace();
  const [url, setUrl] = useState(webhook?.url ?? "");
  const [description, setDescription] = useState(webhook?.description ?? "");
  const [events, setEvents] = useState<WebhookEvent[]>(webhook?.events ?? ["execution.completed", "execution.failed"]);
  const [agentIds, setAgentIds] = useState(webhook === undefined || webhook.agentIds.length === 0 ? undefined : webhook.agentIds);
  const create = useMutation(trpc.webhook.create.mutationOptions({ onSuccess: onSaved }));
  const update = useMutation(trpc.webhook.update.mutationOptions({ onSuccess: onSaved }));
  const isPlain = url.trim().toLowerCase().startsWith("http://");
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        const input = { workspaceId: workspace.id, url: url.trim(), description: description.trim(), events, agentIds: agentIds ?? [] };
        if (webhook === undefined) create.mutate(input);
        else update.mutate({ id: webhook.id, ...input });
      }}
    >
      <FormField
        label="Address"
        help={
          isPlain ? "Messages to an http:// address are not encrypted on their way." : "Any 2xx answer within 20 seconds takes the message."
        }
      >
        {(control) => (
          <Input
            {...control}
            value={url}
            maxLength={2_048}
            placeholder="https://example.com/webhooks/heddle"
            autoComplete="off"
            spellCheck={false}
            inputMode="url"
            onChange={(event) => setUrl(event.target.value)}
          />
        )}
      </FormField>
      <FormField label="What it is for" isOptional>
        {(control) => (
          <Input
            {...control}
            value={description}
            maxLength={200}
            placeholder="Help desk"
            onChange={(event) => setDescription(event.target.value)}
          />
        )}
      </FormField>
      <fieldset className="flex flex-col gap-2">
        <legend className="mb-1.5 text-xs font-medium">Tell it when</legend>
        {webhookEvent.options.map((each) => (
          <label key={each} className="flex items-start gap-2.5">
            <Checkbox
              className="mt-0.5"
              checked={events.includes(each)}
              onCheckedChange={(isOn) =>
                setEvents(webhookEvent.options.filter((other) => (other === each ? isOn === true : events.includes(other))))
              }
            />
            <span className="text-sm">
              {WEBHOOK_EVENTS[each].label}
              <span className="block text-xs text-muted">
                {WEBHOOK_EVENTS[each].help} · <span className="font-mono text-2xs">{each}</span>
              </span>
            </span>
          </label>
        ))}
      </fieldset>
      <AgentFilter agentIds={agentIds} onChange={setAgentIds} />
      <ErrorNote error={create.error ?? update.error} />
      <DialogFooter className="mt-1">
        <DialogClose asChild>
          <Button>Cancel</Button>
        </DialogClose>
        <Button
          type="submit"
          variant="primary"
          isBusy={create.isPending || update.isPending}
          disabled={url.trim() === "" || events.length === 0 || agentIds?.length === 0}
        >
          {webhook === undefined ? "Create the webhook" : "Save"}
        </Button>
      </DialogFooter>
    </form>
  );
}
