import { pipeline, type Readable } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from "node:zlib";
import { HeddleError } from "@heddle/schema";
import type { IncomingResponse } from "./send.ts";

/** Encodings that {@link decodedBody} undoes, as an Accept-Encoding header. */
export const ACCEPT_ENCODING = "gzip, deflate, br, zstd";

/** The body with its Content-Encoding undone. Nothing is buffered: limits are the reader's. */
export function decodedBody(response: IncomingResponse): Readable {
  const encoding = response.headers["content-encoding"];
  if (encoding === undefined || !response.hasBody) return response.body;
  const names = String(encoding)
    .toLowerCase()
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "identity" && name !== "");
  // A bomb of several layers grows by the product; two are more than any server needs.
  if (names.length > 2) {
    response.body.destroy();
    throw new HeddleError("http_failed", `${response.url.origin} compressed its answer ${names.length} times over.`, { retryable: false });
  }
  let body: Readable = response.body;
  for (const name of names.toReversed()) {
    const decoder = DECODERS[name]?.();
    if (decoder === undefined) {
      response.body.destroy();
      throw new HeddleError("http_failed", `${response.url.origin} answered in the encoding "${name.slice(0, 40)}", which can't be read.`, {
        retryable: false,
      });
    }
    body = pipeline(body, decoder, () => {});
  }
  return body;
}

const DECODERS: Record<string, () => ReturnType<typeof createGunzip>> = {
  gzip: createGunzip,
  "x-gzip": createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress as typeof createGunzip,
  zstd: createZstdDecompress as typeof createGunzip,
};

/**
 * Reads a body to its end, decoded, holding at most `maxBytes` of it.
 * @throws HeddleError value_too_large
 */
export async function readBody(response: IncomingResponse, maxBytes: number): Promise<Uint8Array> {
  const announced = Number(response.headers["content-length"] ?? 0);
  if (announced > maxBytes) {
    response.body.destroy();
    throw tooLarge(response.url, maxBytes);
  }
  const body = decodedBody(response);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    // Leaving the loop destroys the stream, and with it the connection.
    if (size > maxBytes) throw tooLarge(response.url, maxBytes);
    chunks.push(chunk);
  }
  const only = chunks[0];
  return chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks, size);
}

/** The error for an answer above its limit. */
export function tooLarge(url: URL, maxBytes: number): HeddleError {
  return new HeddleError("value_too_large", `The answer of ${url.origin} is larger than ${maxBytes} bytes.`, { details: { maxBytes } });
}
