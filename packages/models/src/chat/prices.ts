import type { TokenUsage } from "@heddle/schema";

/**
 * US dollars per million tokens, standard tier, read on 2026-11-22 from accounts of the providers' price pages
 * (developers.openai.com/api/docs/pricing, platform.claude.com/docs/en/about-claude/pricing). A model that is not here
 * has no known price, which is better than a wrong one. Where a provider charges more for long prompts, `upTo` is the
 * number of input tokens that the price holds for.
 */
const PRICES = new Map<string, { input: number; cachedInput: number; output: number; upTo?: number }>(
  Object.entries({
    "gpt-5.6-sol": { input: 5, cachedInput: 0.5, output: 30, upTo: 272_000 },
    "gpt-5.6-terra": { input: 2, cachedInput: 0.2, output: 12, upTo: 272_000 },
    "gpt-5.6-luna": { input: 0.2, cachedInput: 0.02, output: 1.2, upTo: 272_000 },
    "gpt-5.5": { input: 5, cachedInput: 0.5, output: 30, upTo: 270_000 },
    "gpt-5.4": { input: 2.5, cachedInput: 0.25, output: 15, upTo: 270_000 },
    "gpt-5.4-mini": { input: 0.75, cachedInput: 0.075, output: 4.5, upTo: 270_000 },
    "gpt-5.4-nano": { input: 0.2, cachedInput: 0.02, output: 1.25, upTo: 270_000 },
    "gpt-5.1": { input: 1.25, cachedInput: 0.125, output: 10 },
    "gpt-5": { input: 1.25, cachedInput: 0.125, output: 10 },
    "gpt-5-mini": { input: 0.25, cachedInput: 0.025, output: 2 },
    "gpt-5-nano": { input: 0.05, cachedInput: 0.005, output: 0.4 },
    "gpt-4.1": { input: 2, cachedInput: 0.5, output: 8 },
    "gpt-4.1-mini": { input: 0.4, cachedInput: 0.1, output: 1.6 },
    "gpt-4.1-nano": { input: 0.1, cachedInput: 0.025, output: 0.4 },
    "gpt-4o": { input: 2.5, cachedInput: 1.25, output: 10 },
    "gpt-4o-mini": { input: 0.15, cachedInput: 0.075, output: 0.6 },
    o3: { input: 2, cachedInput: 0.5, output: 8 },
    "o4-mini": { input: 1.1, cachedInput: 0.275, output: 4.4 },
    "claude-opus-5-5": { input: 4, cachedInput: 0.2, output: 20 },
    "claude-opus-5": { input: 5, cachedInput: 0.5, output: 25 },
    "claude-opus-4-8": { input: 5, cachedInput: 0.5, output: 25 },
    "claude-opus-4-7": { input: 5, cachedInput: 0.5, output: 25 },
    "claude-opus-4-6": { input: 5, cachedInput: 0.5, output: 25 },
    "claude-opus-4-5": { input: 5, cachedInput: 0.5, output: 25 },
    "claude-opus-4-1": { input: 15, cachedInput: 1.5, output: 75 },
    "claude-sonnet-5-5": { input: 2, cachedInput: 0.2, output: 10 },
    "claude-sonnet-5": { input: 2, cachedInput: 0.2, output: 10 },
    "claude-sonnet-4-6": { input: 3, cachedInput: 0.3, output: 15, upTo: 200_000 },
    "claude-sonnet-4-5": { input: 3, cachedInput: 0.3, output: 15, upTo: 200_000 },
    "claude-haiku-4-5": { input: 1, cachedInput: 0.1, output: 5 },
  }),
);

/** Cost of a call in US dollars, undefined where no price is known. Dated names (`gpt-4o-2024-08-06`) share their model's price. */
export function costOf(model: string, usage: TokenUsage, cachedInputTokens = 0): number | undefined {
  const price = PRICES.get(model) ?? PRICES.get(model.replace(/-(\d{8}|\d{4}-\d{2}-\d{2})$/, ""));
  if (price === undefined || usage.inputTokens > (price.upTo ?? Infinity)) return undefined;
  const cached = Math.min(cachedInputTokens, usage.inputTokens);
  return ((usage.inputTokens - cached) * price.input + cached * price.cachedInput + usage.outputTokens * price.output) / 1_000_000;
}

/** Models with a known price whose name begins so, newest first: what to offer when a provider's own list can't be had. */
export function knownModels(prefix: RegExp): string[] {
  return [...PRICES.keys()].filter((model) => prefix.test(model));
}
