import type { IncomingHttpHeaders } from "node:http";

/** What the Node adapter puts beside a request. */
export interface NodeBindings {
  incoming?: { socket: { remoteAddress?: string | undefined } };
}

/** What a request of Node's says of its sender. */
export interface NodeRequest {
  readonly headers: IncomingHttpHeaders;
  readonly socket: { readonly remoteAddress?: string | undefined };
}

/** The caller's address: the socket's, or what the last proxy of ours saw. Senders can't choose it. */
export function clientAddress(request: Request, bindings: NodeBindings | undefined, isProxyTrusted: boolean): string {
  return choose(bindings?.incoming?.socket.remoteAddress, isProxyTrusted ? request.headers.get("x-forwarded-for") : null);
}

/** The same of a request as Node gives it. */
export function clientAddressOf({ socket, headers }: NodeRequest, isProxyTrusted: boolean): string {
  const forwarded = headers["x-forwarded-for"];
  return choose(socket.remoteAddress, isProxyTrusted && forwarded !== undefined ? String(forwarded) : null);
}

function choose(socket: string | undefined, forwarded: string | null): string {
  // The last entry is the one that our own proxy added; those before it are the sender's claims.
  const last = forwarded?.split(",").pop()?.trim();
  return last === undefined || last === "" ? (socket ?? "unknown") : last;
}
