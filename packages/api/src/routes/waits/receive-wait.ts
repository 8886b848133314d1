import type { Json } from "@heddle/schema";
import { z } from "zod";
import { MAX_JSON_BYTES, parseJson, readText } from "../../http/body.ts";
import { definePublicRoute } from "../../http/route.ts";

/** Whoever has the address may end the wait: its last part is the proof. */
export const receiveWait = definePublicRoute({
  id: "waits.receive",
  method: "POST",
  path: "/api/waits/:id/:token",
  summary: "The one-time address of a run that waits for a request",
  description: "The body, JSON or text of at most 1 MiB, is what the run goes on with. The address works once.",
  params: z.object({ id: z.uuid(), token: z.string().regex(/^[\w-]{43}$/) }),
  rate: "run",
  success: { status: 202, schema: z.object({ executionId: z.string() }) },
  handle: async ({ platform, params, request }) => {
    const text = await readText(request, MAX_JSON_BYTES);
    const isJson = /^application\/(?:[\w.+-]+\+)?json\b/i.test(request.headers.get("content-type") ?? "");
    const body = text.trim() === "" ? null : isJson ? (parseJson(text) as Json) : text;
    await platform.waits.receive(params.id, params.token, body);
    return { executionId: params.id };
  },
});
