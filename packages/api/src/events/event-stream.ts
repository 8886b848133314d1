import { isLastMessage, type ExecutionMessage } from "./execution-message.ts";

/** Comments keep proxies from closing a stream in which nothing happens. ms */
const KEEP_ALIVE_MS = 15_000;

/** Starts to send a run's messages; returns what stops it. */
export type Watch = (listener: (message: ExecutionMessage) => void) => () => void;

/** Server-sent events of one run, from `agent.execution.started` to its last message. A reader that leaves does not stop the run. */
export function eventStream(watch: Watch, headers: Record<string, string> = {}): Response {
  const encoder = new TextEncoder();
  let stop = () => {};
  let timer: ReturnType<typeof setInterval> | undefined;
  const end = () => {
    stop();
    clearInterval(timer);
  };
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      let isOver = false;
      const unwatch = watch((message) => {
        if (isOver) return;
        controller.enqueue(encoder.encode(`id: ${message.id}\nevent: ${message.type}\ndata: ${JSON.stringify(message.data)}\n\n`));
        if (!isLastMessage(message)) return;
        isOver = true;
        end();
        controller.close();
      });
      stop = unwatch;
      // The run may have ended while what was kept of it was sent.
      if (isOver) unwatch();
      else timer = setInterval(() => controller.enqueue(encoder.encode(": still here\n\n")), KEEP_ALIVE_MS);
    },
    cancel: end,
  });
  return new Response(body, {
    headers: { "content-type": "text/event-stream", "cache-control": "no-cache, no-transform", "x-accel-buffering": "no", ...headers },
  });
}
