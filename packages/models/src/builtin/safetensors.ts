/** A tensor as it lies in a safetensors file: 16-bit floats, row-major. */
export interface HalfTensor {
  shape: number[];
  /** Raw IEEE 754 half-precision values, little-endian. */
  bytes: Uint8Array;
}

/**
 * Reads a safetensors file that holds half-precision tensors only.
 * Format: https://github.com/huggingface/safetensors#format
 * @throws Error when the file is of another kind
 */
export function readSafetensors(file: Uint8Array): (name: string) => HalfTensor {
  const headerLength = Number(new DataView(file.buffer, file.byteOffset, 8).getBigUint64(0, true));
  const header: unknown = JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + headerLength)));
  const entries = header as Record<string, { dtype: string; shape: number[]; data_offsets: [number, number] }>;
  const start = 8 + headerLength;
  return (name) => {
    const entry = entries[name];
    if (entry === undefined || entry.dtype !== "F16") throw new Error(`The weights hold no half-precision tensor "${name}"`);
    const [from, to] = entry.data_offsets;
    return { shape: entry.shape, bytes: file.subarray(start + from, start + to) };
  };
}

/** Widens half-precision values to 32 bits. */
export function toFloats(tensor: HalfTensor): Float32Array {
  const view = new DataView(tensor.bytes.buffer, tensor.bytes.byteOffset, tensor.bytes.byteLength);
  const floats = new Float32Array(tensor.bytes.byteLength / 2);
  for (let index = 0; index < floats.length; index += 1) floats[index] = widen(view.getUint16(index * 2, true));
  return floats;
}

function widen(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 31;
  const mantissa = half & 1023;
  if (exponent === 0) return sign * mantissa * 2 ** -24;
  if (exponent === 31) return mantissa ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + mantissa / 1024) * 2 ** (exponent - 15);
}
