import { checkTemplate, jsonTypeOf, type Locals, unionOf, variantsOf } from "@heddle/expression";
import type { ParamTypes } from "@heddle/node-kit";
import { isRecord, type Json, type JsonSchema } from "@heddle/schema";
import { type AgentGraph, holdsNodes, isOnlyLent } from "./agent-graph.ts";
import { boundedSchema } from "./bounded-schema.ts";
import { inEvaluationOrder } from "./evaluation-order.ts";
import { ERROR_SCHEMA, FAILED_SCHEMA, outputPortsOf, outputSchemaOf, withFailure } from "./node-ports.ts";
import { closed, sharedScope } from "./scope-schema.ts";

/** The types of what a document's expressions read and give. Each is worked out once. */
export interface ScopeTypes {
  /** What holds everywhere: input, variables, state, the run, and every node by its id. */
  readonly scope: JsonSchema;
  /** Names that hold in a node's params only: of the containers around it, and `item` where it runs per item. */
  localsOf(index: number): Locals;
  /** The same without what its running per item adds: where its list itself is read. */
  localsAround(index: number): Locals;
  /** `<node>` as later nodes read it. */
  nodeScope(index: number): JsonSchema;
  outputOf(index: number): JsonSchema;
  /** The type of a raw value with its expressions, in a node's params. */
  typeOf(index: number, value: Json | undefined): JsonSchema;
  /** What a list holds that a node goes through: `{}` where that is not known. */
  itemsOf(index: number, value: Json | undefined): JsonSchema;
}

const INDEX: JsonSchema = { type: "integer" };
const NO_LOCALS: Locals = new Map();

/** Reads the types of a document. Never throws; what can't be known is `{}`. */
export function createScopeTypes(graph: AgentGraph): ScopeTypes {
  const outputs: (JsonSchema | undefined)[] = [];
  const scopes: (JsonSchema | undefined)[] = [];
  const locals: (Locals | undefined)[] = [];
  const isUnderWay = new Set<number>();
  const arrivals = arrivalsOf(graph);

  const names = sharedScope(graph);
  for (const [id, index] of graph.indexOf) {
    if (Object.hasOwn(names, id)) continue;
    Object.defineProperty(names, id, { enumerable: true, configurable: true, get: () => nodeScope(index) });
  }
  const scope = closed(names);

  const nodeScope = (index: number): JsonSchema => {
    const isEnding = graph.nodes[index]!.onError === "fail";
    return (scopes[index] ??= closed(lazily({ output: () => outputOf(index), ...(isEnding ? {} : { error: () => ERROR_SCHEMA }) })));
  };

  const outputOf = (index: number): JsonSchema => {
    const known = outputs[index];
    if (known !== undefined) return known;
    // Loops read what their rounds before gave, and expressions may be wrong in any way: a circle has no type.
    if (isUnderWay.has(index)) return {};
    isUnderWay.add(index);
    const output = holdsNodes(graph, index)
      ? containerOutput(index)
      : outputSchemaOf(graph.nodes[index]!, graph.definitions[index], typesFor(index));
    isUnderWay.delete(index);
    return (outputs[index] = output);
  };

  const typesFor =
    (index: number): ParamTypes =>
    (param) =>
      boundedSchema(param === undefined ? arrivingAt(index) : typeOf(index, graph.nodes[index]!.params[param]));

  const arrivingAt = (index: number): JsonSchema => {
    const types = (arrivals[index] ?? []).map(({ source, port }) => carried(source, port));
    const container = graph.parentOf[index]!;
    // Where a round begins, its item arrives.
    if (types.length === 0 && container !== -1 && !isOnlyLent(graph, index)) return itemOf(container);
    return unionOf(...types);
  };

  const carried = (source: number, port: string): JsonSchema => {
    const node = graph.nodes[source]!;
    const definition = graph.definitions[source];
    const declared = definition === undefined ? undefined : outputPortsOf(node, definition).find(({ name }) => name === port)?.schema;
    return declared !== undefined && node.each === undefined ? declared : outputOf(source);
  };

  const containerOutput = (index: number): JsonSchema => {
    const node = graph.nodes[index]!;
    if (node.isDisabled === true) return {};
    const plain = outputSchemaOf({ ...node, onError: "fail" }, graph.definitions[index]);
    const { items } = plain.properties ?? {};
    if (items === undefined || !isRecord(items.items)) return withFailure(node, plain);
    const result = resultOf(index);
    const failing = node.params["onItemError"] === "continue" ? unionOf(result, FAILED_SCHEMA) : result;
    return withFailure(node, { ...plain, properties: { ...plain.properties, items: { type: "array", items: failing } } });
  };

  /** What a round gives: what its last node gave, whichever that was. */
  const resultOf = (container: number): JsonSchema => {
    const last = graph.childrenOf[container]!.filter((index) => !isOnlyLent(graph, index) && mayBeLast(graph, index, arrivals));
    return last.length === 0 ? {} : boundedSchema(unionOf(...last.map((index) => outputOf(index))));
  };

  const itemOf = (container: number): JsonSchema => {
    const { mode = "forEach", items } = graph.nodes[container]!.params;
    const isLoop = graph.definitions[container]?.control === "loop";
    return isLoop && mode !== "forEach" ? { type: "null" } : itemsOf(container, items);
  };

  const itemsOf = (index: number, value: Json | undefined): JsonSchema => {
    const lists = variantsOf(typeOf(index, value)).filter(({ type }) => type === "array");
    return lists.length === 0 ? {} : boundedSchema(unionOf(...lists.map(({ items }) => (isRecord(items) ? items : {}))));
  };

  /** Names inside a container; `item` is worked out when it is first needed, because it takes reading the list. */
  const localsInside = (container: number): Locals => {
    const known = locals[container];
    if (known !== undefined) return known;
    // Taken for the time being by whatever reads it in a circle.
    locals[container] = NO_LOCALS;
    const around = graph.parentOf[container]!;
    const item = isUnderWay.has(container) ? {} : itemOf(container);
    const isLoop = graph.definitions[container]?.control === "loop";
    const own = closed(
      lazily({
        item: () => item,
        index: () => INDEX,
        ...(isLoop ? { previous: () => unionOf(containerResult(container), { type: "null" }) } : {}),
      }),
    );
    const inside = new Map(around === -1 ? NO_LOCALS : localsInside(around));
    inside.set("item", item).set("index", INDEX).set(graph.nodes[container]!.id, own);
    return (locals[container] = inside);
  };

  const containerResult = (container: number): JsonSchema => {
    if (isUnderWay.has(container)) return {};
    isUnderWay.add(container);
    const result = resultOf(container);
    isUnderWay.delete(container);
    return result;
  };

  const localsAround = (index: number): Locals => {
    const home = homeOf(graph, index);
    const around = home === -1 ? NO_LOCALS : localsInside(home);
    // A loop's condition and other settings see the rounds made so far; its list is read before there are any.
    return graph.definitions[index]?.control === "loop" && graph.nodes[index]!.params["mode"] === "while"
      ? roundsOf(index, around)
      : around;
  };

  const roundsOf = (index: number, around: Locals): Locals =>
    new Map(around)
      .set("index", INDEX)
      .set("item", { type: "null" })
      .set(graph.nodes[index]!.id, localsInside(index).get(graph.nodes[index]!.id) ?? {});

  const localsOf = (index: number): Locals => {
    const around = localsAround(index);
    const { each } = graph.nodes[index]!;
    if (each === undefined) return around;
    const list = typeIn(around, each.items);
    const items = variantsOf(list).flatMap(({ type, items: element }) => (type === "array" && isRecord(element) ? [element] : []));
    return new Map(around).set("item", items.length === 0 ? {} : unionOf(...items)).set("index", INDEX);
  };

  const typeIn = (around: Locals, value: Json | undefined): JsonSchema => {
    if (typeof value === "string") return checkTemplate(value, scope, around).type;
    if (Array.isArray(value))
      return { type: "array", items: value.length === 0 ? {} : unionOf(...value.map((item) => typeIn(around, item))) };
    if (isRecord(value)) {
      return closed(Object.fromEntries(Object.entries(value).map(([name, item]) => [name, typeIn(around, item as Json)])));
    }
    return value === undefined ? {} : { type: jsonTypeOf(value) };
  };

  const typeOf = (index: number, value: Json | undefined): JsonSchema => typeIn(localsOf(index), value);

  // What a type is made of comes first, so that no chain of nodes is too long for the stack.
  for (const index of inEvaluationOrder(graph)) outputOf(index);
  return { scope, localsOf, localsAround, nodeScope, outputOf, typeOf, itemsOf };
}

