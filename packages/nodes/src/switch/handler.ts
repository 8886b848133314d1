import { defineHandler } from "@heddle/node-kit";
import type { Json } from "@heddle/schema";
import { ELSE_PORT } from "../branch-ports.ts";
import { jsonValue } from "../json-value.ts";
import { sameValue } from "../same-value.ts";
import { switchNode } from "./definition.ts";

export const handler = defineHandler(switchNode, {
  run({ params }) {
    const value = jsonValue(params.value);
    const isSame = (candidate: Json): boolean => sameValue(value, candidate, params.ignoreCase);
    const taken = params.cases.find(({ equals }) => {
      const wanted = jsonValue(equals);
      return isSame(wanted) || (Array.isArray(wanted) && wanted.some(isSame));
    });
    const branch = taken?.id ?? ELSE_PORT;
    return { output: { branch, name: taken?.name ?? taken?.id ?? "Otherwise", value }, ports: [branch] };
  },
});
