import { actorLabel, type Actor } from "@heddle/platform/access/actor";
import type { Permission } from "@heddle/platform/access/permission";
import type { EventSink } from "@heddle/platform/events/run-subscription";
import { HeddleError } from "@heddle/schema";
import { z } from "zod";
import type { ApiContext } from "../context.ts";
import { identify } from "../http/authenticate.ts";
import { EventStream } from "./event-stream.ts";
import { toExecutionMessage } from "./execution-message.ts";
import { keepAuthorised } from "./keep-authorised.ts";

/** For those who can't send the header Last-Event-ID. */
export const eventQuery = z.object({ lastEventId: z.string().max(64).optional() });

/** What a reader has heard last; browsers send it by themselves when they connect again. */
export function lastEventId(request: Request, query: z.infer<typeof eventQuery>): string | undefined {
  return request.headers.get("last-event-id") || query.lastEventId || undefined;
}

/** The id of an event of a run. @throws HeddleError invalid_request */
export function parseEventId(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const id = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(id)) throw new HeddleError("invalid_request", "lastEventId: send the id of an event as it came.");
  return id;
}

/** Who may watch, asked again while they do. */
export interface StreamCaller {
  context: ApiContext;
  request: Request;
  actor: Actor;
  permission: Permission;
}

/** What was begun for a stream, and where. */
interface Begun {
  workspaceId: string;
  stop: () => void;
}

/** Keeps a stream in step with what its caller may see, until either ends. */
export function guardStream(
  stream: EventStream,
  { context, request, actor, permission }: StreamCaller,
  { workspaceId, stop }: Begun,
): void {
  const check = async () => {
    const now = await identify(request, context);
    if (now === undefined || actorLabel(now) !== actorLabel(actor)) throw new HeddleError("unauthenticated", "Sign in again.");
    await context.platform.access.authorize(now, workspaceId, permission);
  };
  stream.onClose(keepAuthorised(check, (error) => stream.end(error)));
  stream.onClose(stop);
}

/** A run's events into a stream. */
export function sinkOf(stream: EventStream): EventSink {
  return {
    tell: (event) => stream.send(toExecutionMessage(event)),
    ready: () => stream.ready(),
    end: (error) => stream.end(error),
  };
}

/** Answers with a stream that somebody reads besides what else they do. It ends when this process does; they come again then. */
export async function streamEvents(caller: StreamCaller, begin: (stream: EventStream) => Promise<Begun>): Promise<EventStream> {
  const { connections, stopping } = caller.context.platform.executionEvents;
  const release = connections.take(actorLabel(caller.actor));
  const stream = new EventStream();
  stream.onClose(release);
  try {
    guardStream(stream, caller, await begin(stream));
  } catch (error) {
    stream.end();
    throw error;
  }
  const end = () => stream.end();
  if (stopping.aborted) end();
  stopping.addEventListener("abort", end, { once: true });
  stream.onClose(() => stopping.removeEventListener("abort", end));
  return stream;
}
