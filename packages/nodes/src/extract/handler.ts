import { defineHandler, type StepContext } from "@heddle/node-kit";
import { HeddleError, type Json } from "@heddle/schema";
import type { z } from "zod";
import { textOf } from "../param-fields.ts";
import { valueOrArrival } from "../step-input.ts";
import { extract } from "./definition.ts";
import type { Extraction } from "./extraction.ts";
import { fillSchema } from "./fill-schema.ts";
import { matchPattern } from "./match-pattern.ts";
import { queryPath } from "./query-path.ts";

export const handler = defineHandler(extract, {
  async run(context) {
    const from = valueOrArrival(context, "from");
    const found = await extractFrom(from, context);
    if (found.values.length === 0 && context.params.onMissing === "fail") {
      throw new HeddleError("extraction_empty", `Nothing matches ${context.params.path ?? context.params.pattern ?? "the schema"}.`, {
        hint: "Look at what the node before gave, or let the run go on with nothing.",
      });
    }
    return { output: { value: found.value, values: found.values, groups: found.groups, found: found.values.length > 0 } };
  },
});

function extractFrom(from: Json, context: StepContext<z.output<(typeof extract)["params"]>>): Extraction | Promise<Extraction> {
  const { params } = context;
  if (params.mode === "jsonpath") return queryPath(params.path ?? "$", from);
  if (params.mode === "regex") return matchPattern(params.pattern ?? "", textOf(from), params);
  return fillSchema(context, textOf(from));
}
