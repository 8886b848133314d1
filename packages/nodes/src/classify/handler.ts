import { defineHandler } from "@heddle/node-kit";
import { textOrMessage } from "../step-input.ts";
import { classify } from "./definition.ts";

export const handler = defineHandler(classify, {
  async run(context) {
    const { datasetId, text, alternatives: count, minConfidence } = context.params;
    const subject = textOrMessage(context, text, "Text");
    const { label, confidence, alternatives } = await context.services.classifiers.classify({
      datasetId,
      text: subject,
      alternatives: count,
      signal: context.signal,
    });
    return {
      output: {
        label,
        confidence,
        alternatives: alternatives.slice(0, count).map((alternative) => ({ label: alternative.label, confidence: alternative.confidence })),
        isConfident: confidence >= (minConfidence ?? 0),
      },
    };
  },
});
