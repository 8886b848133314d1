import { WEBHOOK_TEST, type WebhookEvent } from "@heddle/schema";

/** What can be told, in people's words, in the order in which it is offered. */
export const WEBHOOK_EVENTS: Record<WebhookEvent, { label: string; help: string }> = {
  "execution.completed": { label: "A run has completed", help: "With its output, where that is small" },
  "execution.failed": { label: "A run has failed", help: "With the error" },
  "execution.cancelled": { label: "A run was cancelled", help: "By a person or a program" },
  "execution.waiting": { label: "A run waits", help: "For a time, a call or an approval" },
  "execution.dead_lettered": { label: "A run was given up", help: "After all its attempts; it can be driven anew" },
};

/** The event of a delivery, for people. */
export function eventLabel(event: string): string {
  if (event === WEBHOOK_TEST) return "A test";
  return WEBHOOK_EVENTS[event as WebhookEvent]?.label ?? event;
}
