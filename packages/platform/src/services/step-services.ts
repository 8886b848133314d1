import type { Database } from "@heddle/db";
import type { RunFacts, StepServices } from "@heddle/node-kit";
import { createConversations } from "../memory/conversations.ts";
import { createKeyValues } from "../memory/key-values.ts";
import { createVectorMemories } from "../memory/vector-memories.ts";

/** What steps reach outside of the run, as one workspace may use it. */
export type WorkspaceServices = Omit<StepServices, "keyValues" | "vectors" | "conversations">;

/** Workspaces whose services are kept. They are cheap to make, and hold caches such as model providers. */
const MAX_KEPT = 1_000;

/** Makes the services of a run; `accepted` resolves once the run is on disk. */
export type ServicesFor = (run: RunFacts, accepted: () => Promise<void>) => StepServices;

/** Makes the services of runs: those of the workspace, made once, and the memory of the run itself. */
export function createStepServices(db: Database, forWorkspace: (workspaceId: string) => WorkspaceServices): ServicesFor {
  const kept = new Map<string, WorkspaceServices>();
  return (run, accepted) => {
    let services = kept.get(run.workspaceId);
    if (!services) {
      services = forWorkspace(run.workspaceId);
      const oldest = kept.size >= MAX_KEPT ? kept.keys().next().value : undefined;
      if (oldest !== undefined) kept.delete(oldest);
      kept.set(run.workspaceId, services);
    }
    return new RunServices(db, run, services, accepted);
  };
}

/**
 * The services of one run. A run may begin before its acceptance is on disk; what changes the world waits for it here, so
 * that nothing is ever done for a run that a crash could make forgotten. Reading, computing and asking a model may go first.
 */
class RunServices implements StepServices {
  readonly models: StepServices["models"];
  readonly embeddings: StepServices["embeddings"];
  readonly classifiers: StepServices["classifiers"];
  readonly knowledge: StepServices["knowledge"];
  readonly code: StepServices["code"];
  readonly credentials: StepServices["credentials"];
  readonly #db: Database;
  readonly #run: RunFacts;
  readonly #shared: WorkspaceServices;
  readonly #accepted: () => Promise<void>;

  constructor(db: Database, run: RunFacts, shared: WorkspaceServices, accepted: () => Promise<void>) {
    this.models = shared.models;
    this.embeddings = shared.embeddings;
    this.classifiers = shared.classifiers;
    this.knowledge = shared.knowledge;
    this.code = shared.code;
    this.credentials = shared.credentials;
    this.#db = db;
    this.#run = run;
    this.#shared = shared;
    this.#accepted = accepted;
  }

  get http(): StepServices["http"] {
    return { request: this.#once(this.#shared.http.request.bind(this.#shared.http)) };
  }

  get keyValues(): StepServices["keyValues"] {
    const { get, set, increment, delete: remove } = createKeyValues(this.#db, this.#run);
    return { get, set: this.#once(set), increment: this.#once(increment), delete: this.#once(remove) };
  }

  get vectors(): StepServices["vectors"] {
    const { remember, recall, forget } = createVectorMemories(this.#db, this.#run, this.#shared.embeddings);
    return { remember: this.#once(remember), recall, forget: this.#once(forget) };
  }

  get conversations(): StepServices["conversations"] {
    const { load, append, history, summarise } = createConversations(this.#db, this.#run);
    return { load, append: this.#once(append), history, summarise: this.#once(summarise) };
  }

  /** The same, once the run is on disk. */
  #once<A extends unknown[], R>(act: (...args: A) => Promise<R>): (...args: A) => Promise<R> {
    return async (...args) => {
      await this.#accepted();
      return await act(...args);
    };
  }
}
