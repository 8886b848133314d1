import { defineNode, type FlowPort } from "@heddle/node-kit";
import { isRecord, type JsonSchema } from "@heddle/schema";
import { z } from "zod";
import { cardLine, shown } from "../card-line.ts";
import { anything, boolean, objectSchema, text } from "../output-schemas.ts";
import { choiceField, optionalNumberField, optionalTextField, schemaField, textOf } from "../param-fields.ts";

const UNITS = [
  { value: "minutes", label: "Minutes" },
  { value: "seconds", label: "Seconds" },
  { value: "hours", label: "Hours" },
  { value: "days", label: "Days" },
] as const;

/** ms */
export const UNIT_MS = { seconds: 1_000, minutes: 60_000, hours: 3_600_000, days: 86_400_000 } as const;

const only = (...kinds: string[]) => ({ visibleWhen: { field: "kind", in: kinds } });

/** Puts the run away until a time, a request or a person's decision. */
export const wait = defineNode({
  type: "wait",
  name: "Wait",
  category: "logic",
  icon: "hourglass",
  summary: "Waits for a time, a request, or a person's approval.",
  docs: `Waits, for seconds or for weeks. While every branch of a run waits, the run is put away: it holds no memory, survives restarts, and its time limit rests.

**When to use it.** To remind somebody tomorrow, to go on when a service reports back, to let a person decide before something that can't be undone.

**A while** or **until a date**: the date is ISO 8601, \`2026-05-01T09:00:00+02:00\`. A time that has passed goes on at once.

**A request**: the run goes on when its one-time address is called, and the request's body is \`{{ wait.output.body }}\`. You find the address with the waiting run.

**An approval**: the run shows up under *Approvals* with your title, message and form, and goes on by *Approved* or *Rejected*.

**Deadline.** A request or an approval need not be waited for for ever. When the time is up, a request leaves by *Too late* or ends the run with an error; an approval counts as rejected, as approved, or ends the run.

**Example.** Title \`Refund {{ input.amount }} € to {{ input.customer }}?\`, a form with a text \`reason\`; then *Approved* leads to the refund, *Rejected* to a *Reply* with \`{{ wait.output.values.reason }}\`.

**Output.** A time: \`{ at }\`. A request: \`{ body, isLate, at }\`. An approval: \`{ isApproved, values, by, isLate, at }\`, \`values\` being what the form was filled with.

**Errors.** \`wait_expired\` when the deadline is to end the run, \`param_invalid\` for a date that can't be read.`,
  params: z
    .object({
      kind: choiceField({ label: "Wait for" }, [
        { value: "duration", label: "A while" },
        { value: "date", label: "A date and time" },
        { value: "webhook", label: "A request" },
        { value: "approval", label: "A person's approval" },
      ]),
      duration: optionalNumberField({ label: "How long", ...only("duration") }, { min: 0, max: 31_536_000 }),
      unit: choiceField({ label: "Unit", ...only("duration") }, UNITS),
      until: optionalTextField({ label: "Until", placeholder: "{{ input.dueAt }}", ...only("date") }),
      title: optionalTextField({
        label: "Title",
        help: "What is to be decided, in a line.",
        placeholder: "Refund {{ input.amount }} €?",
        ...only("approval"),
      }),
      message: optionalTextField({
        label: "Message",
        help: "What one must know to decide.",
        control: "textarea",
        rows: 4,
        ...only("approval"),
      }),
      form: schemaField({
        label: "Form",
        help: "What the person fills in: a JSON Schema of an object with simple fields.",
        ...only("approval"),
      }),
      deadline: optionalNumberField(
        { label: "Deadline after", help: "Left empty: none.", ...only("webhook", "approval") },
        { min: 0, max: 31_536_000 },
      ),
      deadlineUnit: choiceField({ label: "Deadline in", ...only("webhook", "approval") }, [
        { value: "hours", label: "Hours" },
        { value: "minutes", label: "Minutes" },
        { value: "seconds", label: "Seconds" },
        { value: "days", label: "Days" },
      ]),
      onDeadline: choiceField({ label: "When nobody decides in time", ...only("approval") }, [
        { value: "reject", label: "It counts as rejected" },
        { value: "approve", label: "It counts as approved" },
        { value: "fail", label: "The run ends with an error" },
      ]),
      onTimeout: choiceField({ label: "When no request comes in time", ...only("webhook") }, [
        { value: "branch", label: "Go on by Too late" },
        { value: "fail", label: "The run ends with an error" },
      ]),
    })
    .superRefine((params, context) => {
      const missing = (field: string): void => context.addIssue({ code: "custom", path: [field], message: "fill this in" });
      if (params.kind === "duration" && params.duration === undefined) missing("duration");
      if (params.kind === "date" && params.until === undefined) missing("until");
      if (params.kind === "approval" && params.title === undefined) missing("title");
      if (params.form !== undefined && params.form.type !== undefined && params.form.type !== "object") {
        context.addIssue({ code: "custom", path: ["form"], message: 'a form is an object with fields: set its type to "object"' });
      }
    }),
  outputs: ({ kind, onTimeout }): FlowPort[] => {
    if (kind === "approval")
      return [
        { name: "approved", label: "Approved" },
        { name: "rejected", label: "Rejected" },
      ];
    if (kind !== "webhook") return [{ name: "out" }];
    return [{ name: "received", label: "Received" }, ...(onTimeout === "fail" ? [] : [{ name: "expired", label: "Too late" }])];
  },
  describe: ({ kind, duration, unit, until, title }) => {
    if (kind === "approval") return cardLine("Approval", shown(title));
    if (kind === "webhook") return "A request";
    if (kind === "date") return cardLine(shown(until) === "" ? "A date" : `Until ${textOf(until)}`);
    return cardLine(shown(duration) === "" ? "A while" : `${shown(duration)} ${shown(unit, "minutes")}`);
  },
  output: ({ kind, form }): JsonSchema => {
    if (kind === "webhook") return objectSchema({ body: anything, isLate: boolean, at: text });
    if (kind !== "approval") return objectSchema({ at: text });
    const values = isRecord(form) ? { ...form, required: [] } : { type: "object" as const };
    return objectSchema({ isApproved: boolean, values, by: text, isLate: boolean, at: text }, { optional: ["by"] });
  },
});
