import type { z } from "zod";

/** A kind of credential: which fields it has, which of them are secret, and where it may be sent. */
export interface CredentialDefinition<F extends z.ZodObject = z.ZodObject> {
  /** Kebab-case: `openai`, `anthropic`, `http-bearer`. */
  type: string;
  name: string;
  icon: string;
  docs: string;
  /** String fields; secret ones carry `.meta({ ui: { …, isSecret: true } })`. */
  fields: F;
  /** Hosts that a credential of these fields may be sent to; undefined where the person must list them. */
  allowedHosts: (fields: z.output<F>) => string[] | undefined;
}

/** Declares a kind of credential. */
export function defineCredential<F extends z.ZodObject>(definition: CredentialDefinition<F>): CredentialDefinition<F> {
  return definition;
}
