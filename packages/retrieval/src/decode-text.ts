import { HeddleError } from "@heddle/schema";

export interface DecodedText {
  text: string;
  encoding: "utf-8" | "utf-16le" | "utf-16be" | "windows-1252";
}

/** Bytes looked at to tell text from other files. */
const SAMPLE = 8_192;

/**
 * Reads a text file: by its byte order mark, else as UTF-8, else as Windows-1252, which holds Latin-1 and never fails.
 * @throws HeddleError file_invalid when the bytes are no text
 */
export function decodeText(bytes: Uint8Array): DecodedText {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return { text: decode(bytes, "utf-16le"), encoding: "utf-16le" };
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return { text: decode(bytes, "utf-16be"), encoding: "utf-16be" };
  if (bytes.subarray(0, SAMPLE).includes(0)) {
    throw new HeddleError("file_invalid", "The file is not text: it holds zero bytes, as images, archives and office documents do.", {
      hint: "Save it as plain text, Markdown or CSV and upload that.",
    });
  }
  try {
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(bytes), encoding: "utf-8" };
  } catch {
    return { text: decode(bytes, "windows-1252"), encoding: "windows-1252" };
  }
}

function decode(bytes: Uint8Array, encoding: DecodedText["encoding"]): string {
  return new TextDecoder(encoding).decode(bytes);
}
