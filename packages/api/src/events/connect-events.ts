import { actorLabel } from "@heddle/platform/access/actor";
import type { ApiContext } from "../context.ts";
import { identify } from "../http/authenticate.ts";
import { clientAddress, type NodeBindings } from "../http/client-address.ts";
import { countRequest } from "../http/count-request.ts";
import { checkOriginHeaders } from "../http/origin.ts";
import { EventSession, type EventConnection } from "./event-session.ts";

/** Where WebSocket connections are opened. */
export const EVENTS_PATH = "/api/ws";

/**
 * Opens a session of events for an upgrade request; undefined where nobody is signed in.
 * Browsers let any site open a WebSocket with our cookies, so the origin is checked here too.
 * @throws HeddleError origin_refused, rate_limited
 */
export async function connectEvents(
  headers: Headers,
  context: ApiContext,
  connection: EventConnection,
  bindings?: NodeBindings,
): Promise<EventSession | undefined> {
  if (!headers.has("authorization"))
    checkOriginHeaders(headers.get("origin"), headers.get("host"), headers.get("sec-fetch-site"), context.settings);
  const request = new Request(`http://localhost${EVENTS_PATH}`, { headers });
  const actor = await identify(request, context);
  const address = clientAddress(request, bindings, context.settings.isProxyTrusted);
  await countRequest(request, context, { actor, address, isRun: false });
  if (!actor) return undefined;
  const onEnd = context.platform.executionEvents.connections.take(actorLabel(actor));
  return new EventSession({ platform: context.platform, identify: () => identify(request, context), onEnd, ...connection });
}
