import { createHash, timingSafeEqual } from "node:crypto";
import { HeddleError } from "@heddle/schema";
import { z } from "zod";
import { definePublicRoute } from "../../http/route.ts";

/** What autoscaling goes by, for Prometheus. For whoever has the token, or for this machine where there is none. */
export const metrics = definePublicRoute({
  id: "system.metrics",
  method: "GET",
  path: "/api/metrics",
  summary: "The queue's depth and age, and what this process runs, as Prometheus reads it",
  description:
    "With HEDDLE_METRICS_TOKEN set, for requests with `Authorization: Bearer TOKEN`. Without, for requests from the same machine that came through no proxy.",
  success: { status: 200, schema: z.string(), description: "text/plain; version=0.0.4" },
  handle: async ({ platform, settings, request, clientAddress }) => {
    refuseStranger(request, clientAddress, settings.metricsToken);
    const { due, delayed, oldestMs, running, slots, taken } = await platform.dispatch.metrics();
    const gauges = [
      ["heddle_queue_depth", "Executions that a worker may take now", due],
      ["heddle_queue_oldest_seconds", "How long the oldest of them has been due", oldestMs / 1_000],
      ["heddle_queue_delayed", "Executions that may be taken later", delayed],
      ["heddle_worker_running", "Executions of the queue that this process runs", running],
      ["heddle_worker_slots", "Executions of the queue that this process may run at once", slots],
    ] as const;
    const text =
      gauges.map(([name, help, value]) => describe(name, help, "gauge", value)).join("") +
      describe("heddle_worker_runs_total", "Executions of the queue that this process has taken", "counter", taken);
    return new Response(text, { headers: { "content-type": "text/plain; version=0.0.4; charset=utf-8" } });
  },
});

function describe(name: string, help: string, type: "gauge" | "counter", value: number): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${name} ${value}\n`;
}

const LOOPBACK = /^(127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+)$/;

function refuseStranger(request: Request, address: string, token: string | undefined): void {
  if (token !== undefined) {
    const shown = /^Bearer (.+)$/.exec(request.headers.get("authorization") ?? "")?.[1] ?? "";
    if (timingSafeEqual(digest(shown), digest(token))) return;
    throw new HeddleError("unauthenticated", "Send the metrics token as Authorization: Bearer TOKEN.");
  }
  // What a proxy on this machine forwards comes from anywhere.
  const isForwarded = request.headers.has("x-forwarded-for") || request.headers.has("forwarded");
  if (LOOPBACK.test(address) && !isForwarded) return;
  throw new HeddleError("unauthenticated", "Metrics are for this machine only, as long as no HEDDLE_METRICS_TOKEN is set.");
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
