import { defineHandler } from "@heddle/node-kit";
import { HeddleError } from "@heddle/schema";
import { textOf } from "../param-fields.ts";
import { textOrMessage } from "../step-input.ts";
import { embed } from "./definition.ts";

/** 64 vectors of 384 numbers stay under the 256 KiB that a step's output may have. */
const MAX_TEXTS = 64;

export const handler = defineHandler(embed, {
  async run(context) {
    const given = context.params.text;
    const texts = Array.isArray(given)
      ? given
      : [typeof given === "object" && given !== null ? given : textOrMessage(context, textOf(given), "Text")];
    if (texts.length === 0 || texts.length > MAX_TEXTS) {
      throw new HeddleError("param_invalid", `Text is a list of ${texts.length}; it may have 1 to ${MAX_TEXTS} texts.`);
    }
    const plain = texts.map((text) => {
      if (typeof text === "string" || typeof text === "number") return String(text);
      throw new HeddleError("param_invalid", "Text should be a text or a list of texts.");
    });
    const embedded = await context.services.embeddings.embed(plain, context.signal);
    const vectors = embedded.map((vector) => Array.from(vector, toShortNumber));
    return { output: { vector: vectors[0] ?? [], vectors, dimensions: context.services.embeddings.dimensions } };
  },
});

/** Five decimals: an error of cosines below 0.0001, at half the size of the whole number. */
function toShortNumber(value: number): number {
  return Math.round(value * 100_000) / 100_000;
}
