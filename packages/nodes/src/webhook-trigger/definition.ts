import { defineNode } from "@heddle/node-kit";
import { isRecord } from "@heddle/schema";
import { z } from "zod";
import { cardLine, shown } from "../card-line.ts";
import { anything, objectSchema, text, textByName } from "../output-schemas.ts";
import { choiceField, jsonField, optionalTextField, schemaField } from "../param-fields.ts";
import { responseParams } from "./response-params.ts";
import { verificationParams, wantsCredential } from "./verification-params.ts";

const METHODS = ["POST", "PUT", "PATCH", "DELETE", "GET"] as const;
const method = z.enum(METHODS, `choose one of ${METHODS.join(", ")}`);

/** A part of an address, without a slash at either end: `orders`, `shop/orders-paid`. */
const PATH = /^[A-Za-z0-9_-]+(?:\/[A-Za-z0-9_-]+)*$/;

/** Starts a run when another service sends a webhook. */
export const webhookTrigger = defineNode({
  type: "webhook-trigger",
  name: "Webhook",
  category: "trigger",
  icon: "webhook",
  summary: "Starts when another service sends an event.",
  docs: `Starts a run when another service calls the agent's webhook address, which you find on the deployment's page.

**When to use it.** For services that push events: forms, shops, ticket systems, code hosts.

**Several webhooks.** An agent may have more than one. Give each a *Path* of its own; it is added to the address.

**Input.** \`{ method, path, headers, query, body }\`. Header names are lower case. A JSON body arrives as data, a form as names with values, anything else as text.

**Checking the sender.** Anyone who knows the address can call it. Choose how the sender proves itself; the secret is kept as a credential.
- *Standard Webhooks*: many services sign this way. Five minutes of tolerance, each event is taken once.
- *GitHub*, *Stripe*, *Slack*: as these services sign.
- *HMAC-SHA256 in a header*: for others that sign the body. Say which header, what stands before the signature, and how it is written.
- *Secret in a header*: where the sender can only send a fixed value.

**Each event once.** Senders repeat what they believe was lost. Events with the same *Event id* are taken once within 72 hours, for example \`{{ input.body.id }}\`. Signed events of Standard Webhooks, GitHub, Stripe and Slack carry an id of their own.

**Answer.** *At once* answers 202 when the event is stored safely. *When the run has finished* answers with its output, or with the status, headers and body that you write: \`{{ output.answer }}\` is a field of the run's output, \`{{ input.body.id }}\` one of the event.

**Example.** \`{{ input.body.order.id }}\` reads the id of the order in the body, \`{{ input.headers["x-event"] }}\` a header.

**Errors.** \`unauthenticated\` when the signature or the secret is wrong, \`method_not_allowed\`, \`input_invalid\` when the body does not fit its schema.`,
  params: z
    .object({
      path: optionalTextField({
        label: "Path",
        help: "Added to the address. Left empty: the address itself.",
        placeholder: "orders",
        expressions: "literal",
      }).refine((path) => path === undefined || (path.length <= 200 && PATH.test(path)), {
        message: "use letters, digits, - and _, with / between parts, for example shop/orders",
      }),
      method: choiceField({ label: "Method", help: "Calls with another method are refused." }, [
        ...METHODS.map((value) => ({ value, label: value })),
        { value: "any", label: "Any" },
        { value: "several", label: "Several…" },
      ]),
      methods: z
        .array(method.meta({ ui: { label: "Method", control: "select", expressions: "literal" } }))
        .max(METHODS.length, "name each method once")
        .default([])
        .meta({
          ui: { label: "Methods", control: "list", expressions: "literal", visibleWhen: { field: "method", in: ["several"] } },
        }),
      ...verificationParams,
      deduplicateBy: jsonField({
        label: "Event id",
        help: "Events with the same id are taken once within 72 hours.",
        placeholder: "{{ input.body.id }}",
        control: "text",
        expressions: "arrival",
        isAdvanced: true,
      }),
      bodySchema: schemaField({
        label: "What the body looks like",
        help: "A JSON Schema. Events that don't fit are refused.",
        isAdvanced: true,
      }),
      ...responseParams,
    })
    .superRefine((params, context) => {
      if (wantsCredential(params.verification) && !params.credential) {
        context.addIssue({ code: "custom", path: ["credential"], message: "choose the secret that the sender uses" });
      }
      if (params.method === "several" && params.methods.length === 0) {
        context.addIssue({ code: "custom", path: ["methods"], message: "add a method" });
      }
    }),
  describe: ({ path, method: chosen, methods, verification }) => {
    const list = chosen === "several" && Array.isArray(methods) ? methods.filter((entry) => typeof entry === "string") : [];
    return cardLine(
      `${list.join(", ") || (chosen === "any" || chosen === "several" ? "Any method" : shown(chosen, "POST"))}${shown(path) === "" ? "" : ` /${shown(path)}`}`,
      verification === "none" ? "from anyone" : verification === "secret" ? "checks a secret" : "checks the signature",
    );
  },
  output: ({ bodySchema }) =>
    objectSchema({ method: text, path: text, headers: textByName, query: textByName, body: isRecord(bodySchema) ? bodySchema : anything }),
});
