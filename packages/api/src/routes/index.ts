import type { Route } from "../http/route.ts";
import { health } from "./system/health.ts";
import { openapi } from "./system/openapi.ts";
import { ready } from "./system/ready.ts";

/** Every REST route: the one list that routing, the OpenAPI document and the security tests are made from. */
export const routes: readonly Route[] = [health, ready, openapi];
