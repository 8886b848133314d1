import { defineNode } from "@heddle/node-kit";
import { z } from "zod";
import { cardLine, shown } from "../card-line.ts";
import { anything, boolean, integer, objectSchema, text, textByName } from "../output-schemas.ts";
import { choiceField, jsonField, keyValueField, numberField, optionalTextField, switchField, textField } from "../param-fields.ts";

/** Calls a web address. */
export const httpRequest = defineNode({
  type: "http-request",
  name: "HTTP request",
  category: "tool",
  icon: "globe",
  summary: "Calls a web service.",
  docs: `Calls a web service and gives its answer.

**When to use it.** To read from or write to any system that has an HTTP interface. Attach it to a *Language model* as a tool to let the model decide when to call it; the model's arguments are \`{{ args.name }}\` here.

**Signing in.** Choose a credential rather than typing a key into a header: it is kept encrypted, and sent only to the hosts it is meant for. A request with a credential does not follow redirects.

**Query values** are encoded for you, so put someone's text there rather than into the address. Values that are missing are left out; lists are repeated.

**Answer.** \`status\`, \`ok\`, \`headers\` (names in lower case), \`body\` and \`url\`. A JSON body arrives as data: \`{{ http.output.body.items[0].id }}\`.

**Example.** GET \`https://api.example.com/orders\` with the query \`id\` = \`{{ input.orderId }}\`.

**Safety.** Private, local and cloud metadata addresses are never called. POST, PUT, PATCH and DELETE carry an \`Idempotency-Key\` that stays the same when the step is tried again.

**Errors.** \`http_status\` for answers of 400 and above (408, 409, 425, 429 and 5xx can be tried again; Retry-After is honoured), \`http_failed\` when the server can't be reached, \`http_blocked\` for an address that may not be called or that the credential is not meant for, \`output_invalid\` when JSON was wanted and something else came.`,
  params: z.object({
    method: choiceField({ label: "Method" }, [
      { value: "GET", label: "GET" },
      { value: "POST", label: "POST" },
      { value: "PUT", label: "PUT" },
      { value: "PATCH", label: "PATCH" },
      { value: "DELETE", label: "DELETE" },
      { value: "HEAD", label: "HEAD" },
      { value: "OPTIONS", label: "OPTIONS" },
    ]),
    url: textField({ label: "Address", placeholder: "https://api.example.com/orders" }),
    query: keyValueField({ label: "Query", help: "Added to the address after the question mark." }),
    headers: keyValueField({ label: "Headers" }),
    credential: optionalTextField({
      label: "Credential",
      help: "Signs the request in.",
      control: "credential",
      credentialTypes: ["http-bearer", "http-basic", "http-header"],
    }),
    bodyKind: choiceField({ label: "Body" }, [
      { value: "none", label: "None" },
      { value: "json", label: "JSON" },
      { value: "form", label: "Form" },
      { value: "text", label: "Text" },
    ]),
    json: jsonField({
      label: "JSON",
      placeholder: '{ "name": "{{ input.name }}" }',
      rows: 6,
      visibleWhen: { field: "bodyKind", in: ["json"] },
    }),
    form: keyValueField({ label: "Form fields", visibleWhen: { field: "bodyKind", in: ["form"] } }),
    text: optionalTextField({ label: "Text", control: "textarea", rows: 6, visibleWhen: { field: "bodyKind", in: ["text"] } }),
    responseKind: choiceField({ label: "Read the answer as", isAdvanced: true }, [
      { value: "auto", label: "What it says it is" },
      { value: "json", label: "JSON" },
      { value: "text", label: "Text" },
      { value: "base64", label: "Base64" },
    ]),
    failOnError: switchField(
      { label: "Fail on status 400 and above", help: "Off: go on, and look at the status yourself.", isAdvanced: true },
      true,
    ),
    timeoutMs: numberField({ label: "Time limit (ms)", isAdvanced: true }, { default: 30_000, min: 100, max: 300_000, isInteger: true }),
    maxRedirects: numberField({ label: "Redirects to follow", isAdvanced: true }, { default: 5, min: 0, max: 10, isInteger: true }),
  }),
  provides: ["tool"],
  describe: ({ method, url }) => cardLine(`${shown(method, "GET")} ${shown(url)}`),
  output: () => objectSchema({ status: integer, ok: boolean, headers: textByName, body: anything, url: text }),
  hasSideEffects: true,
  timeoutMs: 310_000,
});
