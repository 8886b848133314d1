import { eventQuery, lastEventId, parseEventId, sinkOf, streamEvents } from "../../events/stream-events.ts";
import { idParams } from "../../http/params.ts";
import { defineRoute } from "../../http/route.ts";

/** How long to find out that somebody has heard everything already, ms. */
const DECIDE_WITHIN_MS = 500;

export const watchExecution = defineRoute({
  id: "executions.events",
  method: "GET",
  path: "/api/executions/:id/events",
  summary: "The events of an execution, as server-sent events",
  description:
    "Tells a run from its beginning to its end, whether it goes on or is over: `agent.execution.started`, `progress`, `waiting`, `completed` or `failed`. After a connection broke, send the id of the last event as `Last-Event-ID` (browsers do) or `lastEventId`, and the stream goes on after it, at whichever server. Answers 204 where nothing is left to tell.",
  auth: "session-or-key",
  permission: "read",
  params: idParams,
  query: eventQuery,
  rate: "run",
  success: { status: 200, description: "text/event-stream" },
  handle: async ({ platform, settings, params, query, request }, actor) => {
    const afterId = parseEventId(lastEventId(request, query));
    const stream = await streamEvents({ context: { platform, settings }, request, actor, permission: "read" }, (stream) =>
      platform.executions.watch(actor, params.id, { sink: sinkOf(stream), afterId }),
    );
    // A browser connects again after every end, unless it is told that this was all.
    if (afterId !== undefined && (await isOverAtOnce(stream.begun))) return new Response(null, { status: 204 });
    return stream.response();
  },
});

async function isOverAtOnce(begun: Promise<boolean>): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const undecided = new Promise<boolean>((resolve) => (timer = setTimeout(() => resolve(true), DECIDE_WITHIN_MS)));
  const hasMore = await Promise.race([begun, undecided]);
  clearTimeout(timer);
  return !hasMore;
}
