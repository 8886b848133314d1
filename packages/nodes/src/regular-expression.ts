import { HeddleError } from "@heddle/schema";
import { RE2JS } from "re2js";

const MAX_PATTERN_LENGTH = 2_000;

/**
 * Compiles a pattern that someone wrote. RE2 runs in time linear in the text, so no pattern can hang a run;
 * JavaScript's own engine would on patterns such as `(a+)+$`.
 * @throws HeddleError param_invalid when the pattern can't be read
 */
export function compilePattern(pattern: string, options: { ignoreCase?: boolean; multiline?: boolean } = {}): RE2JS {
  if (pattern.length > MAX_PATTERN_LENGTH)
    throw new HeddleError("param_invalid", `The pattern is longer than ${MAX_PATTERN_LENGTH} characters.`);
  const flags = (options.ignoreCase ? RE2JS.CASE_INSENSITIVE : 0) | (options.multiline ? RE2JS.MULTILINE : 0);
  try {
    return RE2JS.compile(RE2JS.translateRegExp(pattern), flags);
  } catch (cause) {
    throw new HeddleError("param_invalid", `The pattern can't be read: ${cause instanceof Error ? cause.message : "unknown reason"}.`, {
      hint: "Patterns are RE2: look-ahead, look-behind and back-references are not part of it.",
      cause,
    });
  }
}
