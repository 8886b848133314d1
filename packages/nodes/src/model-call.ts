import type { ChatRequest, ChatResult, StepContext } from "@heddle/node-kit";
import type { Json } from "@heddle/schema";
import { jsonValue } from "./json-value.ts";

type ModelContext = Pick<StepContext, "once" | "services" | "signal" | "recordModelCall">;
/** What one model call takes; the rest comes from the step. */
export type ModelRequest = Omit<ChatRequest, "signal">;

/**
 * Calls a model once: a step that is tried again or resumed gets the recorded answer and pays for it once.
 * @throws HeddleError provider_*, token_limit
 */
export async function callModel(context: ModelContext, name: string, request: ModelRequest): Promise<ChatResult> {
  const recorded = await context.once<Json>(name, async () =>
    jsonValue(await context.services.models.chat({ ...request, signal: context.signal })),
  );
  const result = recorded as unknown as ChatResult;
  // Outside of `once`, so that a resumed run counts the recorded call too. The runtime knows a call that it has counted.
  context.recordModelCall(result.call);
  return result;
}

/** The params that name a model, as a request wants them. `auto` stands for the only provider that is connected. */
export function modelReference(params: { connection?: string | undefined; model?: string | undefined }): {
  connection: string;
  model?: string;
} {
  return { connection: params.connection ?? "auto", ...(params.model === undefined ? {} : { model: params.model }) };
}
