import { HeddleError } from "@heddle/schema";

/** Bytes of a JSON body, and of a body with files. */
export const MAX_JSON_BYTES = 1024 * 1024;
export const MAX_FILE_BYTES = 25 * 1024 * 1024;
/** What multipart adds around its files. */
const MULTIPART_OVERHEAD_BYTES = 256 * 1024;

/**
 * Reads a JSON body; undefined where there is none.
 * @throws HeddleError payload_too_large, unsupported_media_type, invalid_json
 */
export async function readJson(request: Request): Promise<unknown> {
  const type = mediaType(request);
  if (type === "" && !hasBody(request)) return undefined;
  if (type !== "application/json") {
    if (!hasBody(request)) return undefined;
    throw new HeddleError("unsupported_media_type", "Send the body as JSON, with the header Content-Type: application/json.");
  }
  const text = await readText(request, MAX_JSON_BYTES);
  return text.trim() === "" ? undefined : parseJson(text);
}

/** Values deeper than this are refused: what walks through them later walks on the stack. */
const MAX_DEPTH = 200;

/** Parses JSON and leaves out keys named `__proto__`. @throws HeddleError invalid_json, invalid_request where it is nested too deeply */
export function parseJson(text: string): unknown {
  if (text.length > 2 * MAX_DEPTH && isTooDeep(text))
    throw new HeddleError("invalid_request", `The body is nested deeper than ${MAX_DEPTH} levels.`);
  try {
    // The reviver costs time, so it is used only where such a key could be, escaped ones included.
    return /__proto__|\\u005f/i.test(text) ? JSON.parse(text, dropPrototype) : JSON.parse(text);
  } catch (error) {
    throw new HeddleError(
      "invalid_json",
      `The body is not JSON: ${error instanceof SyntaxError ? error.message : "it could not be read"}.`,
    );
  }
}

function isTooDeep(text: string): boolean {
  let depth = 0;
  for (let index = 0; index < text.length; index++) {
    const character = text.charCodeAt(index);
    if (character === QUOTE) {
      // Texts are skipped as a whole: brackets in them nest nothing.
      for (index++; index < text.length && text.charCodeAt(index) !== QUOTE; index++) if (text.charCodeAt(index) === BACKSLASH) index++;
    } else if (character === OPEN_BRACKET || character === OPEN_BRACE) {
      if (++depth > MAX_DEPTH) return true;
    } else if (character === CLOSE_BRACKET || character === CLOSE_BRACE) depth--;
  }
  return false;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

function dropPrototype(key: string, value: unknown): unknown {
  return key === "__proto__" ? undefined : value;
}

/** Reads text of at most so many bytes; stops reading once there are more. @throws HeddleError payload_too_large */
export async function readText(request: Request, limit: number): Promise<string> {
  return new TextDecoder().decode(await readBytes(request, limit));
}

export interface UploadedFile {
  name: string;
  mediaType: string;
  bytes: Uint8Array;
}
export interface Upload {
  fields: Record<string, string>;
  files: UploadedFile[];
}

/**
 * Reads a multipart form. At most {@link MAX_FILE_BYTES} are ever held: a larger body is refused by its declared
 * length, or as soon as it has grown past the limit.
 * @throws HeddleError payload_too_large, unsupported_media_type, invalid_request
 */
export async function readUpload(request: Request): Promise<Upload> {
  if (mediaType(request) !== "multipart/form-data") {
    throw new HeddleError("unsupported_media_type", "Send the file as multipart/form-data, with the fields name and file.");
  }
  const limit = MAX_FILE_BYTES + MULTIPART_OVERHEAD_BYTES;
  const bytes = await readBytes(request, limit);
  const form = await new Response(bytes as Uint8Array<ArrayBuffer>, {
    headers: { "content-type": request.headers.get("content-type") ?? "" },
  })
    .formData()
    .catch(() => {
      throw new HeddleError("invalid_request", "The multipart body can't be read. It may have been cut off.");
    });
  const fields: Record<string, string> = {};
  const files: UploadedFile[] = [];
  for (const [name, value] of form) {
    if (typeof value === "string") fields[name] = value;
    else
      files.push({
        name: fileName(value.name),
        mediaType: value.type.split(";")[0]?.trim() ?? "",
        bytes: new Uint8Array(await value.arrayBuffer()),
      });
  }
  const tooLarge = files.find((file) => file.bytes.byteLength > MAX_FILE_BYTES);
  if (tooLarge) throw overLimit(MAX_FILE_BYTES);
  return { fields, files };
}

/** Only the last part of a path, without control characters. */
function fileName(name: string): string {
  // oxlint-disable-next-line no-control-regex -- they are what is being removed
  const last = (name.split(/[\\/]/).pop() ?? "").replaceAll(/[\u0000-\u001f\u007f]/g, "").trim();
  return last === "" ? "file" : last.slice(0, 200);
}

function mediaType(request: Request): string {
  return (request.headers.get("content-type") ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
}

function hasBody(request: Request): boolean {
  const length = request.headers.get("content-length");
  return length === null ? request.headers.has("transfer-encoding") : length !== "0";
}

function refuseLength(request: Request, limit: number): void {
  const length = Number(request.headers.get("content-length") ?? 0);
  if (length > limit) throw overLimit(limit);
}

/** Reads a body as it is; stops reading once there are more bytes than may be. @throws HeddleError payload_too_large */
export async function readBytes(request: Request, limit: number): Promise<Uint8Array> {
  refuseLength(request, limit);
  // With a declared length the server itself holds the sender to it, and reading in one piece is cheapest.
  if (request.headers.has("content-length")) return new Uint8Array(await request.arrayBuffer());
  if (!request.body) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body as unknown as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > limit) throw overLimit(limit);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The refusal of a body that is larger than its kind may be. */
export function overLimit(limit: number): HeddleError {
  const isFile = limit > MAX_JSON_BYTES;
  return new HeddleError("payload_too_large", isFile ? "A file may have at most 25 MiB." : "A request body may have at most 1 MiB.", {
    details: { limitBytes: isFile ? MAX_FILE_BYTES : MAX_JSON_BYTES },
    ...(isFile ? { hint: "Split the file, or leave out what is not needed." } : {}),
  });
}
