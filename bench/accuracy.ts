// How well and how fast Support triage labels real questions, over HTTP, one at a time, with every run journaled.
// node bench/accuracy.ts TRAIN.csv TEST.csv      (columns text,category)
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createEmbedder } from "@heddle/models/builtin";
import { parseExamplesCsv } from "@heddle/retrieval";
import { startHeddle } from "@heddle/testing/heddle-process";
import { signUp } from "./api-client.ts";

const [trainFile, testFile] = process.argv.slice(2);
if (!trainFile || !testFile) throw new Error("Name the two files: node bench/accuracy.ts TRAIN.csv TEST.csv");

const heddle = await startHeddle();
try {
  const { workspaceId, get, post } = await signUp(heddle.url);
  const form = new FormData();
  form.set("name", "Examples");
  form.set("file", new File([await readFile(trainFile)], "train.csv", { type: "text/csv" }));
  const uploaded = performance.now();
  const dataset = await post<{ id: string; rows: number }>(`/api/workspaces/${workspaceId}/datasets`, form);
  const training = await trained(dataset.id);
  console.log(
    `${dataset.rows} examples learned in ${seconds(uploaded)} s, cross-validation ${percent(training.accuracy ?? 0)}; shown on the way: ${training.seen.join(", ")}`,
  );

  const agent = await post<{ id: string }>(`/api/workspaces/${workspaceId}/agents`, {
    name: "Triage",
    templateId: "support-triage",
    variables: { examples: dataset.id },
  });
  const deployment = await post<{ id: string }>(`/api/agents/${agent.id}/deploy`, {});
  const { key } = await post<{ key: string }>(`/api/workspaces/${workspaceId}/api-keys`, { name: "bench", scopes: ["write"] });
  const embedding = await deployEmbedding();
  const endpoint = (id: string): string => `${heddle.url.replace("localhost", "127.0.0.1")}/api/deployments/${id}/execute`;
  const execute = caller<{ output: { intent: string } }>(endpoint(deployment.id), key);
  const embedOnly = caller(endpoint(embedding.id), key);
  const questions = parseExamplesCsv(await readFile(testFile), {}).rows;
  const embedder = createEmbedder({ cacheDir: join(heddle.dataDir, "models") });
  for (const { text } of questions.slice(0, 50)) await Promise.all([execute(`${text} (to warm up)`), embedder.embed([text])]);

  // By turns, so that both meet the same machine.
  let right = 0;
  const calls: number[] = [];
  const embeddings: number[] = [];
  const embedCalls: number[] = [];
  for (const { text, label } of questions) {
    const start = performance.now();
    const { output } = await execute(text);
    const answered = performance.now();
    await embedder.embed([text]);
    const embedded = performance.now();
    // Another text, because the server remembers the one that it has just embedded.
    await embedOnly(`${text} again`);
    embedCalls.push(performance.now() - embedded);
    embeddings.push(embedded - answered);
    calls.push(answered - start);
    if (output.intent === label) right += 1;
  }
  await embedder.close();
  console.log(`${right} of ${questions.length} right: ${percent(right / questions.length)}`);
  const ratio = (alone: number[]): string => `${(median(calls) / median(alone)).toFixed(2)} times ${median(alone).toFixed(2)} ms`;
  console.log(
    `median call ${median(calls).toFixed(2)} ms: ${ratio(embedCalls)} of a deployed agent that only embeds, ${ratio(embeddings)} of the embedding in a process of its own`,
  );
  console.log(`files: ${await fingerprint(trainFile)} ${await fingerprint(testFile)}`);

  /** An agent that embeds its message and does nothing else. */
  async function deployEmbedding(): Promise<{ id: string }> {
    const nodes = [
      { id: "start", type: "api-trigger", name: "Message" },
      { id: "embed", type: "embed", name: "Embed", params: { text: "{{ input.message }}" } },
      { id: "reply", type: "reply", name: "Reply", params: { mode: "text", text: "done" } },
    ];
    const edges = [
      { id: "1", source: { node: "start" }, target: { node: "embed" } },
      { id: "2", source: { node: "embed" }, target: { node: "reply" } },
    ];
    const { id } = await post<{ id: string }>(`/api/workspaces/${workspaceId}/agents`, {
      name: "Embedding alone",
      config: { nodes, edges },
    });
    return post(`/api/agents/${id}/deploy`, {});
  }

  async function trained(id: string): Promise<{ accuracy: number | null; seen: string[] }> {
    const seen = new Set<string>();
    for (;;) {
      const { training: state } = await get<{ training: { status: string; progress: number; accuracy: number | null } }>(
        `/api/datasets/${id}`,
      );
      if (state.status === "failed") throw new Error("Training failed");
      if (state.status === "ready") return { accuracy: state.accuracy, seen: [...seen].slice(0, 8) };
      seen.add(`${Math.round(state.progress * 100)} %`);
      await new Promise((done) => setTimeout(done, 500));
    }
  }
} finally {
  await heddle.stop();
}

/** Calls the deployment as a program does, with a key over a connection that is kept. */
function caller<T = unknown>(url: string, key: string): (message: string) => Promise<T> {
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  return async (message) => {
    const response = await fetch(url, { method: "POST", headers, body: JSON.stringify({ input: { message } }) });
    if (!response.ok) throw new Error(`The deployment answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as T;
  };
}

function seconds(since: number): string {
  return ((performance.now() - since) / 1_000).toFixed(1);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

async function fingerprint(file: string): Promise<string> {
  return createHash("sha256")
    .update(await readFile(file))
    .digest("hex")
    .slice(0, 12);
}
