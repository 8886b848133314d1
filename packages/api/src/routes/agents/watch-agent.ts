import { toExecutionMessage } from "../../events/execution-message.ts";
import { eventQuery, lastEventId, streamEvents } from "../../events/stream-events.ts";
import { idParams } from "../../http/params.ts";
import { defineRoute } from "../../http/route.ts";

export const watchAgent = defineRoute({
  id: "agents.events",
  method: "GET",
  path: "/api/agents/:id/events",
  summary: "The events of all runs of an agent, as server-sent events",
  description:
    "Tells the runs that go on from now on, until the connection is closed. After it broke, send the id of the last event as `Last-Event-ID` (browsers do) or `lastEventId`, and the stream goes on after it, at whichever server.",
  auth: "session-or-key",
  permission: "read",
  params: idParams,
  query: eventQuery,
  rate: "run",
  success: { status: 200, description: "text/event-stream" },
  handle: async ({ platform, settings, params, query, request }, actor) => {
    const after = lastEventId(request, query);
    const stream = await streamEvents({ context: { platform, settings }, request, actor, permission: "read" }, (stream) =>
      platform.executions.watchAgent(actor, params.id, {
        after,
        sink: {
          tell: (event) => stream.send({ ...toExecutionMessage(event), id: event.position }),
          ready: () => stream.ready(),
          end: (error) => stream.end(error),
        },
      }),
    );
    return stream.response();
  },
});
