import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { validateDocument } from "@heddle/graph";
import { createClassifier, createEmbedder, type Embedder, trainClassifier } from "@heddle/models/builtin";
import type { ChatRequest, ChatResult, StepServices } from "@heddle/node-kit";
import { definitions } from "@heddle/nodes/definitions";
import { handlers } from "@heddle/nodes/handlers";
import { chunkDocument, createKnowledgeIndex, parseExamplesCsv } from "@heddle/retrieval";
import { compileAgent, MemoryJournal, runAgent, systemClock } from "@heddle/runtime";
import { type AgentDocument, agentDocument, HeddleError, type Json, templateResource } from "@heddle/schema";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const file = (name: string) => join(import.meta.dirname, name);
const readJson = async (name: string): Promise<unknown> => JSON.parse(await readFile(file(name), "utf8"));

interface Answer {
  intent: string;
  confidence: number;
  alternatives: { label: string; confidence: number }[];
  answer: string;
  citations?: { number: number; documentName: string; section: string }[];
  handoff?: boolean;
}

const cases = (await readJson("tests.json")) as { name: string; input: { message: string }; expect: Json; cites?: string }[];
const resource = templateResource.parse(await readJson("template.json"));
const document = agentDocument.parse(await readJson("agent.json"));

/** The built-in model, trained on the template's examples and over its articles, as the platform puts it behind the ports. */
let services: Pick<StepServices, "classifiers" | "knowledge">;
let embedder: Embedder;
let cacheDir: string;

beforeAll(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), "heddle-template-"));
  embedder = createEmbedder({ cacheDir });
  const { rows } = parseExamplesCsv(await readFile(file("examples.csv")));
  const examples = rows.map(({ text, label }) => ({ text, label: label ?? "" }));
  const { weights } = await trainClassifier({ examples, features: (texts) => embedder.features(texts) });
  const classifier = createClassifier(weights);

  const names = await readdir(file("articles"));
  const passages = await Promise.all(
    names.map(async (name) => {
      const chunks = chunkDocument({ name, bytes: await readFile(join(file("articles"), name)) });
      const vectors = await embedder.embed(chunks.map(({ section, text }) => (section === undefined ? text : `${section}\n${text}`)));
      return chunks.map((chunk, index) => ({
        ...chunk,
        id: `${name}/${index}`,
        documentId: name,
        documentName: name,
        chunk: index,
        vector: vectors[index] as Float32Array,
      }));
    }),
  );
  const index = createKnowledgeIndex(passages.flat());
  services = {
    classifiers: {
      classify: async ({ text, alternatives }) =>
        classifier.classify((await embedder.features([text]))[0] as Float32Array, text, alternatives),
    },
    knowledge: {
      search: async ({ query, ...options }) =>
        index.search({ text: query, vector: (await embedder.embed([query]))[0] as Float32Array, ...options }),
    },
  };
}, 120_000);
afterAll(async () => {
  await embedder.close();
  await rm(cacheDir, { recursive: true });
});

async function ask(
  message: string,
  { model, chat }: { model?: string; chat?: (request: ChatRequest) => Promise<ChatResult> } = {},
): Promise<Answer> {
  const values: Record<string, Json> = { examples: "examples", articles: "articles", ...(model === undefined ? {} : { model }) };
  const filled: AgentDocument = {
    ...document,
    variables: document.variables.map((variable) => ({ ...variable, value: values[variable.name] ?? variable.value })),
  };
  const outcome = await runAgent(compileAgent(filled, definitions), {
    input: { message },
    run: { executionId: "e", agentId: "a", workspaceId: "w", startedAt: 0, isDeployed: true },
    services: { ...services, models: { chat } } as unknown as StepServices,
    handlers,
    journal: new MemoryJournal(),
    clock: systemClock,
    random: () => 0,
    signal: new AbortController().signal,
  });
  if (outcome.status === "waiting") throw new Error("Nothing in the template waits.");
  if (outcome.status !== "completed") throw new Error(`${outcome.error.code}: ${outcome.error.message}`);
  return outcome.output as unknown as Answer;
}

