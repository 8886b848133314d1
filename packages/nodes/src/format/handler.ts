import { defineHandler } from "@heddle/node-kit";
import { jsonValue } from "../json-value.ts";
import { format } from "./definition.ts";

export const handler = defineHandler(format, {
  run: ({ params }) => ({ output: params.mode === "json" ? jsonValue(params.json) : (params.text ?? "") }),
});
