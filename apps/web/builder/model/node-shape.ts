import { type Box, inputPortsOf, outputPortsOf } from "@heddle/graph";
import { type AttachmentSlot, type FlowPort, isContainer, type NodeDefinition } from "@heddle/node-kit";
import type { AgentNode } from "@heddle/schema";

/** What a card looks like: its ports and its size, in canvas pixels. Handles and layout follow from it. */
export interface NodeShape {
  inputs: FlowPort[];
  outputs: FlowPort[];
  slots: AttachmentSlot[];
  /** Whether the node can be lent to another. */
  isLendable: boolean;
  /** Output ports are listed with their names, one row each. */
  hasPortRows: boolean;
  /** A frame around the nodes inside it; its head holds what a card holds, its ports included. */
  isContainer: boolean;
  width: number;
  height: number;
}

export const NODE_WIDTH = 248;
export const HEAD_HEIGHT = 56;
const PORT_ROW_HEIGHT = 24;
const SLOT_ROW_HEIGHT = 28;

/** The shape of a node under its params. A container is as large as its box. */
export function nodeShapeOf(node: AgentNode, definition: NodeDefinition | undefined, box?: Box): NodeShape {
  const inputs = definition === undefined ? [] : inputPortsOf(node, definition);
  const outputs = definition === undefined ? [{ name: "out" }] : outputPortsOf(node, definition);
  const slots = definition?.attachments ?? [];
  const isFrame = definition !== undefined && isContainer(definition);
  const hasPortRows = !isFrame && (outputs.length > 1 || outputs.some((port) => port.label !== undefined));
  return {
    inputs,
    outputs,
    slots,
    isLendable: (definition?.provides.length ?? 0) > 0,
    hasPortRows,
    isContainer: isFrame,
    width: box?.width ?? NODE_WIDTH,
    height:
      box?.height ?? HEAD_HEIGHT + (hasPortRows ? outputs.length * PORT_ROW_HEIGHT + 8 : 0) + (slots.length > 0 ? SLOT_ROW_HEIGHT : 0),
  };
}

/** What the card says the node is set to. Half-filled params must not break the canvas. */
export function describeNode(node: AgentNode, definition: NodeDefinition | undefined): string {
  if (definition === undefined) return "This node type is not installed";
  try {
    return definition.describe(node.params);
  } catch {
    return "";
  }
}
