import { ProtobufWriter } from "./protobuf-writer.ts";

/** Element types of ONNX tensors (TensorProto.DataType). */
export const ELEMENT = { float: 1, int8: 3, int64: 7, float16: 10 } as const;
export type ElementType = (typeof ELEMENT)[keyof typeof ELEMENT];

/** An attribute of an operator: whole numbers in `int`/`ints`, others in `float`. */
export type OnnxAttribute = { int: number } | { float: number } | { ints: number[] };

export interface OnnxOperator {
  type: string;
  inputs: string[];
  /** How many outputs it has; 1 by default. */
  outputs?: number;
  attributes?: Record<string, OnnxAttribute>;
  /** Operator set; ONNX's own by default. */
  domain?: "com.microsoft";
}

/**
 * Collects operators and constants and writes them as an ONNX model file.
 * Field numbers: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 */
export class OnnxGraph {
  readonly #graph = new ProtobufWriter();
  #names = 0;

  /** Adds a constant and returns its name. */
  constant(dims: number[], type: ElementType, bytes: Uint8Array): string {
    const name = this.#newName("constant");
    this.#graph.message(5, (tensor) => {
      for (const dim of dims) tensor.integer(1, dim);
      tensor.integer(2, type).string(8, name).bytes(9, bytes);
    });
    return name;
  }

  floats(dims: number[], values: Float32Array): string {
    return this.constant(dims, ELEMENT.float, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }

  /** A single whole number, without dimensions. */
  integer(value: number): string {
    return this.constant([], ELEMENT.int64, new Uint8Array(BigInt64Array.of(BigInt(value)).buffer));
  }

  integers(values: number[]): string {
    return this.constant([values.length], ELEMENT.int64, new Uint8Array(BigInt64Array.from(values, BigInt).buffer));
  }

  /** Adds an operator and returns the names of its outputs. */
  operators(operator: OnnxOperator): string[] {
    const outputs = Array.from({ length: operator.outputs ?? 1 }, () => this.#newName(operator.type));
    this.#write(operator, outputs);
    return outputs;
  }

  /** Adds an operator with one output and returns that output's name. */
  operator(type: string, inputs: string[], attributes: Record<string, OnnxAttribute> = {}, domain?: "com.microsoft"): string {
    const name = this.#newName(type);
    this.#write({ type, inputs, attributes, ...(domain === undefined ? {} : { domain }) }, [name]);
    return name;
  }

  /** Names an input of the model. Dimensions given as text are free. */
  input(name: string, type: ElementType, dims: (number | string)[]): string {
    this.#graph.message(11, (value) => writeValueInfo(value, name, type, dims));
    return name;
  }

  /** Makes a value an output of the model under the given name. */
  output(name: string, from: string, type: ElementType, dims: (number | string)[]): void {
    this.#write({ type: "Identity", inputs: [from] }, [name]);
    this.#graph.message(12, (value) => writeValueInfo(value, name, type, dims));
  }

  /** The model file. The graph must not be used afterwards. */
  finish(name: string): Uint8Array {
    this.#graph.string(2, name);
    const graph = this.#graph.finish();
    return new ProtobufWriter()
      .integer(1, 8)
      .string(2, "heddle")
      .bytes(7, graph)
      .message(8, (opset) => opset.string(1, "").integer(2, 17))
      .message(8, (opset) => opset.string(1, "com.microsoft").integer(2, 1))
      .finish();
  }

  #newName(stem: string): string {
    this.#names += 1;
    return `${stem}_${this.#names}`;
  }

  #write(operator: OnnxOperator, outputs: string[]): void {
    this.#graph.message(1, (node) => {
      for (const input of operator.inputs) node.string(1, input);
      for (const output of outputs) node.string(2, output);
      node.string(3, `${operator.type}_${outputs.join("_")}`).string(4, operator.type);
      for (const [name, attribute] of Object.entries(operator.attributes ?? {})) {
        node.message(5, (written) => writeAttribute(written, name, attribute));
      }
      if (operator.domain !== undefined) node.string(7, operator.domain);
    });
  }
}

function writeAttribute(writer: ProtobufWriter, name: string, attribute: OnnxAttribute): void {
  writer.string(1, name);
  if ("float" in attribute) writer.float(2, attribute.float).integer(20, 1);
  else if ("int" in attribute) writer.integer(3, attribute.int).integer(20, 2);
  else {
    for (const value of attribute.ints) writer.integer(8, value);
    writer.integer(20, 7);
  }
}

function writeValueInfo(writer: ProtobufWriter, name: string, type: ElementType, dims: (number | string)[]): void {
  writer.string(1, name).message(2, (valueType) =>
    valueType.message(1, (tensor) =>
      tensor.integer(1, type).message(2, (shape) => {
        for (const dim of dims) {
          shape.message(1, (written) => (typeof dim === "number" ? written.integer(1, dim) : written.string(2, dim)));
        }
      }),
    ),
  );
}
