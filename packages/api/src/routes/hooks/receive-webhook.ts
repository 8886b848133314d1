import { z } from "zod";
import { MAX_JSON_BYTES, parseJson, readText } from "../../http/body.ts";
import { idParams } from "../../http/params.ts";
import { definePublicRoute, type RouteCall } from "../../http/route.ts";

const accepted = z.object({ executionId: z.string() });

/** Most services send with POST. */
export const receiveWebhook = definePublicRoute({
  id: "hooks.receive",
  method: "POST",
  path: "/api/hooks/:id",
  summary: "Where other services send events for a deployment",
  description:
    "The deployment's webhook trigger says which method it takes and how the sender proves itself. Answers once the execution is committed. An event with the id of an earlier one is not run again.",
  params: idParams,
  rate: "run",
  success: { status: 202, schema: accepted },
  handle: (call) => receive(call, call.params.id),
});

/** Takes an event by any method. */
export async function receive(
  { platform, request }: Pick<RouteCall, "platform" | "request">,
  id: string,
): Promise<{ executionId: string }> {
  const text = request.method === "GET" ? "" : await readText(request, MAX_JSON_BYTES);
  const isJson = /^application\/(?:[\w.+-]+\+)?json\b/i.test(request.headers.get("content-type") ?? "");
  const { executionId, finished } = await platform.runs.receiveWebhook(id, {
    method: request.method,
    headers: Object.fromEntries(request.headers),
    query: Object.fromEntries(new URL(request.url).searchParams),
    text,
    body: isJson && text.trim() !== "" ? z.json().parse(parseJson(text)) : text,
  });
  finished.catch(() => undefined);
  return { executionId };
}
