import { defineNode } from "@heddle/node-kit";
import { isRecord } from "@heddle/schema";
import { z } from "zod";
import { cardLine, shown } from "../card-line.ts";
import { anything, objectSchema, text, textByName } from "../output-schemas.ts";
import { choiceField, optionalTextField, schemaField } from "../param-fields.ts";

/** Starts a run when another service sends a webhook. */
export const webhookTrigger = defineNode({
  type: "webhook-trigger",
  name: "Webhook",
  category: "trigger",
  icon: "webhook",
  summary: "Starts when another service sends an event.",
  docs: `Starts a run when another service calls the agent's webhook address, which you find on the deployment's page.

**When to use it.** For services that push events: forms, shops, ticket systems, code hosts.

**Input.** \`{ method, headers, query, body }\`. Header names are lower case. A JSON body arrives as data, anything else as text.

**Checking the sender.** Anyone who knows the address can call it. Choose *Signature* where the sender signs its events (Standard Webhooks; five minutes of tolerance, each event taken once), *Secret header* where it can only send a fixed value. The secret itself is kept as a credential.

**Example.** \`{{ input.body.order.id }}\` reads the id of the order in the body, \`{{ input.headers["x-event"] }}\` a header.

**Errors.** \`unauthenticated\` when the signature or the secret is wrong, \`input_invalid\` when the body does not fit its schema.`,
  params: z
    .object({
      method: choiceField({ label: "Method", help: "Calls with another method are refused." }, [
        { value: "POST", label: "POST" },
        { value: "PUT", label: "PUT" },
        { value: "GET", label: "GET" },
        { value: "any", label: "Any" },
      ]),
      verification: choiceField({ label: "Check the sender by" }, [
        { value: "signature", label: "Signature", help: "The sender signs each event as Standard Webhooks describes." },
        { value: "secret", label: "Secret header", help: "The sender sends a fixed secret in a header." },
        { value: "none", label: "Nothing", help: "Anyone who knows the address can start a run." },
      ]),
      credential: optionalTextField({
        label: "Secret",
        help: "The secret that you and the sender share.",
        control: "credential",
        credentialTypes: ["webhook-secret"],
        expressions: "literal",
        visibleWhen: { field: "verification", in: ["signature", "secret"] },
      }),
      secretHeader: optionalTextField({
        label: "Header with the secret",
        placeholder: "x-webhook-secret",
        expressions: "literal",
        visibleWhen: { field: "verification", in: ["secret"] },
      }),
      bodySchema: schemaField({
        label: "What the body looks like",
        help: "A JSON Schema. Events that don't fit are refused.",
        isAdvanced: true,
      }),
    })
    .superRefine((params, context) => {
      if (params.verification !== "none" && !params.credential) {
        context.addIssue({ code: "custom", path: ["credential"], message: "choose the secret that the sender uses" });
      }
    }),
  describe: ({ method, verification }) =>
    cardLine(
      method === "any" ? "Any method" : shown(method, "POST"),
      verification === "none" ? "from anyone" : verification === "secret" ? "checks a secret" : "checks the signature",
    ),
  output: ({ bodySchema }) =>
    objectSchema({ method: text, headers: textByName, query: textByName, body: isRecord(bodySchema) ? bodySchema : anything }),
});
