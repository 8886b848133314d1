import type { Problem } from "@heddle/schema";
import { describe, expect, test } from "vitest";
import { documentOf, registry } from "./test-registry.ts";
import { validateDocument } from "./validate-document.ts";

type Parts = Parameters<typeof documentOf>;
const start = { id: "start", type: "start" };
const numbers = { items: "{{ [1, 2] }}" };
const loop = { id: "loop", type: "loop", params: numbers };
const inside = (id: string, rest: object = {}) => ({ id, type: "task", parent: "loop", ...rest });
const reading = (id: string, text: string, rest: object = {}) => ({ id, type: "task", params: { data: text }, ...rest });

const problems = (...parts: Parts): Problem[] => validateDocument(documentOf(...parts), registry);

describe("containers", () => {
  test("hold nodes that read their item, their index, the round before and what came before the container", () => {
    expect(
      problems(
        [
          start,
          { id: "early", type: "task" },
          { id: "outer", type: "map", params: { items: [{ names: ["a"], id: 1 }] } },
          { id: "loop", type: "loop", parent: "outer", params: { items: "{{ item.names }}" } },
          inside("first", {
            params: { text: "{{ item.toUpperCase() }} {{ early.output.text }}", count: "{{ index + outer.index + outer.item.id }}" },
          }),
          inside("second", { params: { data: "{{ loop.item }} {{ loop.previous?.text }} {{ first.output.text }} {{ outer.item.id }}" } }),
          reading("after", "{{ loop.output.items[0].text }} {{ item.id }}", { parent: "outer" }),
          reading("end", "{{ outer.output.items.length + outer.output.count }}"),
        ],
        ["start -> early", "early -> outer", "first -> second", "loop -> after", "outer -> end"],
      ),
    ).toEqual([]);
  });

  test.each<[string, Parts, Partial<Problem>]>([
    [
      "a container that is not there",
      [
        [start, loop, inside("a", { parent: "lopp" }), inside("b")],
        ["start -> loop", "start -> a"],
      ],
      { code: "missing_parent", nodeId: "a", field: "parent", message: '"a" lives in `lopp`, which does not exist. Did you mean `loop`?' },
    ],
    [
      "a node in a node that holds none",
      [
        [start, reading("x", ""), inside("a", { parent: "x" })],
        ["start -> x", "x -> a"],
      ],
      { code: "not_a_container", nodeId: "a", field: "parent" },
    ],
    [
      "a trigger inside",
      [[start, loop, inside("a"), { id: "two", type: "start", parent: "loop" }], ["start -> loop"]],
      { code: "trigger_inside", nodeId: "two", field: "parent" },
    ],
    [
      "a reply inside",
      [[start, loop, { id: "r", type: "answer", parent: "loop" }], ["start -> loop"]],
      { code: "reply_inside", nodeId: "r", field: "parent" },
    ],
    ["a container with nothing in it", [[start, loop], ["start -> loop"]], { code: "empty_container", nodeId: "loop" }],
    [
      "a container with nothing in it but a tool",
      [
        [start, { id: "m", type: "model" }, loop, inside("t")],
        ["start -> m", "m -> loop", "t ~> m:tools"],
      ],
      { code: "empty_container", nodeId: "loop" },
    ],
    [
      "a way into a container",
      [
        [start, loop, inside("a")],
        ["start -> loop", "start -> a"],
      ],
      {
        code: "crosses_container",
        nodeId: "a",
        edgeId: "e1",
        message: '"a" lives in "loop", where connections from outside don\'t lead. Connect "start" to "loop" instead.',
      },
    ],
    [
      "a way out of a container",
      [
        [start, loop, inside("a"), reading("b", "")],
        ["start -> loop", "loop -> b", "a -> b"],
      ],
      { code: "crosses_container", edgeId: "e2", message: expect.stringContaining("`loop.output.items`") as never },
    ],
    [
      "a way from a container to what is in it",
      [
        [start, loop, inside("a")],
        ["start -> loop", "loop -> a"],
      ],
      { code: "crosses_container", edgeId: "e1", message: '"loop" starts the nodes inside it by itself. Remove the connection to "a".' },
    ],
    [
      "a way back to the container",
      [
        [start, loop, inside("a")],
        ["start -> loop", "a -> loop"],
      ],
      { code: "crosses_container", edgeId: "e1", message: 'What "a" gives reaches "loop" by itself. Remove the connection.' },
    ],
    [
      "a circle inside",
      [
        [start, loop, inside("a"), inside("b"), inside("c")],
        ["start -> loop", "a -> b", "b -> c", "c -> b"],
      ],
      { code: "cycle", nodeId: "b" },
    ],
    [
      "what lives inside read from outside",
      [
        [start, loop, inside("a"), reading("b", "{{ a.output.text }}")],
        ["start -> loop", "loop -> b"],
      ],
      {
        code: "reference_not_before",
        nodeId: "b",
        field: "params.data",
        message:
          '"a" (`a`) lives in "loop" and runs once for each round, so "b" can\'t read it. Read `loop.output.items`, or keep the value in the agent\'s state.',
      },
    ],
    [
      "the container's own list made of what is inside",
      [[start, { ...loop, params: { items: "{{ [a.output.text] }}" } }, inside("a")], ["start -> loop"]],
      { code: "reference_not_before", nodeId: "loop", message: expect.stringContaining("`loop.previous`") as never },
    ],
    [
      "a container's output read inside it",
      [[start, loop, inside("a", { params: { data: "{{ loop.output.items }}" } })], ["start -> loop"]],
      { code: "unknown_property", nodeId: "a" },
    ],
    [
      "`previous` in a map",
      [[start, { id: "loop", type: "map", params: numbers }, inside("a", { params: { data: "{{ loop.previous }}" } })], ["start -> loop"]],
      { code: "unknown_property", nodeId: "a" },
    ],
    [
      "`item` outside",
      [[start, reading("a", "{{ item }}")], ["start -> a"]],
      {
        code: "unknown_reference",
        nodeId: "a",
        message:
          '`item` is known only inside a loop or a map, and in a node that runs for each item. Move "a" into one, or let it run for each item.',
      },
    ],
    [
      "a field that the item does not have",
      [[start, { ...loop, params: { items: [{ name: "x" }] } }, inside("a", { params: { data: "{{ item.nmae }}" } })], ["start -> loop"]],
      { code: "unknown_property", nodeId: "a", message: expect.stringContaining("Did you mean `name`?") as never },
    ],
    [
      "an item of the wrong type",
      [[start, { ...loop, params: { items: ["x"] } }, inside("a", { params: { count: "{{ item }}" } })], ["start -> loop"]],
      { code: "type_mismatch", nodeId: "a", field: "params.count" },
    ],
    [
      "a field that no round gives",
      [
        [start, loop, inside("a"), reading("b", "{{ loop.output.items[0].txt }}")],
        ["start -> loop", "loop -> b"],
      ],
      { code: "unknown_property", nodeId: "b", message: expect.stringContaining("Did you mean `text`?") as never },
    ],
    [
      "a list that is none",
      [[start, { ...loop, params: { items: "{{ input.message }}" } }, inside("a")], ["start -> loop"]],
      {
        code: "type_mismatch",
        nodeId: "loop",
        field: "params.items",
        message: '"List" of "loop" wants a list, but it gets a text. Choose an expression that gives a list.',
      },
    ],
  ])("are checked for %s", (_, parts, expected) => {
    const found = problems(...parts);
    expect(found).toEqual([expect.objectContaining({ severity: "error", ...expected })]);
    expect(found[0]!.message).toMatch(/^["`\p{Lu}].*[.?)]$/u);
  });

  test("that hold one another in a circle are refused, each by name", () => {
    const found = problems(
      [
        start,
        { ...loop, parent: "b" },
        { id: "b", type: "map", params: numbers, parent: "loop" },
        inside("a"),
        { ...loop, id: "c", parent: "c" },
      ],
      [],
    );
    expect(found.filter(({ code }) => code === "parent_cycle").map(({ nodeId }) => nodeId)).toEqual(["loop", "b", "c"]);
  });

  test("reach everything that is in them", () => {
    const left = { id: "left", type: "loop", params: numbers };
    const found = problems([start, loop, inside("a"), inside("b"), left, inside("c", { parent: "left" })], ["start -> loop", "a -> b"]);
    expect(found.map(({ code, nodeId }) => [code, nodeId])).toEqual([
      ["unreachable", "left"],
      ["unreachable", "c"],
    ]);
  });

  test("give what any of their last nodes gave, and errors where they go on", () => {
    const nodes = [
      start,
      { ...loop, params: { ...numbers, onItemError: "continue" } },
      { id: "c", type: "choice", parent: "loop", params: { branches: [{ id: "yes", when: true }] } },
      inside("a"),
      { id: "p", type: "pick", parent: "loop", params: { items: ["x"] } },
    ];
    const edges = ["start -> loop", "c:yes -> a", "c:else -> p", "loop -> end"];
    const read = (text: string) => problems([...nodes, reading("end", text)], edges).map(({ code }) => code);
    expect(read("{{ loop.output.items[0].text }} {{ loop.output.items[0].first }} {{ loop.output.items[0].error.message }}")).toEqual([]);
    expect(read("{{ loop.output.items[0].branch }}")).toEqual(["unknown_property"]);
  });

  test("without results give none", () => {
    const nodes = [
      start,
      { ...loop, params: { ...numbers, collect: false } },
      inside("a"),
      reading("end", "{{ loop.output.items.length }}"),
    ];
    expect(problems(nodes, ["start -> loop", "loop -> end"])).toEqual([]);
  });

  test("that go round while something holds see the round before in their condition", () => {
    const nodes = [
      start,
      { id: "loop", type: "loop", params: { mode: "while", condition: "{{ index < 3 && loop.previous?.text != 'x' }}" } },
      inside("a", { params: { data: "{{ item }}" } }),
    ];
    expect(problems(nodes, ["start -> loop"])).toEqual([]);
    const wrong = [start, { id: "loop", type: "loop", params: { mode: "while", condition: "{{ loop.previous.txt }}" } }, inside("a")];
    expect(problems(wrong, ["start -> loop"]).map(({ code }) => code)).toEqual(["unknown_property"]);
  });

  test("lend their names to the tools of the models in them", () => {
    const nodes = [
      start,
      loop,
      { id: "m", type: "model", parent: "loop" },
      {
        id: "t",
        type: "task",
        params: { count: "{{ item + args.n }}" },
        tool: { description: "d", parameters: { type: "object", properties: { n: { type: "number" } } } },
      },
    ];
    expect(problems(nodes, ["start -> loop", "t ~> m:tools"])).toEqual([]);
    // Lent to two places, it can count on neither.
    const twice = [...nodes, { id: "m2", type: "model" }];
    expect(problems(twice, ["start -> loop", "loop -> m2", "t ~> m:tools", "t ~> m2:tools"]).map(({ code }) => code)).toEqual([
      "unknown_reference",
    ]);
  });
});

describe("a go-to", () => {
  const goto = (target: string, rest: object = {}) => ({ id: "g", type: "goto", params: { target }, ...rest });
  const a = reading("a", "");

  test("goes back to a node that leads to it", () => {
    expect(problems([start, a, reading("b", ""), goto("a")], ["start -> a", "a -> b", "b -> g"])).toEqual([]);
  });

  test("lets the nodes of a round read the round before, and no others", () => {
    const edges = ["start -> before", "before -> a", "a -> b", "b -> g", "b -> after"];
    const look = (reader: string, read: string) =>
      problems(
        [start, ...["before", "a", "b", "after"].map((id) => reading(id, id === reader ? `{{ ${read}.output }}` : "")), goto("a")],
        edges,
      );
    expect([look("a", "b"), look("b", "a"), look("after", "b")]).toEqual([[], [], []]);
    for (const [reader, read] of [
      ["before", "b"],
      ["a", "after"],
      ["b", "after"],
    ] as const) {
      expect(look(reader, read)).toMatchObject([{ code: "reference_not_before", nodeId: reader }]);
    }
  });

  test.each<[string, Parts, Partial<Problem>]>([
    [
      "no target",
      [
        [start, a, goto("")],
        ["start -> a", "a -> g"],
      ],
      { code: "missing_param", field: "params.target" },
    ],
    [
      "a target that is not there",
      [
        [start, a, goto("gone")],
        ["start -> a", "a -> g"],
      ],
      { code: "missing_target" },
    ],
    [
      "a target beside",
      [
        [start, a, reading("b", ""), goto("b")],
        ["start -> a", "a -> g", "start -> b"],
      ],
      { code: "goto_not_before" },
    ],
    [
      "itself",
      [
        [start, a, goto("g")],
        ["start -> a", "a -> g"],
      ],
      { code: "goto_not_before" },
    ],
    [
      "a trigger",
      [
        [start, a, goto("start")],
        ["start -> a", "a -> g"],
      ],
      { code: "goto_trigger" },
    ],
    [
      "a target outside of its container",
      [
        [start, a, loop, inside("b"), goto("a", { parent: "loop" })],
        ["start -> a", "a -> loop", "b -> g"],
      ],
      { code: "goto_other_level" },
    ],
  ])("is checked for %s", (_, parts, expected) => {
    expect(problems(...parts)).toEqual([expect.objectContaining({ severity: "error", nodeId: "g", field: "params.target", ...expected })]);
  });
});
