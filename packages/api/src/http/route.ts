import type { Actor } from "@heddle/platform/access/actor";
import type { Permission } from "@heddle/platform/access/permission";
import type { z } from "zod";
import type { ApiContext } from "../context.ts";
import type { Upload } from "./body.ts";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** Who may call a route: anyone; a person who is signed in; or such a person and API keys whose scopes give the permission. */
export type RouteAuth = "public" | "session" | "session-or-key";

type Shape = z.ZodType | undefined;
type Output<S extends Shape> = S extends z.ZodType ? z.output<S> : undefined;

export interface RouteCall<P extends Shape = Shape, Q extends Shape = Shape, B extends Shape | "upload" = Shape> extends ApiContext {
  params: Output<P & Shape>;
  query: Output<Q & Shape>;
  body: B extends "upload" ? Upload : Output<Exclude<B, "upload">>;
  request: Request;
  /** Of the caller, for limits and the audit log. */
  clientAddress: string;
}

interface RouteBase<P extends Shape, Q extends Shape, B extends Shape | "upload"> {
  /** Also the operationId in the OpenAPI document: `agents.create`. */
  id: string;
  method: Method;
  /** With `:name` for what is taken from the path; `:name{.+}` at its end takes all that is left. */
  path: `/api/${string}`;
  summary: string;
  /** More than the summary says, in Markdown. */
  description?: string;
  /** What the member's role or the key's scopes must allow. The use case checks it; here it serves keys, docs and tests. */
  permission?: Permission;
  params?: P;
  query?: Q;
  /** `upload`: multipart with files, parsed by the route. */
  body?: B;
  /** Multipart fields, for the OpenAPI document. */
  upload?: { fields: Record<string, string>; file: string };
  success: { status: 200 | 201 | 202 | 204; schema?: z.ZodType; description?: string };
  /**
   * How its requests are counted: `run` where it runs agents or tells how runs went, which limits keys and agents but no
   * person; `none` where it must answer whatever happens. Otherwise keys, people and strangers by their limits.
   */
  rate?: "run" | "none";
}

/** One REST route: everything that routing, authorisation, OpenAPI and the security tests need to know of it. */
export interface Route {
  readonly id: string;
  readonly method: Method;
  readonly path: `/api/${string}`;
  readonly summary: string;
  readonly description?: string;
  readonly auth: RouteAuth;
  readonly permission?: Permission;
  readonly params?: Shape;
  readonly query?: Shape;
  readonly body?: Shape | "upload";
  readonly upload?: { fields: Record<string, string>; file: string };
  readonly success: { status: 200 | 201 | 202 | 204; schema?: z.ZodType; description?: string };
  readonly rate?: "run" | "none";
  readonly handle: (call: RouteCall, actor: Actor | undefined) => Promise<unknown>;
}

type Handle<P extends Shape, Q extends Shape, B extends Shape | "upload", A> = (call: RouteCall<P, Q, B>, actor: A) => Promise<unknown>;

/** Declares a route that needs a caller with a name; its handler returns the answer's body, or a whole Response. */
export function defineRoute<P extends Shape = undefined, Q extends Shape = undefined, B extends Shape | "upload" = undefined>(
  route: RouteBase<P, Q, B> & { handle: Handle<P, Q, B, Actor> } & (
      | { auth: "session" }
      | { auth: "session-or-key"; permission: Permission }
    ),
): Route {
  return route as unknown as Route;
}

/** Declares a route that answers anyone. Every one of them is on the written list of the security tests. */
export function definePublicRoute<P extends Shape = undefined, Q extends Shape = undefined, B extends Shape | "upload" = undefined>(
  route: RouteBase<P, Q, B> & { handle: Handle<P, Q, B, undefined> },
): Route {
  return { ...route, auth: "public" } as unknown as Route;
}
