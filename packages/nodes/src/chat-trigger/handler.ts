import { defineHandler } from "@heddle/node-kit";
import { HeddleError, isRecord, type Json, type Problem } from "@heddle/schema";
import { chatTrigger } from "./definition.ts";

export const handler = defineHandler(chatTrigger, {
  run({ input }) {
    const given: Record<string, Json> =
      typeof input === "string" ? { message: input } : isRecord(input) ? (input as Record<string, Json>) : {};
    const problems = [...messageProblems(given["message"]), ...historyProblems(given["history"])];
    if (problems.length > 0) {
      throw new HeddleError("input_invalid", problems.map(({ message }) => message).join(" "), {
        problems,
        hint: 'Send an input such as { "message": "Where is my card?" }.',
      });
    }
    return { output: { ...given, history: given["history"] ?? [] } };
  },
});

function messageProblems(message: Json | undefined): Problem[] {
  if (typeof message === "string" && message.trim() !== "") return [];
  return [
    problem(
      "message",
      message === undefined || message === null || message === ""
        ? "input.message is missing."
        : "input.message should be text that is not blank.",
    ),
  ];
}

function historyProblems(history: Json | undefined): Problem[] {
  if (history === undefined || history === null) return [];
  if (!Array.isArray(history)) return [problem("history", "input.history should be a list of messages.")];
  return history.flatMap((entry, index) =>
    isRecord(entry) && (entry["role"] === "user" || entry["role"] === "assistant") && typeof entry["content"] === "string"
      ? []
      : [problem(`history.${index}`, `input.history.${index} should be { "role": "user" or "assistant", "content": text }.`)],
  );
}

function problem(field: string, message: string): Problem {
  return { code: "input_invalid", severity: "error", message, field: `input.${field}` };
}
