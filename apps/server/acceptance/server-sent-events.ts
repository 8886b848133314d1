/** One event of a stream. */
export interface ServerSentEvent {
  id: number;
  type: string;
  data: any; // eslint-disable-line typescript/no-explicit-any -- read by tests field by field
}

/** Reads a stream of events as they arrive. */
export async function* readEvents(response: Response): AsyncGenerator<ServerSentEvent> {
  let waiting = "";
  for await (const text of (response.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())) {
    const blocks = (waiting + text).split("\n\n");
    waiting = blocks.pop() ?? "";
    for (const block of blocks) {
      const fields = new Map(
        block.split("\n").map((line): [string, string] => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]),
      );
      // A comment keeps the connection open and says nothing.
      if (fields.has("data"))
        yield { id: Number(fields.get("id")), type: fields.get("event") ?? "", data: JSON.parse(fields.get("data") ?? "") };
    }
  }
  if (waiting !== "") throw new Error(`The stream ended in the middle of an event: ${waiting}`);
}
