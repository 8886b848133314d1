export { applyOperations, type AppliedOperations } from "./apply-operations.ts";
export { canConnect, type Connection } from "./can-connect.ts";
export { isReservedName } from "./check-nodes.ts";
export { coalesceEdits, type Edit } from "./coalesce-operations.ts";
export { diffDocuments, type DocumentDiff, type FieldChange } from "./diff-documents.ts";
export { isAssignable } from "./is-assignable.ts";
export { boxesOf, type Box, CONTAINER_PADDING } from "./container-boxes.ts";
export { layoutDocument } from "./layout-document.ts";
export { inputPortsOf, outputPortsOf, outputSchemaOf } from "./node-ports.ts";
export {
  invertOperations,
  type AgentGroup,
  type AgentNote,
  type AgentSettings,
  type NodePatch,
  type Operation,
  type Position,
} from "./operations.ts";
export { dissolveContainer, removeNodes, withInsides } from "./remove-nodes.ts";
export { renamedTemplate, renameNode } from "./rename-node.ts";
export { scopeSchemaFor } from "./scope-schema-for.ts";
export { validateDocument } from "./validate-document.ts";
export { isLiteralField, visitTemplates, type ParamPart } from "./visit-templates.ts";
