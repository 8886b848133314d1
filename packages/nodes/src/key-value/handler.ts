import { defineHandler } from "@heddle/node-kit";
import { jsonValue } from "../json-value.ts";
import { keyValue } from "./definition.ts";

export const handler = defineHandler(keyValue, {
  async run({ params, services, idempotencyKey }) {
    const { operation, scope, key } = params;
    const store = services.keyValues;
    const ttlMs = params.ttlSeconds === undefined ? undefined : params.ttlSeconds * 1_000;
    switch (operation) {
      case "get": {
        const value = await store.get(scope, key);
        return { output: { key, value: value === undefined ? jsonValue(params.fallback) : value, found: value !== undefined } };
      }
      case "set": {
        const value = jsonValue(params.value);
        await store.set(scope, key, value, ttlMs);
        return { output: { key, value, found: true } };
      }
      case "increment":
        return { output: { key, value: await store.increment(scope, key, params.by, idempotencyKey, ttlMs), found: true } };
      case "delete":
        return { output: { key, value: null, found: await store.delete(scope, key) } };
    }
  },
});
