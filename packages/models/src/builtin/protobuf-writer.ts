/**
 * Writes the protocol-buffer wire format: just the kinds of field that an ONNX model needs.
 * Format: https://protobuf.dev/programming-guides/encoding/
 */
export class ProtobufWriter {
  readonly #parts: Uint8Array[] = [];
  #length = 0;

  /** A signed 64-bit integer field; negative numbers take ten bytes. */
  integer(field: number, value: number): this {
    this.#push(varint(tag(field, 0)));
    return this.#push(varint(value));
  }

  /** A 32-bit float field. */
  float(field: number, value: number): this {
    this.#push(varint(tag(field, 5)));
    return this.#push(new Uint8Array(new Float32Array([value]).buffer));
  }

  string(field: number, value: string): this {
    return this.bytes(field, new TextEncoder().encode(value));
  }

  /** A bytes field. The bytes are not copied until {@link finish}. */
  bytes(field: number, value: Uint8Array): this {
    this.#push(varint(tag(field, 2)));
    this.#push(varint(value.length));
    return this.#push(value);
  }

  /** A nested message. */
  message(field: number, write: (nested: ProtobufWriter) => void): this {
    const nested = new ProtobufWriter();
    write(nested);
    this.#push(varint(tag(field, 2)));
    this.#push(varint(nested.#length));
    for (const part of nested.#parts) this.#push(part);
    return this;
  }

  finish(): Uint8Array {
    const result = new Uint8Array(this.#length);
    let offset = 0;
    for (const part of this.#parts) {
      result.set(part, offset);
      offset += part.length;
    }
    return result;
  }

  #push(bytes: Uint8Array): this {
    this.#parts.push(bytes);
    this.#length += bytes.length;
    return this;
  }
}

function tag(field: number, wireType: number): number {
  return field * 8 + wireType;
}

function varint(value: number): Uint8Array {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  while (rest >= 0x80n) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}
