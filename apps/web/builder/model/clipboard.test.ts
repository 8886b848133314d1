import { definitions } from "@heddle/nodes/definitions";
import { agentDocument } from "@heddle/schema";
import { expect, test } from "vitest";
import { clipOf, pasted, readClip } from "./clipboard.ts";

const document = agentDocument.parse({
  nodes: [
    { id: "chat", type: "chat-trigger", name: "Chat" },
    { id: "llm", type: "llm", name: "Model", params: { prompt: "{{ chat.output.message }}" }, position: { x: 100, y: 50 } },
    { id: "reply", type: "reply", name: "Reply", params: { text: "{{ llm.output.text }} for {{ chat.output.message }}" } },
  ],
  edges: [
    { id: "1", source: { node: "chat" }, target: { node: "llm" } },
    { id: "2", source: { node: "llm" }, target: { node: "reply" } },
  ],
});
const copied = clipOf(document.nodes.slice(1), document.edges);
const options = { taken: new Set(document.nodes.map(({ id }) => id)), offset: { x: 40, y: 40 }, registry: definitions };

test("copies the wires between the nodes and no others", () => {
  expect(copied.edges.map(({ id }) => id)).toEqual(["2"]);
});

test("a paste has ids of its own, and its expressions follow", () => {
  const { nodes, edges } = pasted(copied, options);
  expect(nodes.map(({ id }) => id)).toEqual(["llm_2", "reply_2"]);
  expect(nodes[1]?.params["text"]).toBe("{{ llm_2.output.text }} for {{ chat.output.message }}");
  expect(nodes[0]?.position).toEqual({ x: 140, y: 90 });
  expect(edges).toMatchObject([{ source: { node: "llm_2" }, target: { node: "reply_2" } }]);
});

test("ids that change places in the clip don't catch each other", () => {
  const clip = clipOf(
    agentDocument.parse({
      nodes: [
        { id: "llm", type: "llm", name: "A" },
        { id: "llm_2", type: "llm", name: "B", params: { prompt: "{{ llm.output.text }}" } },
      ],
    }).nodes,
    [],
  );
  const { nodes } = pasted(clip, { ...options, taken: new Set(["llm"]) });
  expect(new Set(nodes.map(({ id }) => id)).size).toBe(2);
  expect(nodes[1]?.params["prompt"]).toBe(`{{ ${nodes[0]?.id}.output.text }}`);
});

test("reads its own text back and leaves other text alone", () => {
  expect(readClip(JSON.stringify(copied))?.nodes).toHaveLength(2);
  expect(readClip("hello")).toBeUndefined();
  expect(readClip('{"heddle":"nodes","nodes":[{"id":"no type"}],"edges":[]}')).toBeUndefined();
});
