// A model in OpenAI's protocol, at as little cost as possible so that it is not what is measured. It answers at once, or
// after the time that its address names: /d50/v1 takes 50 ms.
import { createServer } from "node:http";

const ANSWER = JSON.stringify({
  id: "chatcmpl-bench",
  object: "chat.completion",
  created: 1_700_000_000,
  model: "gpt-4o-mini",
  choices: [
    { index: 0, message: { role: "assistant", content: "Hello from the model.", refusal: null }, logprobs: null, finish_reason: "stop" },
  ],
  usage: { prompt_tokens: 10, completion_tokens: 6, total_tokens: 16 },
});
const LENGTH = String(Buffer.byteLength(ANSWER));
const EVENTS = [
  { choices: [{ index: 0, delta: { role: "assistant", content: "Hello from" }, finish_reason: null }] },
  { choices: [{ index: 0, delta: { content: " the model." }, finish_reason: null }] },
  { choices: [{ index: 0, delta: {}, finish_reason: "stop" }] },
  { choices: [], usage: { prompt_tokens: 10, completion_tokens: 6, total_tokens: 16 } },
];
const STREAM = `${EVENTS.map((event) => `data: ${JSON.stringify({ id: "chatcmpl-bench", object: "chat.completion.chunk", created: 1_700_000_000, model: "gpt-4o-mini", ...event })}\n\n`).join("")}data: [DONE]\n\n`;

createServer((request, response) => {
  let text = "";
  request.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  const answer = (): void => {
    if (text.includes('"stream":true')) response.writeHead(200, { "content-type": "text/event-stream" }).end(STREAM);
    else response.writeHead(200, { "content-type": "application/json", "content-length": LENGTH }).end(ANSWER);
  };
  request.on("end", () => {
    const delayMs = Number(/^\/d(\d+)\//.exec(request.url ?? "")?.[1] ?? 0);
    if (delayMs === 0) answer();
    else setTimeout(answer, delayMs);
  });
}).listen(Number(process.env["PORT"]), "127.0.0.1", () => console.log("ready"));
