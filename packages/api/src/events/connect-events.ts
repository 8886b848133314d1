import type { ApiContext } from "../context.ts";
import { identify } from "../http/authenticate.ts";
import { checkOriginHeaders } from "../http/origin.ts";
import { EventSession, type EventSessionOptions } from "./event-session.ts";

/** Where WebSocket connections are opened. */
export const EVENTS_PATH = "/api/ws";

/**
 * Opens a session of events for an upgrade request; undefined where nobody is signed in.
 * Browsers let any site open a WebSocket with our cookies, so the origin is checked here too.
 * @throws HeddleError origin_refused
 */
export async function connectEvents(
  headers: Headers,
  context: ApiContext,
  connection: Pick<EventSessionOptions, "send" | "close">,
): Promise<EventSession | undefined> {
  if (!headers.has("authorization"))
    checkOriginHeaders(headers.get("origin"), headers.get("host"), headers.get("sec-fetch-site"), context.settings);
  const request = new Request(`http://localhost${EVENTS_PATH}`, { headers });
  if (!(await identify(request, context))) return undefined;
  return new EventSession({ platform: context.platform, identify: () => identify(request, context), ...connection });
}
