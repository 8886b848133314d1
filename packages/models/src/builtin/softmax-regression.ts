import { minimise } from "./minimise.ts";
import { ELEMENT, OnnxGraph } from "./onnx-graph.ts";
import { softmax } from "./opinion.ts";
import type { SparseVector } from "./word-features.ts";

/** A linear layer: `weights` [dimensions, labels] row by row, and a bias for each label. */
export interface LinearLayer {
  weights: Float32Array;
  bias: Float32Array;
}

export interface RegressionOptions {
  /** Label number of each example. */
  labels: Int32Array;
  labelCount: number;
  /** Weight of the squared parameters in the loss. */
  penalty: number;
  iterations: number;
  signal?: AbortSignal | undefined;
}

/** Softmax regression on dense rows; the matrix products, which are nearly all the work, are done by ONNX Runtime. */
export async function trainDense(
  rows: Float32Array,
  options: RegressionOptions & { dimensions: number; threads: number },
): Promise<LinearLayer> {
  const { dimensions, labels, labelCount, penalty, iterations, threads, signal } = options;
  const count = labels.length;
  const { InferenceSession, Tensor } = await import("onnxruntime-node");
  const session = await InferenceSession.create(gradientGraph(count, dimensions, labelCount), {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
  });
  const weightCount = dimensions * labelCount;
  const rowsTensor = new Tensor("float32", rows, [count, dimensions]);
  const targets = new Float32Array(count * labelCount);
  for (const [row, label] of labels.entries()) targets[row * labelCount + label] = 1;
  const targetsTensor = new Tensor("float32", targets, [count, labelCount]);

  const parameters = new Float32Array(weightCount + labelCount);
  const loss = async (point: Float32Array, gradient: Float32Array): Promise<number> => {
    signal?.throwIfAborted();
    const result = await session.run({
      rows: rowsTensor,
      targets: targetsTensor,
      weights: new Tensor("float32", point.subarray(0, weightCount), [dimensions, labelCount]),
      bias: new Tensor("float32", point.subarray(weightCount), [labelCount]),
    });
    gradient.set(result["weightGradient"]?.data as Float32Array);
    gradient.set(result["biasGradient"]?.data as Float32Array, weightCount);
    return Number(result["loss"]?.data[0]) + addPenalty(point, gradient, weightCount, penalty);
  };
  try {
    await minimise(loss, parameters, iterations);
  } finally {
    await session.release();
  }
  return { weights: parameters.slice(0, weightCount), bias: parameters.slice(weightCount) };
}

/** Softmax regression on sparse rows. */
export async function trainSparse(
  rows: readonly SparseVector[],
  options: RegressionOptions & { dimensions: number },
): Promise<LinearLayer> {
  const { dimensions, labels, labelCount, penalty, iterations, signal } = options;
  const weightCount = dimensions * labelCount;
  const parameters = new Float32Array(weightCount + labelCount);
  const scores = new Float32Array(labelCount);
  const share = 1 / rows.length;
  const loss = (point: Float32Array, gradient: Float32Array): number => {
    signal?.throwIfAborted();
    gradient.fill(0);
    let sum = 0;
    for (const [index, row] of rows.entries()) {
      const label = labels[index] ?? 0;
      scores.set(point.subarray(weightCount));
      addSparseScores(scores, row, point);
      softmax(scores);
      sum -= Math.log(Math.max(scores[label]!, 1e-12));
      scores[label]! -= 1;
      for (let column = 0; column < labelCount; column += 1) {
        const error = scores[column]! * share;
        scores[column] = error;
        gradient[weightCount + column]! += error;
      }
      for (let entry = 0; entry < row.places.length; entry += 1) {
        const weight = row.weights[entry]!;
        const from = row.places[entry]! * labelCount;
        for (let column = 0; column < labelCount; column += 1) gradient[from + column]! += weight * scores[column]!;
      }
    }
    return sum * share + addPenalty(point, gradient, weightCount, penalty);
  };
  await minimise(loss, parameters, iterations);
  return { weights: parameters.slice(0, weightCount), bias: parameters.slice(weightCount) };
}

/** Adds a sparse row's product with `weights` to the scores. */
export function addSparseScores(scores: Float32Array, row: SparseVector, weights: Float32Array): void {
  const labelCount = scores.length;
  for (let entry = 0; entry < row.places.length; entry += 1) {
    const weight = row.weights[entry]!;
    const from = row.places[entry]! * labelCount;
    for (let column = 0; column < labelCount; column += 1) scores[column]! += weight * weights[from + column]!;
  }
}

function addPenalty(point: Float32Array, gradient: Float32Array, weightCount: number, penalty: number): number {
  let squares = 0;
  for (let index = 0; index < weightCount; index += 1) {
    const weight = point[index]!;
    squares += weight * weight;
    gradient[index]! += penalty * weight;
  }
  return 0.5 * penalty * squares;
}

/** Cross-entropy of a softmax over `rows · weights + bias`, and its gradients. */
function gradientGraph(count: number, dimensions: number, labelCount: number): Uint8Array {
  const graph = new OnnxGraph();
  const rows = graph.input("rows", ELEMENT.float, [count, dimensions]);
  const targets = graph.input("targets", ELEMENT.float, [count, labelCount]);
  const weights = graph.input("weights", ELEMENT.float, [dimensions, labelCount]);
  const bias = graph.input("bias", ELEMENT.float, [labelCount]);
  const share = graph.floats([], Float32Array.of(1 / count));
  const minusShare = graph.floats([], Float32Array.of(-1 / count));

  const logs = graph.operator("LogSoftmax", [graph.operator("Gemm", [rows, weights, bias])], { axis: { int: -1 } });
  const hit = graph.operator("ReduceSum", [graph.operator("Mul", [logs, targets])], { keepdims: { int: 0 } });
  graph.output("loss", graph.operator("Mul", [hit, minusShare]), ELEMENT.float, []);
  const errors = graph.operator("Mul", [graph.operator("Sub", [graph.operator("Exp", [logs]), targets]), share]);
  graph.output("weightGradient", graph.operator("Gemm", [rows, errors], { transA: { int: 1 } }), ELEMENT.float, [dimensions, labelCount]);
  const sum = graph.operator("ReduceSum", [errors, graph.integers([0])], { keepdims: { int: 0 } });
  graph.output("biasGradient", sum, ELEMENT.float, [labelCount]);
  return graph.finish("softmax-regression");
}
