export function nodeTypes(): string[];
export function generate(types?: string[]): Record<string, string>;
