import { fetchModelNames } from "./provider.ts";

/** A keyless model server found on this machine. */
export interface LocalServer {
  /** Follows `local:` in a connection. */
  name: string;
  label: string;
  baseUrl: string;
  models: string[];
}

/** Finds model servers on this machine. One instance serves all workspaces. */
export interface LocalServers {
  list(): Promise<LocalServer[]>;
}

interface Candidate {
  name: string;
  label: string;
  baseUrl: string;
}

export interface LocalServersOptions {
  /** A guarded fetch that lets loopback through. */
  fetch: typeof globalThis.fetch;
  candidates?: readonly Candidate[];
  probeTimeoutMs?: number;
  now?: () => number;
}

/** The ports that these servers listen on unless told otherwise. */
export const USUAL_SERVERS: readonly Candidate[] = [
  { name: "ollama", label: "Ollama", baseUrl: "http://127.0.0.1:11434/v1" },
  { name: "lm-studio", label: "LM Studio", baseUrl: "http://127.0.0.1:1234/v1" },
  { name: "llama-cpp", label: "llama.cpp", baseUrl: "http://127.0.0.1:8080/v1" },
  { name: "vllm", label: "vLLM", baseUrl: "http://127.0.0.1:8000/v1" },
];

/** ms; a server on this machine that takes longer is not of use. */
const PROBE_TIMEOUT_MS = 400;
const TTL_MS = 30_000;

/**
 * Asks each usual port for its model list, at most every 30 s. What listens there but does not answer as a model server
 * does is not counted.
 */
export function createLocalServers({
  fetch,
  candidates = USUAL_SERVERS,
  probeTimeoutMs = PROBE_TIMEOUT_MS,
  now = Date.now,
}: LocalServersOptions): LocalServers {
  let known: { until: number; servers: Promise<LocalServer[]> } | undefined;
  const probe = async (candidate: Candidate): Promise<LocalServer[]> => {
    try {
      const models = await fetchModelNames(fetch, `${candidate.baseUrl}/models`, {}, probeTimeoutMs);
      return models.length === 0 ? [] : [{ ...candidate, models }];
    } catch {
      return [];
    }
  };
  return {
    list() {
      if (known === undefined || known.until <= now()) {
        known = { until: now() + TTL_MS, servers: Promise.all(candidates.map(probe)).then((found) => found.flat()) };
      }
      return known.servers;
    },
  };
}

/** For installations that serve strangers: nothing on this machine is theirs to use. */
export const noLocalServers: LocalServers = { list: () => Promise.resolve([]) };