interface Arrival {
  source: number;
  port: string;
}

function arrivalsOf(graph: AgentGraph): Arrival[][] {
  const arrivals: Arrival[][] = graph.nodes.map(() => []);
  for (const edge of graph.document.edges) {
    const source = graph.indexOf.get(edge.source.node);
    const target = graph.indexOf.get(edge.target.node);
    if (edge.kind !== "flow" || source === undefined || target === undefined) continue;
    if (graph.parentOf[source] === graph.parentOf[target]) arrivals[target]!.push({ source, port: edge.source.port });
  }
  return arrivals;
}

/** Whether a round may end with the node: where it has a way out that leads nowhere. */
function mayBeLast(graph: AgentGraph, index: number, arrivals: readonly (readonly Arrival[])[]): boolean {
  const definition = graph.definitions[index];
  if (definition === undefined || definition.control === "goto") return false;
  if (definition.category === "output" || graph.flowTo[index]!.length === 0) return true;
  const taken = new Set(
    graph.flowTo[index]!.flatMap((target) => arrivals[target]!.filter(({ source }) => source === index).map(({ port }) => port)),
  );
  return outputPortsOf(graph.nodes[index]!, definition).some(({ name }) => !taken.has(name));
}

/** The container whose names hold for a node. One that is only lent runs where those it is lent to do. */
function homeOf(graph: AgentGraph, index: number): number {
  if (!isOnlyLent(graph, index)) return graph.parentOf[index]!;
  const seen = new Set([index]);
  let hosts = graph.lentTo[index]!.map(({ host }) => host);
  while (hosts.length > 0) {
    const next = hosts.filter((host) => !seen.has(host));
    for (const host of next) seen.add(host);
    const homes = new Set(next.filter((host) => !isOnlyLent(graph, host)).map((host) => graph.parentOf[host]!));
    // Lent to several places, it can count on none of them.
    if (homes.size > 0) return homes.size === 1 ? [...homes][0]! : -1;
    hosts = next.flatMap((host) => graph.lentTo[host]!.map((entry) => entry.host));
  }
  return -1;
}

/** Properties that are worked out when somebody reads them. */
function lazily(properties: Record<string, () => JsonSchema>): Record<string, JsonSchema> {
  const result = {};
  for (const [name, get] of Object.entries(properties)) Object.defineProperty(result, name, { enumerable: true, get });
  return result;
}
