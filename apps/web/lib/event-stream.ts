/** One server-sent event. */
export interface StreamEvent {
  id?: string;
  event: string;
  data: string;
}

/** Splits a stream of text chunks into server-sent events (WHATWG HTML, section 9.2.6). Chunks may break anywhere. */
export async function* parseEventStream(chunks: AsyncIterable<string>): AsyncGenerator<StreamEvent> {
  let rest = "";
  let event = "";
  let id: string | undefined;
  let data: string[] = [];
  for await (const chunk of chunks) {
    const text = rest + chunk;
    // A lone CR at the end may be the first half of a CRLF.
    const lines = (text.endsWith("\r") ? text.slice(0, -1) : text).split(/\r\n|\n|\r/);
    rest = (lines.pop() ?? "") + (text.endsWith("\r") ? "\r" : "");
    for (const line of lines) {
      if (line === "") {
        if (data.length > 0) yield { ...(id === undefined ? {} : { id }), event: event === "" ? "message" : event, data: data.join("\n") };
        event = "";
        data = [];
        continue;
      }
      const colon = line.indexOf(":");
      // A comment begins with a colon: it has an empty name, and no name but those below counts.
      const field = colon === -1 ? line : line.slice(0, colon);
      const value = colon === -1 ? "" : line.slice(colon + 1).replace(/^ /, "");
      if (field === "event") event = value;
      else if (field === "data") data.push(value);
      else if (field === "id") id = value;
    }
  }
}
