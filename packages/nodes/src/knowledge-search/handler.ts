import { defineHandler } from "@heddle/node-kit";
import { citePassages } from "../citations.ts";
import { jsonValue } from "../json-value.ts";
import { textOrMessage } from "../step-input.ts";
import { knowledgeSearch } from "./definition.ts";

export const handler = defineHandler(knowledgeSearch, {
  async run(context) {
    const { knowledgeBaseId, query, limit, minScore } = context.params;
    const question = textOrMessage(context, query, "Question");
    const passages = await context.services.knowledge.search({
      knowledgeBaseId,
      query: question,
      limit,
      ...(minScore === undefined ? {} : { minScore }),
      signal: context.signal,
    });
    return { output: jsonValue({ passages, ...citePassages(passages), found: passages.length > 0 }) };
  },
});
