import { z } from "zod";
import { defineRoute } from "../../http/route.ts";

const field = z.object({ name: z.string(), label: z.string(), isSecret: z.boolean(), isRequired: z.boolean() });

export const listCredentialTypes = defineRoute({
  id: "credentials.types",
  method: "GET",
  path: "/api/credential-types",
  summary: "Kinds of credential and their fields",
  auth: "session",
  success: {
    status: 200,
    schema: z.object({
      items: z.array(z.object({ type: z.string(), name: z.string(), icon: z.string(), docs: z.string(), fields: z.array(field) })),
    }),
  },
  handle: async ({ platform }) => ({ items: platform.credentials.types() }),
});
