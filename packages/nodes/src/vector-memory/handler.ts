import { defineHandler, type StepContext, type StepResult } from "@heddle/node-kit";
import type { Json } from "@heddle/schema";
import type { z } from "zod";
import { jsonValue } from "../json-value.ts";
import { textOrMessage } from "../step-input.ts";
import { vectorMemory } from "./definition.ts";

type MemoryContext = StepContext<z.output<(typeof vectorMemory)["params"]>>;

/** Near enough to be the same thing in other words, with the built-in model. */
const FORGETTABLE_SCORE = 0.9;

export const handler = defineHandler(vectorMemory, {
  run(context) {
    switch (context.params.operation) {
      case "remember":
        return remember(context);
      case "forget":
        return forget(context);
      default:
        return recall(context);
    }
  },
});

async function remember(context: MemoryContext): Promise<StepResult> {
  const { scope, text, name, details, ttlSeconds } = context.params;
  const { id } = await context.services.vectors.remember(
    {
      scope,
      text: textOrMessage(context, text, "Text"),
      ...(name === undefined ? {} : { name }),
      ...(details === undefined ? {} : { metadata: jsonValue(details) }),
      ...(ttlSeconds === undefined ? {} : { ttlMs: ttlSeconds * 1_000 }),
      signal: context.signal,
    },
    context.idempotencyKey,
  );
  return { output: { id } };
}

async function recall(context: MemoryContext): Promise<StepResult> {
  const { scope, text, limit, minScore = 0 } = context.params;
  const query = textOrMessage(context, text, "Text");
  const found = await context.services.vectors.recall({ scope, query, limit, minScore, signal: context.signal });
  const memories = found.map(({ id, name, text: remembered, metadata, score, createdAt }): Json => ({
    id,
    ...(name === undefined ? {} : { name }),
    text: remembered,
    details: metadata,
    score: Math.round(score * 10_000) / 10_000,
    createdAt,
  }));
  return { output: { memories, text: found.map((memory) => memory.text).join("\n"), count: memories.length } };
}

async function forget({ params, services, signal }: MemoryContext): Promise<StepResult> {
  const { scope, text = "", name, minScore = FORGETTABLE_SCORE } = params;
  const count = await services.vectors.forget(name === undefined ? { scope, query: text, minScore, signal } : { scope, name });
  return { output: { count } };
}
