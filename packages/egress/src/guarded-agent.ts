import { lookup as systemLookup } from "node:dns/promises";
import { isIP, type LookupFunction } from "node:net";
import { HeddleError } from "@heddle/schema";
import { Agent, buildConnector, Pool } from "undici";
import type { AddressPolicy } from "./address-policy.ts";
import { portOf } from "./target-url.ts";

/** Resolves a host name to all its addresses. */
export type Resolve = (hostname: string) => Promise<{ address: string; family: number }[]>;

export interface GuardedAgentOptions {
  policy: AddressPolicy;
  resolve?: Resolve;
  /** ms */
  connectTimeoutMs?: number;
}

/**
 * A pooled HTTP agent that checks addresses where nothing can come between check and use: the name is resolved once per
 * connection, every address of the answer is checked, the socket is opened to those addresses, and the peer's address is
 * checked again before the first byte is sent.
 */
export function createGuardedAgent({ policy, resolve = systemResolve, connectTimeoutMs = 10_000 }: GuardedAgentOptions): Agent {
  return new Agent({
    // Keep-alive beyond Node's 4 s, so that a quiet agent does not pay for a TLS handshake on each call; a server's own
    // Keep-Alive hint still wins.
    keepAliveTimeout: 30_000,
    connections: 256,
    factory: (origin, options) => {
      const url = new URL(origin);
      return new Pool(url, { ...options, connect: guardedConnector(url, policy, resolve, connectTimeoutMs) });
    },
  });
}

function guardedConnector(origin: URL, policy: AddressPolicy, resolve: Resolve, timeout: number): buildConnector.connector {
  const port = portOf(origin);
  const check = (address: string): HeddleError | undefined => {
    const reason = policy.refusal({ hostname: origin.hostname, port, address });
    return reason === undefined ? undefined : blocked(origin, reason);
  };
  const lookup: LookupFunction = (hostname, options, done) => {
    resolve(hostname).then(
      (addresses) => {
        const refused = addresses.map(({ address }) => check(address)).find((error) => error !== undefined);
        const first = addresses[0];
        if (refused !== undefined) done(refused, "");
        else if (first === undefined) done(new HeddleError("http_failed", `The name ${hostname} has no address.`), "");
        else if (options.all === true) done(null, addresses);
        else done(null, first.address, first.family);
      },
      (error: NodeJS.ErrnoException) => done(error, ""),
    );
  };
  const connect = buildConnector({ lookup, timeout, allowH2: false, autoSelectFamily: true } as buildConnector.BuildOptions);
  return (options, callback) => {
    const literal = origin.hostname.replace(/^\[|\]$/g, "");
    const refused = isIP(literal) === 0 ? undefined : check(literal);
    if (refused !== undefined) return callback(refused, null);
    connect(options, (...result) => {
      const [error, socket] = result;
      if (error !== null) return callback(error, null);
      const peer = check(socket.remoteAddress ?? "");
      if (peer === undefined) return callback(null, socket);
      socket.destroy();
      callback(peer, null);
    });
  };
}

function systemResolve(hostname: string): Promise<{ address: string; family: number }[]> {
  // RFC 6761: these names are this machine's, whatever a DNS server says.
  return systemLookup(/(^|\.)localhost\.?$/i.test(hostname) ? "localhost" : hostname, { all: true });
}

function blocked(origin: URL, reason: string): HeddleError {
  return new HeddleError("http_blocked", `The address ${origin.origin} is refused: it is ${reason}.`, {
    hint: "Only public addresses may be called. Whoever runs this server can allow others.",
    details: { origin: origin.origin },
  });
}
