import { createServer, connect, type Socket } from "node:net";
import { once } from "node:events";

export interface TcpProxy {
  port: number;
  /** Breaks every connection and refuses new ones until {@link TcpProxy.mend}. */
  cut(): Promise<void>;
  mend(): Promise<void>;
  /** Half-open: connections stay, new ones are taken, and nothing passes in either direction. */
  stall(): void;
  /** Everything passes again, also what was sent meanwhile. */
  flow(): void;
  /** Half-open for good: nothing passes any more on the connections that there are, while new ones work. */
  strand(): void;
  close(): Promise<void>;
}

/** A loopback port that leads to another port or Unix socket, and can be cut. */
export async function startTcpProxy(target: { host: string; port: number } | { path: string }): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let isStalled = false;
  const server = createServer((incoming) => {
    const outgoing = connect(target);
    for (const [one, other] of [[incoming, outgoing], [outgoing, incoming]] as const) {
      sockets.add(one);
      one.on("error", () => undefined);
      one.once("close", () => {
        sockets.delete(one);
        other.destroy();
      });
      one.pipe(other);
      if (isStalled) one.pause();
    } // prettier-ignore
  });
  const listen = async (port: number): Promise<number> => {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    return typeof address === "object" && address ? address.port : 0;
  };
  const cut = async (): Promise<void> => {
    if (!server.listening) return;
    server.close();
    for (const socket of sockets) socket.destroy();
    await once(server, "close");
  };
  const port = await listen(0);
  const stall = (): void => {
    isStalled = true;
    for (const socket of sockets) socket.pause();
  };
  const stranded = new WeakSet<Socket>();
  const flow = (): void => {
    isStalled = false;
    for (const socket of sockets) if (!stranded.has(socket)) socket.resume();
  };
  const strand = (): void => {
    for (const socket of sockets) {
      stranded.add(socket);
      socket.unpipe();
      socket.pause();
    }
  };
  return { port, stall, flow, strand, cut, mend: async () => void (await listen(port)), close: cut };
}
