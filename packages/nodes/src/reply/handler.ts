import { defineHandler } from "@heddle/node-kit";
import { jsonValue } from "../json-value.ts";
import { reply } from "./definition.ts";

export const handler = defineHandler(reply, {
  run: ({ params }) => ({ output: params.mode === "json" ? jsonValue(params.json) : (params.text ?? "") }),
});
