/** What the Node adapter puts beside a request. */
export interface NodeBindings {
  incoming?: { socket: { remoteAddress?: string | undefined } };
}

/** The caller's address: the socket's, or what the last proxy of ours saw. Senders can't choose it. */
export function clientAddress(request: Request, bindings: NodeBindings | undefined, isProxyTrusted: boolean): string {
  const socket = bindings?.incoming?.socket.remoteAddress ?? "unknown";
  if (!isProxyTrusted) return socket;
  // The last entry is the one that our own proxy added; those before it are the sender's claims.
  const forwarded = request.headers.get("x-forwarded-for")?.split(",").pop()?.trim();
  return forwarded === undefined || forwarded === "" ? socket : forwarded;
}
