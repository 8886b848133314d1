import { expect, test } from "vitest";
import { isSignedOut, ProblemError, problemOf, toProblem } from "./problem.ts";

const document = { type: "x", title: "Not found", status: 404, detail: "No agent.", code: "not_found" };

test("keeps a problem document, however it is wrapped", () => {
  expect(toProblem(new ProblemError(document))).toBe(document);
  expect(toProblem({ data: { problem: document, httpStatus: 404 } })).toBe(document);
});

test("explains a broken connection", () => {
  expect(toProblem(new TypeError("Failed to fetch"))).toMatchObject({ code: "unavailable", status: 0 });
});

test("recognises that one is signed out", () => {
  expect(isSignedOut(Object.assign(new Error("no"), { data: { httpStatus: 401, code: "UNAUTHORIZED" } }))).toBe(true);
  expect(isSignedOut(new ProblemError(document))).toBe(false);
});

test("an answer that is no problem document still says its status", async () => {
  const error = await problemOf({ status: 502, json: () => Promise.reject(new Error("HTML")) });
  expect(error.problem).toMatchObject({ status: 502, code: "unavailable" });
});
