// What someone would write by hand for one purpose: node:http and the built-in fetch, nothing recorded.
import { createServer } from "node:http";

const model = process.env["MODEL_URL"] ?? "";

async function ask(text: string, modelMs: number): Promise<string> {
  const response = await fetch(`${model}/d${modelMs}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: "Bearer bench" },
    body: JSON.stringify({ model: "gpt-4o-mini", messages: [{ role: "user", content: text }] }),
  });
  const answer = (await response.json()) as { choices: { message: { content: string } }[] };
  return answer.choices[0]?.message.content ?? "";
}

async function answer(path: string, body: { name?: string; n?: number; text?: string }): Promise<object> {
  if (path === "/a") return { branch: (body.n ?? 0) > 10 ? "big" : "small", name: `Hi ${body.name}` };
  return { text: await ask(body.text ?? "", path === "/c" ? 50 : 0) };
}

createServer((request, response) => {
  let text = "";
  request.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  request.on("end", () => {
    answer(request.url ?? "/", JSON.parse(text || "{}") as object).then(
      (result) => {
        const payload = JSON.stringify(result);
        response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(payload) }).end(payload);
      },
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
}).listen(Number(process.env["PORT"]), "127.0.0.1", () => console.log("ready"));
