import type { AgentDocumentInput } from "@heddle/schema";

type NodeInput = AgentDocumentInput["nodes"][number];
type Params = NonNullable<NodeInput["params"]>;

/** A node whose name is its id. */
export function node(id: string, type: string, params: Params = {}, rest: Partial<NodeInput> = {}): NodeInput {
  return { id, type, name: id, params, ...rest };
}

/** Nodes in a row, and beside them what is lent to one of them: `[lender, borrower, slot]`. */
export function chain(nodes: NodeInput[], lent: [NodeInput, string, string][] = []): AgentDocumentInput {
  return {
    nodes: [...nodes, ...lent.map(([lender]) => lender)],
    edges: [
      ...nodes
        .slice(1)
        .map((target, index) => ({ id: `flow${index}`, source: { node: nodes[index]?.id ?? "" }, target: { node: target.id } })),
      ...lent.map(([lender, borrower, slot], index) => ({
        id: `lent${index}`,
        kind: "attachment" as const,
        source: { node: lender.id },
        target: { node: borrower, port: slot },
      })),
    ],
  };
}

/** A message is put to a model, whose output (or a part of it) is the answer. */
export function modelAgent(
  params: Params,
  { answer = "{{ llm.output.text }}", lent = [] }: { answer?: string; lent?: [NodeInput, string, string][] } = {},
): AgentDocumentInput {
  return chain(
    [
      node("start", "api-trigger"),
      node("llm", "llm", { model: "scripted", prompt: "{{ input.message }}", ...params }),
      node("reply", "reply", { mode: "json", json: answer }),
    ],
    lent,
  );
}
