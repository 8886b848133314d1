export { compileTemplate, type CompiledTemplate } from "./compile-template.ts";
export { compileValue, type CompiledValue } from "./compile-value.ts";
