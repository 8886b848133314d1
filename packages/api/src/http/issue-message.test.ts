import { expect, it } from "vitest";
import { z } from "zod";
import { invalidRequest } from "./problem.ts";

const schema = z
  .object({
    name: z.string().min(1).max(3),
    count: z.number().int().min(2).max(9),
    tags: z.array(z.string()).min(1),
    mail: z.email(),
    kind: z.enum(["a", "b"]),
    own: z.string().regex(/^x/, "begin with x"),
  })
  .strict();
const fine = { name: "abc", count: 5, tags: ["t"], mail: "a@example.com", kind: "a", own: "x" };

it.each<[object, string]>([
  [{ name: undefined }, "name: this is missing; it must be a text"],
  [{ name: 5 }, "name: this must be a text"],
  [{ name: "" }, "name: this must not be empty"],
  [{ name: "abcd" }, "name: this must have at most 3 characters"],
  [{ count: 1 }, "count: this must be at least 2"],
  [{ count: 10 }, "count: this must be at most 9"],
  [{ count: 2.5 }, "count: this must be a whole number"],
  [{ tags: [] }, "tags: this must have at least 1 entry"],
  [{ tags: ["a", null] }, "tags.1: this must be a text"],
  [{ mail: "nobody" }, "mail: this is not an e-mail address"],
  [{ kind: "c" }, 'kind: this must be "a" or "b"'],
  [{ own: "y" }, "own: begin with x"],
  [{ more: 1 }, 'there is no field "more" here'],
])("says in words what is wrong with %o", (change, message) => {
  const { error } = schema.safeParse({ ...fine, ...change });
  expect(error && invalidRequest(error).message).toBe(message);
});
