import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createEgress } from "@heddle/egress";
import { startOpenAiServer } from "@heddle/testing/servers/openai";
import { afterAll, expect, test } from "vitest";
import { createChatModels } from "./create-chat-models.ts";
import { createLocalServers } from "./local-servers.ts";

const egress = createEgress({ allowLoopback: true });
afterAll(() => egress.close());

function listen(server: Server): Promise<string> {
  return new Promise((resolve) =>
    server.listen(0, "127.0.0.1", () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`)),
  );
}

test("model servers on this machine are found, and other programs on their ports are not taken for one", async () => {
  const ollama = await startOpenAiServer();
  const website = createServer((_request, response) => response.end("<!doctype html>"));
  const silent = createServer(() => {});
  const localServers = createLocalServers({
    fetch: egress.fetch,
    // Long enough for a busy machine; one of the four never answers.
    probeTimeoutMs: 1_500,
    candidates: [
      { name: "vllm", label: "vLLM", baseUrl: await listen(website) },
      { name: "llama-cpp", label: "llama.cpp", baseUrl: await listen(silent) },
      { name: "lm-studio", label: "LM Studio", baseUrl: "http://127.0.0.1:1/v1" },
      { name: "ollama", label: "Ollama", baseUrl: ollama.url },
    ],
  });
  const models = createChatModels({
    resolveCredential: () => Promise.reject(new Error("none")),
    listCredentials: async () => [],
    fetchFor: () => egress.fetch,
    localServers,
  });

  expect(await models.connections()).toEqual([
    {
      connection: "local:ollama",
      label: "Ollama on this machine",
      provider: "ollama",
      models: ["scripted-large", "scripted-small"],
      isLocal: true,
    },
  ]);
  ollama.script({ text: "From here." });
  const result = await models.chat({ connection: "auto", messages: [{ role: "user", content: "Where are you?" }] });
  expect(result).toMatchObject({ text: "From here.", call: { provider: "ollama", model: "scripted-large" } });
  expect(ollama.requests.at(-1)?.headers).not.toHaveProperty("authorization");

  silent.closeAllConnections();
  await Promise.all([ollama.close(), new Promise((done) => website.close(done)), new Promise((done) => silent.close(done))]);
});

test("a probe holds for 30 s", async () => {
  let now = 0;
  let probes = 0;
  const localServers = createLocalServers({
    fetch: async () => {
      probes++;
      return Response.json({ data: [{ id: "m" }] });
    },
    candidates: [{ name: "ollama", label: "Ollama", baseUrl: "http://127.0.0.1:11434/v1" }],
    now: () => now,
  });
  await localServers.list();
  now = 29_999;
  await localServers.list();
  expect(probes).toBe(1);
  now = 30_000;
  expect(await localServers.list()).toHaveLength(1);
  expect(probes).toBe(2);
});
