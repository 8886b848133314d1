import { compilePattern } from "../regular-expression.ts";
import type { Extraction } from "./extraction.ts";

const MAX_MATCHES = 1_000;

/**
 * Finds text by a regular expression; at most 1,000 matches.
 * @throws HeddleError param_invalid when the pattern can't be read
 */
export function matchPattern(pattern: string, text: string, options: { ignoreCase?: boolean; multiline?: boolean }): Extraction {
  const matcher = compilePattern(pattern, options).matcher(text);
  const values: string[] = [];
  const groups: Record<string, string> = {};
  while (values.length < MAX_MATCHES && matcher.find()) {
    if (values.length === 0) {
      for (const name of Object.keys(matcher.namedGroups)) {
        const group = matcher.group(name);
        if (group !== null) groups[name] = group;
      }
    }
    values.push(matcher.group() ?? "");
  }
  return { value: values[0] ?? null, values, groups };
}