const says = (text: string) => async (): Promise<ChatResult> => ({
  text,
  toolCalls: [],
  finishReason: "stop",
  call: { provider: "p", model: "m", usage: { inputTokens: 1, outputTokens: 1 }, durationMs: 1 },
});

describe("support triage", () => {
  it("has no problems, and a document variable for each that the wizard asks for", () => {
    expect(validateDocument(document, definitions)).toEqual([]);
    expect(document.variables.map(({ name }) => name)).toEqual(resource.variables.map(({ name }) => name));
    for (const { name, default: value } of resource.variables) {
      expect(document.variables.find((variable) => variable.name === name)?.value).toEqual(value ?? null);
    }
  });

  it("ships twelve examples of each of 77 intents, none of them broken", async () => {
    const parsed = parseExamplesCsv(await readFile(file("examples.csv")));
    const counts = new Map<string | null, number>();
    for (const { label } of parsed.rows) counts.set(label, (counts.get(label) ?? 0) + 1);
    expect(counts.size).toBe(77);
    expect([...new Set(counts.values())]).toEqual([12]);
    expect(parsed.rejected.count).toBe(0);
  });

  it.each(cases)("$name", async ({ input, expect: expected, cites }) => {
    const answer = await ask(input.message);
    expect(answer).toMatchObject(expected as object);
    expect(answer.alternatives).toHaveLength(3);
    expect(answer.confidence).toBeGreaterThan(0);
    if (cites !== undefined) {
      expect(answer.confidence).toBeGreaterThanOrEqual(0.5);
      expect(answer.citations).toEqual([expect.objectContaining({ number: 1, documentName: cites })]);
      expect(answer.answer.length).toBeGreaterThan(80);
      expect(answer).not.toHaveProperty("handoff");
    } else {
      expect(answer).not.toHaveProperty("citations");
      expect(answer.answer).toMatch(/colleagues/);
    }
  });

  it("knows most of its samples", async () => {
    const answers = await Promise.all(resource.samples.map((sample) => ask(sample)));
    expect(answers.map(({ handoff }) => handoff ?? false)).toEqual([false, false, false, false, false, false, false, true]);
  });

  it("lets a connected model word the answer from the passages", async () => {
    const requests: ChatRequest[] = [];
    const chat = async (request: ChatRequest) => {
      requests.push(request);
      return says("Change it at a cash machine [1].")();
    };
    const answer = await ask("How do I change my PIN?", { model: "c1", chat });
    expect(requests).toHaveLength(1);
    expect(requests[0]).toMatchObject({
      connection: "c1",
      messages: [{ role: "system" }, { role: "user", content: "How do I change my PIN?" }],
    });
    expect(requests[0]?.messages[0]?.content).toContain("[1] pin-and-passcode.md › PIN and passcode › How do I change my PIN?");
    expect(answer).toMatchObject({
      intent: "change_pin",
      answer: "Change it at a cash machine [1].",
      citations: [{ number: 1 }, { number: 2 }, { number: 3 }],
    });
  });

  it("lets a connected model try what is not recognised, and hands over what it can't answer", async () => {
    expect(await ask("What is the best recipe for pancakes?", { model: "c1", chat: says("We only do banking.") })).toMatchObject({
      answer: "We only do banking.",
    });
    expect(await ask("How do I change my PIN?", { model: "c1", chat: says("HANDOVER") })).toMatchObject({ handoff: true });
    expect(await ask("How do I change my PIN?", { model: "c1", chat: says("") })).toMatchObject({ handoff: true });
  });

  it("answers from the article when the model fails, and hands over what is not recognised", async () => {
    const chat = () => Promise.reject(new HeddleError("provider_overloaded", "Down."));
    expect(await ask("How do I change my PIN?", { model: "c1", chat })).toMatchObject({
      intent: "change_pin",
      citations: [{ documentName: "pin-and-passcode.md" }],
    });
    expect(await ask("What is the best recipe for pancakes?", { model: "c1", chat })).toMatchObject({ handoff: true });
  });
});
