import { type CredentialDefinition, fieldHint } from "@heddle/node-kit";
import { HeddleError } from "@heddle/schema";
import type { z } from "zod";

/** A credential's fields as they were checked: those that may be shown, and those that must not. */
export interface CheckedFields {
  open: Record<string, string>;
  secret: Record<string, string>;
  allowedHosts: string[];
}

/** @throws HeddleError invalid_request with the field and what is wrong with it; never with a value */
export function checkFields(definition: CredentialDefinition, fields: Record<string, string>, hosts: string[] | undefined): CheckedFields {
  const known = definition.fields.shape as Record<string, z.ZodType>;
  const unknown = Object.keys(fields).find((name) => !Object.hasOwn(known, name));
  if (unknown !== undefined)
    throw new HeddleError("invalid_request", `${definition.name} has no such field.`, { details: { field: `fields.${unknown}` } });
  const parsed = definition.fields.safeParse(fields);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const name = String(issue?.path[0] ?? "");
    const label = known[name] === undefined ? name : fieldHint(known[name], name).label;
    throw new HeddleError("invalid_request", `${label}: ${issue?.message ?? "this does not fit"}.`, {
      details: { field: `fields.${name}` },
    });
  }
  const open: Record<string, string> = {};
  const secret: Record<string, string> = {};
  for (const [name, value] of Object.entries(parsed.data)) {
    if (typeof value === "string") (isSecret(known[name]) ? secret : open)[name] = value;
  }
  return { open, secret, allowedHosts: definition.allowedHosts(parsed.data) ?? checkHosts(hosts) };
}

/** Whether a field's value must never be shown. A field that says nothing is taken for a secret only if it is unknown. */
export function isSecret(field: z.ZodType | undefined): boolean {
  if (field === undefined) return true;
  const { ui } = (field.meta() ?? {}) as { ui?: { isSecret?: boolean } };
  return ui?.isSecret === true;
}

const HOST =
  /^(\*\.)?(?=.{1,253}(:|$))[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*(:\d{1,5})?$|^\[[0-9a-f:.]{2,45}\](:\d{1,5})?$/;

function checkHosts(hosts: string[] | undefined): string[] {
  const normal = [...new Set((hosts ?? []).map((host) => host.trim().toLowerCase()))];
  const wrong = normal.find((host) => !HOST.test(host));
  if (wrong !== undefined) {
    throw new HeddleError("invalid_request", "This is not a host. Write api.example.com, or *.example.com for all below it.", {
      details: { field: "allowedHosts" },
    });
  }
  if (normal.length === 0) {
    throw new HeddleError("invalid_request", "List the hosts that this may be sent to.", { details: { field: "allowedHosts" } });
  }
  return normal;
}
