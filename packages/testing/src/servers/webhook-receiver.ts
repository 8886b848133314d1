import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface ReceivedWebhook {
  headers: Record<string, string>;
  body: string;
}
/** What a receiver does with a request once it has read it. */
export type ReceiverBehaviour = (response: ServerResponse, received: ReceivedWebhook) => void;

export interface WebhookReceiver {
  url: string;
  received: ReceivedWebhook[];
  /** How it answers from now on; 204 until told otherwise. */
  behave(behaviour: ReceiverBehaviour): void;
  close(): Promise<void>;
}

/** A real HTTP server on loopback that takes webhooks, well or badly. */
export async function startWebhookReceiver(): Promise<WebhookReceiver> {
  const received: ReceivedWebhook[] = [];
  let behaviour: ReceiverBehaviour = answering(204);
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
      const webhook = { headers, body: Buffer.concat(chunks).toString() };
      received.push(webhook);
      behaviour(response, webhook);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    received,
    behave: (next) => (behaviour = next),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export function answering(status: number, headers: Record<string, string> = {}, body = ""): ReceiverBehaviour {
  return (response) => void response.writeHead(status, headers).end(body);
}

/** Takes the request and never says anything. */
export const hanging: ReceiverBehaviour = () => undefined;

/** Closes the connection in place of an answer. */
export const resetting: ReceiverBehaviour = (response) => void response.socket?.resetAndDestroy();

/** Answers with a body that never ends, as fast as it is read. */
export const flooding: ReceiverBehaviour = (response) => {
  response.writeHead(200, { "content-type": "text/plain" });
  const chunk = "x".repeat(64 * 1024);
  const pour = (): void => {
    while (!response.destroyed && response.write(chunk));
  };
  response.on("drain", pour);
  pour();
};

/** Answers with the beginning of a body and never with its end. */
export const trailingOff: ReceiverBehaviour = (response) => {
  response.writeHead(200, { "content-type": "text/plain" });
  response.write("well, ");
};
