export { canConnect, type Connection } from "./can-connect.ts";
export { isReservedName } from "./check-nodes.ts";
export { isAssignable } from "./is-assignable.ts";
export { inputPortsOf, outputPortsOf, outputSchemaOf } from "./node-ports.ts";
export { scopeSchemaFor } from "./scope-schema.ts";
export { validateDocument } from "./validate-document.ts";
