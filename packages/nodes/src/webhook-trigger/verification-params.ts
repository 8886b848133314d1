import { choiceField, optionalTextField } from "../param-fields.ts";

/**
 * How a sender proves itself. `signature` is Standard Webhooks. Where the others sign, and what: GitHub
 * `x-hub-signature-256` (`sha256=` + hex over the body), Stripe `stripe-signature` (`t=…,v1=…`, hex over `t.body`), Slack
 * `x-slack-signature` (`v0=` + hex over `v0:timestamp:body`), hmac as the fields say, over the body.
 */
const VERIFICATIONS = [
  { value: "signature", label: "Standard Webhooks", help: "The sender signs each event as Standard Webhooks describes." },
  { value: "github", label: "GitHub", help: "The secret that you typed into the repository's webhook settings." },
  { value: "stripe", label: "Stripe", help: "The endpoint's signing secret, whsec_…" },
  { value: "slack", label: "Slack", help: "The app's signing secret." },
  { value: "hmac", label: "HMAC-SHA256 in a header", help: "The sender signs the body with a secret." },
  { value: "secret", label: "Secret in a header", help: "The sender sends a fixed secret in a header." },
  { value: "none", label: "Nothing", help: "Anyone who knows the address can start a run." },
] as const;

type Verification = (typeof VERIFICATIONS)[number]["value"];
const HEADER_NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/;
const isHeaderName = (name: string | undefined): boolean => name === undefined || HEADER_NAME.test(name);

/** Whether a way of checking the sender needs a secret. */
export function wantsCredential(verification: Verification): boolean {
  return verification !== "none";
}

/** The params that say how a webhook's sender is checked; the check itself happens before a run is accepted. */
export const verificationParams = {
  verification: choiceField({ label: "Check the sender by" }, VERIFICATIONS),
  credential: optionalTextField({
    label: "Secret",
    help: "The secret that you and the sender share.",
    control: "credential",
    credentialTypes: ["webhook-secret"],
    expressions: "literal",
    visibleWhen: { field: "verification", in: ["signature", "github", "stripe", "slack", "hmac", "secret"] },
  }),
  secretHeader: optionalTextField({
    label: "Header with the secret",
    placeholder: "x-webhook-secret",
    expressions: "literal",
    visibleWhen: { field: "verification", in: ["secret"] },
  }).refine(isHeaderName, "use a header's name, for example x-webhook-secret"),
  signatureHeader: optionalTextField({
    label: "Header with the signature",
    placeholder: "x-signature",
    expressions: "literal",
    visibleWhen: { field: "verification", in: ["hmac"] },
  }).refine(isHeaderName, "use a header's name, for example x-signature"),
  signaturePrefix: optionalTextField({
    label: "Before the signature",
    help: "What the header has in front of the signature. Left empty: nothing.",
    placeholder: "sha256=",
    expressions: "literal",
    visibleWhen: { field: "verification", in: ["hmac"] },
  }),
  signatureEncoding: choiceField({ label: "The signature is written in", visibleWhen: { field: "verification", in: ["hmac"] } }, [
    { value: "hex", label: "Hexadecimal" },
    { value: "base64", label: "Base64" },
  ]),
};
