import { scopesAllow, type Permission } from "@heddle/platform/access/permission";
import { apiKeyScope, problemDocument } from "@heddle/schema";
import { z } from "zod";
import type { ApiSettings } from "./context.ts";
import type { Route } from "./http/route.ts";
import { routes } from "./routes/index.ts";

type JsonObject = Record<string, unknown>;
const made = new Map<string, JsonObject>();

/** OpenAPI 3.1 of every REST route, made from the schemas that check the requests. Made once. */
export function openApiDocument({ version, publicUrl }: Pick<ApiSettings, "version" | "publicUrl">): JsonObject {
  const key = `${version} ${publicUrl}`;
  const document = made.get(key) ?? build(version, publicUrl);
  made.set(key, document);
  return document;
}

function build(version: string, publicUrl: string): JsonObject {
  const paths: Record<string, JsonObject> = {};
  for (const route of routes) {
    const path = route.path.replace("{.+}", "").replaceAll(/:([A-Za-z]+)/g, "{$1}");
    (paths[path] ??= {})[route.method.toLowerCase()] = operation(route);
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Heddle",
      version,
      description:
        "Build, test and deploy AI agents. Every list pages by `cursor` and `limit`; every error is an RFC 9457 problem document with a stable `code`.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: publicUrl }],
    paths,
    components: {
      securitySchemes: {
        apiKey: { type: "http", scheme: "bearer", description: "An API key of the workspace, with the scope that the operation names." },
        session: { type: "apiKey", in: "cookie", name: "session", description: "The cookie that signing in sets." },
      },
      schemas: { Problem: toSchema(problemDocument, "output") },
      responses: {
        Problem: {
          description: "What went wrong",
          content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
        },
      },
    },
  };
}

function operation(route: Route): JsonObject {
  const { auth, success } = route;
  return {
    operationId: route.id,
    tags: [route.id.split(".")[0]],
    summary: route.summary,
    ...(route.description === undefined ? {} : { description: route.description }),
    parameters: [...parameters(route.params, "path"), ...parameters(route.query, "query")],
    ...requestBody(route),
    responses: {
      [success.status]: {
        description: success.description ?? route.summary,
        ...(success.schema ? { content: { "application/json": { schema: toSchema(success.schema, "output") } } } : {}),
      },
      default: { $ref: "#/components/responses/Problem" },
    },
    security: auth === "public" ? [] : auth === "session" ? [{ session: [] }] : [{ session: [] }, { apiKey: [] }],
    ...(route.permission === undefined ? {} : { "x-permission": route.permission, "x-scopes": scopesFor(route.permission) }),
  };
}

function scopesFor(permission: Permission): string[] {
  return apiKeyScope.options.filter((scope) => scopesAllow([scope], permission));
}

function requestBody(route: Route): JsonObject {
  if (route.body === undefined) return {};
  if (route.body !== "upload") return { requestBody: { content: { "application/json": { schema: toSchema(route.body, "input") } } } };
  const fields = Object.entries(route.upload?.fields ?? {}).map(([name, description]) => [name, { type: "string", description }]);
  const file = { type: "string", format: "binary", description: route.upload?.file ?? "The file, 25 MiB at most" };
  return {
    requestBody: {
      required: true,
      content: {
        "multipart/form-data": { schema: { type: "object", properties: { ...Object.fromEntries(fields), file }, required: ["file"] } },
      },
    },
  };
}

function parameters(shape: z.ZodType | undefined, place: "path" | "query"): JsonObject[] {
  if (!shape) return [];
  const { properties = {}, required = [] } = toSchema(shape, "input") as { properties?: Record<string, JsonObject>; required?: string[] };
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: place,
    required: place === "path" || required.includes(name),
    schema,
  }));
}

function toSchema(schema: z.ZodType, io: "input" | "output"): JsonObject {
  const { $schema: _, "~standard": __, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: "any" }) as JsonObject;
  return rest;
}
