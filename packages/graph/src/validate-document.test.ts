import type { Problem } from "@heddle/schema";
import { describe, expect, test } from "vitest";
import { documentOf, registry } from "./test-registry.ts";
import { validateDocument } from "./validate-document.ts";

const start = { id: "start", type: "start" };

function problems(...args: Parameters<typeof documentOf>): Problem[] {
  return validateDocument(documentOf(...args), registry);
}

describe("validateDocument", () => {
  test("has nothing to say about a sound agent", () => {
    expect(
      problems(
        [
          start,
          { id: "choice", type: "choice", params: { branches: [{ id: "yes", when: '{{ input.message == "yes" }}' }] } },
          {
            id: "task",
            type: "task",
            onError: "branch",
            params: {
              text: "{{ input.message }} {{ variables.tone }}",
              count: "{{ input.message.length }}",
              code: "{{ not.an.expression }}",
            },
          },
          { id: "model", type: "model", params: { prompt: "{{ task.output.text ?? task.error.message }}" } },
          {
            id: "lookup",
            type: "task",
            params: { text: "{{ args.query }} {{ task.output.text }}" },
            tool: { description: "Looks up", parameters: { type: "object", properties: { query: { type: "string" } } } },
          },
          { id: "memory", type: "memory" },
          { id: "strict", type: "strict", params: { title: "x" } },
        ],
        [
          "start -> choice",
          "choice:yes -> task",
          "choice:else -> model",
          "task -> model",
          "task:error -> model",
          "lookup ~> model:tools",
          "memory ~> model:memory",
          "task -> strict",
        ],
        { variables: [{ name: "tone", kind: "text", value: "kind" }] },
      ),
    ).toEqual([]);
  });

  const reply = { id: "reply", type: "task" };
  test.each<[string, Parameters<typeof documentOf>, Partial<Problem>]>([
    ["no trigger", [[reply]], { code: "no_trigger", severity: "error" }],
    [
      "an unknown node type",
      [[start, { id: "x", type: "taks" }], ["start -> x"]],
      { code: "unknown_node_type", nodeId: "x", field: "type", message: "There is no node type `taks`. Did you mean `task`?" },
    ],
    [
      "a node of a newer version",
      [[start, { ...reply, typeVersion: 2 }], ["start -> reply"]],
      { code: "node_too_new", nodeId: "reply", field: "typeVersion" },
    ],
    ["two nodes with one id", [[start, reply, reply], ["start -> reply"]], { code: "duplicate_id", nodeId: "reply", field: "id" }],
    [
      "an id that expressions give a meaning",
      [[start, { id: "run", type: "task" }], ["start -> run"]],
      { code: "reserved_id", nodeId: "run", field: "id" },
    ],
    [
      "an id that is a word of JavaScript",
      [[start, { id: "class", type: "task" }], ["start -> class"]],
      { code: "reserved_id", nodeId: "class" },
    ],
    [
      "an id that expressions refuse",
      [[start, { id: "constructor", type: "task" }], ["start -> constructor"]],
      { code: "reserved_id", nodeId: "constructor" },
    ],
    [
      "a missing param",
      [
        [start, reply, { id: "s", type: "strict" }],
        ["start -> reply", "reply -> s"],
      ],
      { code: "missing_param", nodeId: "s", field: "params.title", message: 'Fill in "Title" of "s".' },
    ],
    [
      "an empty param",
      [
        [start, reply, { id: "s", type: "strict", params: { title: "" } }],
        ["start -> reply", "reply -> s"],
      ],
      { code: "missing_param", nodeId: "s", field: "params.title" },
    ],
    [
      "a param of the wrong type",
      [[start, { ...reply, params: { count: "many" } }], ["start -> reply"]],
      {
        code: "invalid_param",
        nodeId: "reply",
        field: "params.count",
        message: '"Count" of "reply" does not fit: expected number, received string.',
      },
    ],
    [
      "a param out of range",
      [[start, { ...reply, params: { count: 11 } }], ["start -> reply"]],
      { code: "invalid_param", nodeId: "reply", field: "params.count" },
    ],
    [
      "an expression in a literal choice",
      [
        [start, reply, { id: "s", type: "strict", params: { title: "x", level: "{{ input.message }}" } }],
        ["start -> reply", "reply -> s"],
      ],
      { code: "invalid_param", nodeId: "s", field: "params.level" },
    ],
    [
      "a setting that the type does not have",
      [[start, { ...reply, params: { txt: "a" } }], ["start -> reply"]],
      { code: "unknown_param", severity: "warning", nodeId: "reply", field: "params.txt" },
    ],
    [
      "a misspelt field",
      [[start, { ...reply, params: { text: "{{ input.mesage }}" } }], ["start -> reply"]],
      {
        code: "unknown_property",
        nodeId: "reply",
        field: "params.text",
        message: "`input` has no field `mesage`. Did you mean `message`?",
      },
    ],
    [
      "a misspelt node",
      [[start, { ...reply, params: { text: "{{ sttart.output.message }}" } }], ["start -> reply"]],
      { code: "unknown_reference", nodeId: "reply", message: "There is no `sttart` here. Did you mean `start`?" },
    ],
    [
      "a misspelt variable",
      [[start, { ...reply, params: { text: "{{ variables.tnoe }}" } }], ["start -> reply"], { variables: [{ name: "tone" }] }],
      { code: "unknown_property", field: "params.text" },
    ],
    [
      "a mistake deep inside a param",
      [[start, { ...reply, params: { data: { list: [1, { a: "{{ 1 + }}" }] } } }], ["start -> reply"]],
      { code: "expression_syntax", nodeId: "reply", field: "params.data.list.1.a" },
    ],
    [
      "a mistake in a branch",
      [[start, { id: "c", type: "choice", params: { branches: [{ id: "a", when: "{{ nobody }}" }] } }], ["start -> c"]],
      { code: "unknown_reference", nodeId: "c", field: "params.branches.0.when" },
    ],
    [
      "a comparison that is never true",
      [[start, { id: "c", type: "choice", params: { branches: [{ id: "a", when: '{{ "a" == "b" }}' }] } }], ["start -> c"]],
      { code: "never_equal", severity: "warning", nodeId: "c" },
    ],
    [
      "an expression of the wrong type",
      [[start, { ...reply, params: { count: "{{ input.message }}" } }], ["start -> reply"]],
      {
        code: "type_mismatch",
        nodeId: "reply",
        field: "params.count",
        message: '"Count" of "reply" wants a whole number, but the expression gives a text.',
      },
    ],
    [
      "text where a number is wanted",
      [[start, { ...reply, params: { count: "about {{ input.message.length }}" } }], ["start -> reply"]],
      { code: "type_mismatch", nodeId: "reply", field: "params.count" },
    ],
    [
      "`error` of a node that ends the run",
      [
        [start, reply, { id: "b", type: "task", params: { text: "{{ reply.error.message }}" } }],
        ["start -> reply", "reply -> b"],
      ],
      { code: "unknown_property", nodeId: "b" },
    ],
    [
      "`args` outside a tool",
      [[start, { ...reply, params: { text: "{{ args.x }}" } }], ["start -> reply"]],
      { code: "unknown_reference", nodeId: "reply" },
    ],
    [
      "an unknown argument of a tool",
      [
        [
          start,
          { id: "m", type: "model" },
          { ...reply, params: { text: "{{ args.x }}" }, tool: { description: "d", parameters: { type: "object", properties: { y: {} } } } },
        ],
        ["start -> m", "reply ~> m:tools"],
      ],
      { code: "unknown_property", nodeId: "reply" },
    ],
    [
      "a reference to itself",
      [[start, { ...reply, params: { text: "{{ reply.output.text }}" } }], ["start -> reply"]],
      { code: "reference_not_before", nodeId: "reply", field: "params.text" },
    ],
    [
      "a reference to a later node",
      [
        [start, { ...reply, params: { text: "{{ later.output.text }}" } }, { id: "later", type: "task" }],
        ["start -> reply", "reply -> later"],
      ],
      { code: "reference_not_before", nodeId: "reply" },
    ],
    [
      "a reference to a node beside",
      [
        [start, { ...reply, params: { text: "{{ beside.output.text }}" } }, { id: "beside", type: "task" }],
        ["start -> reply", "start -> beside"],
      ],
      {
        code: "reference_not_before",
        nodeId: "reply",
        message: '"beside" (`beside`) can\'t have run before "reply". Connect it so that the flow reaches it first, or read another node.',
      },
    ],
    ["an edge to nowhere", [[start], ["start -> gone"]], { code: "missing_node", edgeId: "e0" }],
    [
      "an unknown output",
      [
        [start, reply, { id: "b", type: "task" }],
        ["start -> reply", "reply:ou -> b"],
      ],
      { code: "unknown_port", nodeId: "reply", edgeId: "e1", message: '"reply" has no output `ou`. Did you mean `out`?' },
    ],
    ["an unknown input", [[start, reply], ["start -> reply:inn"]], { code: "unknown_port", nodeId: "reply", edgeId: "e0" }],
    [
      "an error port that is not switched on",
      [
        [start, reply, { id: "b", type: "task" }],
        ["start -> reply", "reply:error -> b"],
      ],
      { code: "unknown_port", nodeId: "reply" },
    ],
    [
      "a way into a trigger",
      [
        [start, reply, { id: "two", type: "start" }],
        ["start -> reply", "reply -> two"],
      ],
      { code: "unknown_port", nodeId: "two", message: '"two" has no input, so nothing can lead into it. Remove the connection.' },
    ],
    [
      "ports whose types do not fit",
      [[start, { id: "s", type: "strict", params: { title: "x" } }], ["start -> s"]],
      { code: "incompatible_ports", nodeId: "s", edgeId: "e0" },
    ],
    [
      "an attachment to a place that is not there",
      [
        [start, { id: "m", type: "model" }, { id: "n", type: "memory" }],
        ["start -> m", "n ~> m:mem"],
      ],
      { code: "unknown_slot", nodeId: "m", edgeId: "e1" },
    ],
    [
      "an attachment to a node that takes none",
      [
        [start, reply, { id: "n", type: "memory" }],
        ["start -> reply", "n ~> reply:memory"],
      ],
      { code: "unknown_slot", nodeId: "reply" },
    ],
    [
      "an attachment of the wrong kind",
      [
        [start, { id: "m", type: "model" }, { id: "n", type: "memory" }],
        ["start -> m", "n ~> m:tools"],
      ],
      { code: "wrong_attachment", nodeId: "m" },
    ],
    [
      "too many attachments",
      [
        [start, { id: "m", type: "model" }, { id: "n", type: "memory" }, { id: "o", type: "memory" }],
        ["start -> m", "n ~> m:memory", "o ~> m:memory"],
      ],
      { code: "too_many_attachments", nodeId: "m", edgeId: "e2" },
    ],
    [
      "two tools of one name",
      [
        [
          start,
          { id: "m", type: "model" },
          { id: "a", type: "task", tool: { name: "x", description: "d" } },
          { id: "b", type: "task", tool: { name: "x", description: "d" } },
        ],
        ["start -> m", "a ~> m:tools", "b ~> m:tools"],
      ],
      { code: "duplicate_tool_name", nodeId: "b", field: "tool.name" },
    ],
    [
      "a tool whose arguments are no object",
      [[start, { ...reply, tool: { description: "d", parameters: { type: "string" } } }], ["start -> reply"]],
      { code: "invalid_tool", nodeId: "reply", field: "tool.parameters" },
    ],
    [
      "a circle",
      [
        [start, reply, { id: "b", type: "task" }],
        ["start -> reply", "reply -> b", "b -> reply"],
      ],
      {
        code: "cycle",
        nodeId: "reply",
        message: 'These nodes lead to one another in a circle: "reply", "b". Remove one of the connections.',
      },
    ],
    [
      "a node that leads to itself",
      [
        [start, reply],
        ["start -> reply", "reply -> reply"],
      ],
      { code: "cycle", nodeId: "reply" },
    ],
    [
      "a circle of attachments",
      [
        [start, { id: "m", type: "model" }, { id: "n", type: "model" }],
        ["start -> m", "m ~> n:tools", "n ~> m:tools"],
      ],
      { code: "cycle" },
    ],
    [
      "a node attached to itself",
      [
        [start, { id: "m", type: "model" }],
        ["start -> m", "m ~> m:tools"],
      ],
      { code: "cycle", nodeId: "m" },
    ],
    ["a node that nothing leads to", [[start, reply]], { code: "unreachable", severity: "warning", nodeId: "reply" }],
    [
      "a connection that exists twice",
      [
        [start, reply],
        ["start -> reply", "start -> reply"],
      ],
      { code: "duplicate_edge", severity: "warning", edgeId: "e1" },
    ],
    [
      "two variables of one name",
      [[start], [], { variables: [{ name: "a" }, { name: "a" }] }],
      { code: "duplicate_variable", field: "variables.1.name" },
    ],
    [
      "a variable that expressions refuse",
      [[start], [], { variables: [{ name: "constructor" }] }],
      { code: "reserved_id", field: "variables.0.name" },
    ],
  ])("finds %s", (_, args, expected) => {
    const found = problems(...args);
    expect(found).toEqual([expect.objectContaining({ severity: "error", ...expected })]);
    expect(found[0]!.message).toMatch(/^["`\p{Lu}].*[.?)]$/u);
  });

  test("returns all problems at once", () => {
    const codes = problems(
      [
        start,
        { id: "a", type: "task", params: { text: "{{ input.x }} {{ nobody }} {{ b.output.text }}", count: "x" } },
        { id: "b", type: "what" },
        { id: "c", type: "strict" },
      ],
      ["start -> a", "a -> gone", "a:no -> c", "b ~> a:tools"],
    ).map(({ code }) => code);
    expect(codes.toSorted()).toEqual(
      [
        "invalid_param",
        "missing_node",
        "missing_param",
        "reference_not_before",
        "unknown_node_type",
        "unknown_port",
        "unknown_property",
        "unknown_reference",
      ].toSorted(),
    );
  });
});
