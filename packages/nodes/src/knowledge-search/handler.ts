import { defineHandler } from "@heddle/node-kit";
import { citePassages } from "../citations.ts";
import { jsonValue } from "../json-value.ts";
import { searchPassages } from "../search-passages.ts";
import { textOrMessage } from "../step-input.ts";
import { knowledgeSearch } from "./definition.ts";

export const handler = defineHandler(knowledgeSearch, {
  async run(context) {
    const { params, services, signal } = context;
    const question = textOrMessage(context, params.query, "Question");
    const passages = await searchPassages(services.knowledge, params, { question, signal });
    return { output: jsonValue({ passages, ...citePassages(passages), found: passages.length > 0 }) };
  },
});
