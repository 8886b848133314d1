import { HeddleError } from "@heddle/schema";

export interface DecodedText {
  text: string;
  encoding: "utf-8" | "utf-16le" | "utf-16be" | "windows-1252";
}

/** Bytes looked at to tell text from other files. */
const SAMPLE = 8_192;
/** Control characters among them that may have slipped into a text. */
const MAX_CONTROLS = 8;

/**
 * Reads a text file: by its byte order mark, else as UTF-8, else as Windows-1252, which holds Latin-1 and never fails.
 * @throws HeddleError file_invalid when the bytes are no text
 */
export function decodeText(bytes: Uint8Array): DecodedText {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return { text: decode(bytes, "utf-16le"), encoding: "utf-16le" };
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return { text: decode(bytes, "utf-16be"), encoding: "utf-16be" };
  if (bytes.subarray(0, SAMPLE).includes(0)) throw notText("zero bytes");
  try {
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(bytes), encoding: "utf-8" };
  } catch {
    // Every byte is some letter of Windows-1252; what nobody types gives other files away.
    // oxlint-disable-next-line no-control-regex -- they are what is counted
    const controls = decode(bytes.subarray(0, SAMPLE), "windows-1252").match(/[\u0001-\u0008\u000e-\u001f\u007f]/g)?.length ?? 0;
    if (controls > MAX_CONTROLS) throw notText("unreadable characters");
    return { text: decode(bytes, "windows-1252"), encoding: "windows-1252" };
  }
}

function notText(holds: string): HeddleError {
  return new HeddleError("file_invalid", `The file is not text: it holds ${holds}, as images, archives and office documents do.`, {
    hint: "Save it as plain text, Markdown or CSV and upload that.",
  });
}

function decode(bytes: Uint8Array, encoding: DecodedText["encoding"]): string {
  return new TextDecoder(encoding).decode(bytes);
}
