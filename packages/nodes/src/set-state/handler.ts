import { defineHandler } from "@heddle/node-kit";
import { jsonValue } from "../json-value.ts";
import { setState } from "./definition.ts";

/** The runtime joins the updates with what is there, in the order in which steps end. */
export const handler = defineHandler(setState, {
  run({ params }) {
    const state = params.updates.map(({ name, value }) => ({ name, value: jsonValue(value) }));
    return { output: Object.fromEntries(state.map(({ name, value }) => [name, value])), state };
  },
});
