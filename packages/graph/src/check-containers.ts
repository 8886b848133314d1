import { describeWithArticle, suggest } from "@heddle/expression";
import type { AgentNode, Problem } from "@heddle/schema";
import { type AgentGraph, holdsNodes, isOnlyLent, isTrigger, nodeLabel } from "./agent-graph.ts";
import type { Ancestors } from "./ancestors.ts";
import { mayFit } from "./is-assignable.ts";
import type { ScopeTypes } from "./scope-types.ts";

/** Checks what lives where: containers, what is inside them, go-tos and nodes that run per item. */
export function checkContainers(graph: AgentGraph, ancestors: Ancestors, types: ScopeTypes): Problem[] {
  return graph.nodes.flatMap((node, index) => [
    ...checkParent(graph, node, index),
    ...(holdsNodes(graph, index) ? checkContainer(graph, types, index) : []),
    ...(graph.definitions[index]?.control === "goto" ? checkGoto(graph, ancestors, index) : []),
    ...(node.each === undefined ? [] : checkEach(graph, index)),
  ]);
}

function checkParent(graph: AgentGraph, node: AgentNode, index: number): Problem[] {
  const { parent } = node;
  if (parent === undefined) return [];
  const found = graph.indexOf.get(parent);
  if (found === undefined) {
    const near = suggest(parent, graph.indexOf.keys());
    const advice = near === undefined ? "Move it out, or into a loop or map." : `Did you mean \`${near}\`?`;
    return [problem(node, "missing_parent", `${nodeLabel(node)} lives in \`${parent}\`, which does not exist. ${advice}`, "parent")];
  }
  if (graph.definitions[found] === undefined) return [];
  if (!holdsNodes(graph, found)) {
    const message = `${nodeLabel(node)} lives in ${nodeLabel(graph.nodes[found]!)}, which can hold no nodes. Move it out, or into a loop or map.`;
    return [problem(node, "not_a_container", message, "parent")];
  }
  if (isInsideItself(graph, index)) {
    return [
      problem(node, "parent_cycle", `${nodeLabel(node)} lives inside itself. Move it out of ${nodeLabel(graph.nodes[found]!)}.`, "parent"),
    ];
  }
  if (isTrigger(graph, index)) {
    const message = `${nodeLabel(node)} starts runs, so it can't live in ${nodeLabel(graph.nodes[found]!)}. Move it out.`;
    return [problem(node, "trigger_inside", message, "parent")];
  }
  if (graph.definitions[index]?.category === "output") {
    const message = `${nodeLabel(node)} answers the whole run, so it can't live in ${nodeLabel(graph.nodes[found]!)}. Move it out: what the last node inside gives is the round's result.`;
    return [problem(node, "reply_inside", message, "parent")];
  }
  return [];
}

/** By what the document says, before circles were cut. */
function isInsideItself(graph: AgentGraph, index: number): boolean {
  const seen = new Set<string>();
  let parent = graph.nodes[index]!.parent;
  while (parent !== undefined && !seen.has(parent)) {
    if (parent === graph.nodes[index]!.id) return true;
    seen.add(parent);
    const next = graph.indexOf.get(parent);
    parent = next === undefined ? undefined : graph.nodes[next]!.parent;
  }
  return false;
}

function checkContainer(graph: AgentGraph, types: ScopeTypes, index: number): Problem[] {
  const node = graph.nodes[index]!;
  const problems: Problem[] = [];
  if (!graph.childrenOf[index]!.some((child) => !isOnlyLent(graph, child))) {
    problems.push(
      problem(node, "empty_container", `There is no node in ${nodeLabel(node)}, so it does nothing. Put a node into it, or remove it.`),
    );
  }
  const { mode = "forEach", items } = node.params;
  const goesThroughList = graph.definitions[index]?.control === "map" || mode === "forEach";
  if (goesThroughList && items !== undefined && items !== "" && node.isDisabled !== true) {
    const type = types.typeOf(index, items);
    if (!mayFit(type, { type: "array" })) problems.push(problem(node, "type_mismatch", noList(node, type, "List"), "params.items"));
  }
  return problems;
}

/** What is wrong where a list is wanted and something else is given. */
export function noList(node: AgentNode, type: Parameters<typeof describeWithArticle>[0], field: string): string {
  return `"${field}" of ${nodeLabel(node)} wants a list, but it gets ${describeWithArticle(type)}. Choose an expression that gives a list.`;
}

function checkGoto(graph: AgentGraph, ancestors: Ancestors, index: number): Problem[] {
  const node = graph.nodes[index]!;
  const { target } = node.params;
  // What is not filled in is a missing setting, which is reported as such.
  if (typeof target !== "string" || target === "") return [];
  const refuse = (code: string, message: string): Problem[] => [problem(node, code, message, "params.target")];
  const found = graph.indexOf.get(target);
  if (found === undefined) {
    const near = suggest(target, graph.indexOf.keys());
    const advice = near === undefined ? "Choose a node that leads to it." : `Did you mean \`${near}\`?`;
    return refuse("missing_target", `${nodeLabel(node)} goes back to \`${target}\`, which does not exist. ${advice}`);
  }
  const label = nodeLabel(graph.nodes[found]!);
  if (isTrigger(graph, found)) {
    return refuse("goto_trigger", `${label} starts the run and can't run again. Let ${nodeLabel(node)} go back to the node after it.`);
  }
  if (graph.parentOf[found] !== graph.parentOf[index]) {
    return refuse(
      "goto_other_level",
      `${nodeLabel(node)} and ${label} don't live in the same place, so it can't go back there. Choose a node beside it that leads to it.`,
    );
  }
  if (found === index || !ancestors.has(index, found)) {
    return refuse(
      "goto_not_before",
      `${nodeLabel(node)} can go back only to a node that leads to it, and ${found === index ? "it does not lead to itself" : `${label} does not`}. Choose an earlier node.`,
    );
  }
  return [];
}

function checkEach(graph: AgentGraph, index: number): Problem[] {
  const node = graph.nodes[index]!;
  const { control } = graph.definitions[index] ?? {};
  const refuse = (why: string): Problem[] => [
    problem(node, "invalid_each", `${nodeLabel(node)} ${why}, so it can't run for each item. Turn that off.`, "each"),
  ];
  if (isTrigger(graph, index)) return refuse("starts the run");
  if (holdsNodes(graph, index)) return refuse("goes through a list already");
  if (control === "goto") return refuse("only goes back");
  if (control === "merge") return refuse("only brings branches together");
  if (isOnlyLent(graph, index)) return refuse("runs when the node that it is attached to calls it");
  return [];
}

function problem(node: AgentNode, code: string, message: string, field?: string): Problem {
  return { code, severity: "error", message, nodeId: node.id, ...(field === undefined ? {} : { field }) };
}
