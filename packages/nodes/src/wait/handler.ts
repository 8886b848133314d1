import { defineHandler, type StepContext, type StepResult } from "@heddle/node-kit";
import { HeddleError, type WaitResolution } from "@heddle/schema";
import type { z } from "zod";
import { UNIT_MS, wait } from "./definition.ts";

type WaitContext = StepContext<z.output<(typeof wait)["params"]>>;

export const handler = defineHandler(wait, {
  run(context) {
    switch (context.params.kind) {
      case "webhook":
        return waitForRequest(context);
      case "approval":
        return waitForApproval(context);
      default:
        return waitForTime(context);
    }
  },
});

async function waitForTime(context: WaitContext): Promise<StepResult> {
  const { params } = context;
  const dueAt = params.kind === "date" ? readDate(params.until ?? "") : Date.now() + (params.duration ?? 0) * UNIT_MS[params.unit];
  const { at } = await context.wait({ kind: "time", dueAt });
  return { output: { at: isoTime(at) } };
}

async function waitForRequest(context: WaitContext): Promise<StepResult> {
  const resolution = await context.wait({ kind: "webhook", ...deadlineOf(context) });
  const at = isoTime(resolution.at);
  if (resolution.outcome === "received") return { output: { body: resolution.value, isLate: false, at }, ports: ["received"] };
  if (context.params.onTimeout === "fail") throw expired("No request came in time.");
  return { output: { body: null, isLate: true, at }, ports: ["expired"] };
}

async function waitForApproval(context: WaitContext): Promise<StepResult> {
  const { title = "", message, form, onDeadline } = context.params;
  const resolution = await context.wait({
    kind: "approval",
    title,
    ...(message === undefined ? {} : { message }),
    ...(form === undefined ? {} : { form }),
    ...deadlineOf(context),
  });
  if (resolution.outcome === "due" && onDeadline === "fail") throw expired(`Nobody decided in time: ${title}`);
  const isApproved = resolution.outcome === "approved" || (resolution.outcome === "due" && onDeadline === "approve");
  return {
    output: { isApproved, ...decisionOf(resolution), isLate: resolution.outcome === "due", at: isoTime(resolution.at) },
    ports: [isApproved ? "approved" : "rejected"],
  };
}

function decisionOf(resolution: WaitResolution) {
  if (resolution.outcome !== "approved" && resolution.outcome !== "rejected") return { values: {} };
  return { values: resolution.values, ...(resolution.by === undefined ? {} : { by: resolution.by }) };
}

function deadlineOf({ params }: WaitContext): { dueAt?: number } {
  return params.deadline === undefined ? {} : { dueAt: Date.now() + params.deadline * UNIT_MS[params.deadlineUnit] };
}

/** A number is ms since 1970; text is a date in ISO 8601. */
function readDate(until: string): number {
  const dueAt = /^\d{10,16}$/.test(until) ? Number(until) : Date.parse(until);
  if (Number.isFinite(dueAt)) return dueAt;
  throw new HeddleError("param_invalid", `Until is ${JSON.stringify(until.slice(0, 100))}, which is no date.`, {
    hint: "Use ISO 8601, for example 2026-05-01T09:00:00+02:00.",
    details: { field: "params.until" },
  });
}

function isoTime(at: number): string {
  return new Date(at).toISOString();
}

function expired(message: string): HeddleError {
  return new HeddleError("wait_expired", message, { hint: "Give it more time, or choose what else should happen at the deadline." });
}
