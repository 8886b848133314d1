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
  const questions = parseExamplesCsv(await readFile(testFile), {}).rows;
  const execute = (message: string) =>
    post<{ output: { intent: string } }>(`/api/deployments/${deployment.id}/execute`, { input: { message } });
  for (const { text } of questions.slice(0, 20)) await execute(`${text} (to warm up)`);

  let right = 0;
  const calls: number[] = [];
  for (const { text, label } of questions) {
    const start = performance.now();
    const { output } = await execute(text);
    calls.push(performance.now() - start);
    if (output.intent === label) right += 1;
  }
  console.log(`${right} of ${questions.length} right: ${percent(right / questions.length)}`);

  const embedder = createEmbedder({ cacheDir: join(heddle.dataDir, "models") });
  const embeddings: number[] = [];
  for (const { text } of questions) {
    const start = performance.now();
    await embedder.embed([text]);
    embeddings.push(performance.now() - start);
  }
  await embedder.close();
  console.log(
    `median call ${median(calls).toFixed(2)} ms, median embedding alone ${median(embeddings).toFixed(2)} ms: ${(median(calls) / median(embeddings)).toFixed(2)} times`,
  );
  console.log(`files: ${await fingerprint(trainFile)} ${await fingerprint(testFile)}`);

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
