import { InferenceSession, Tensor } from "onnxruntime-node";
import { expect, test } from "vitest";
import { ELEMENT, OnnxGraph } from "./onnx-graph.ts";

test("writes a model that ONNX Runtime runs", async () => {
  const graph = new OnnxGraph();
  const rows = graph.input("rows", ELEMENT.float, ["count", 2]);
  const product = graph.operator("MatMul", [rows, graph.floats([2, 2], Float32Array.of(1, 2, 3, 4))]);
  const [left = "", right = ""] = graph.operators({
    type: "Split",
    inputs: [product, graph.integers([1, 1])],
    outputs: 2,
    attributes: { axis: { int: -1 } },
  });
  const leaky = graph.operator("LeakyRelu", [right], { alpha: { float: 0.5 } });
  graph.output("left", left, ELEMENT.float, ["count", 1]);
  graph.output("right", leaky, ELEMENT.float, ["count", 1]);
  const session = await InferenceSession.create(graph.finish("test"));
  const result = await session.run({ rows: new Tensor("float32", Float32Array.of(1, 1, -1, 0), [2, 2]) });
  expect(Array.from(result["left"]?.data as Float32Array)).toEqual([4, -1]);
  expect(Array.from(result["right"]?.data as Float32Array)).toEqual([6, -1]);
});
