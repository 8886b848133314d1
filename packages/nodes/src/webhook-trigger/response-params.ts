import { z } from "zod";
import { choiceField, jsonField, keyValueField } from "../param-fields.ts";

/** A status that is known, or an expression that will give it. Known only when the run has ended, so checked again then. */
const status = z
  .preprocess(
    (value: number | string | undefined) => {
      if (value === null || value === "") return undefined;
      return typeof value === "string" && /^\s*\d+\s*$/.test(value) ? Number(value) : value;
    },
    z
      .union(
        [z.number().int().min(200).max(599), z.string().includes("{{")],
        "use a status from 200 to 599, or an expression that gives one",
      )
      .optional(),
  )
  .optional();

/**
 * The params that say what a webhook's sender gets back. Those marked `outcome` are evaluated once the run has ended, over
 * `input`, `output` and `run`; an answer at once knows no `output`.
 */
export const responseParams = {
  respond: choiceField({ label: "Answer" }, [
    { value: "accepted", label: "At once", help: "202, as soon as the event is stored safely." },
    { value: "finished", label: "When the run has finished", help: "With the run's output, while the sender waits." },
  ]),
  responseStatus: status.meta({
    ui: {
      label: "Status",
      help: "Left empty: 202 at once, 200 when the run has finished.",
      control: "text" as const,
      placeholder: "200",
      expressions: "outcome" as const,
      isAdvanced: true,
    },
  }),
  responseBody: jsonField({
    label: "Body",
    help: "Text or JSON. Left empty: the run's id at once, its output when it has finished.",
    placeholder: '{ "answer": "{{ output.answer }}" }',
    rows: 4,
    expressions: "outcome",
    visibleWhen: { field: "respond", in: ["finished"] },
    isAdvanced: true,
  }),
  responseHeaders: keyValueField({
    label: "Headers",
    expressions: "outcome",
    visibleWhen: { field: "respond", in: ["finished"] },
    isAdvanced: true,
  }),
};
