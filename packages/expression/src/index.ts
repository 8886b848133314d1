export { checkTemplate, type TemplateCheck } from "./check-template.ts";
export type { ExpressionProblem, Locals } from "./checker.ts";
export { compileTemplate, type CompiledTemplate } from "./compile-template.ts";
export { compileValue, type CompiledValue } from "./compile-value.ts";
export { completionsAt, type Completion, type Completions } from "./completions.ts";
export type { WorkBudget } from "./limits.ts";
export { findReferences, type TemplateReference } from "./references.ts";
export { describeSchema, describeWithArticle, fieldOf, jsonTypeOf, unionOf, variantsOf } from "./schema-types.ts";
export { suggest } from "./suggest.ts";
