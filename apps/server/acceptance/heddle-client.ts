import type {
  AgentDetail,
  AgentDocumentInput,
  DeploymentResource,
  ExecutionResource,
  Page,
  ProblemDocument,
  TraceStep,
} from "@heddle/schema";
import { expect } from "vitest";

/** What a request carries besides its method and path. */
export interface Call {
  body?: unknown;
  /** Sent as it is, instead of `body`. */
  raw?: string | Uint8Array | ReadableStream<Uint8Array>;
  form?: FormData;
  headers?: Record<string, string>;
}

/** Somebody who signed up at a running server, and what they do there, over HTTP alone. */
export interface HeddleClient {
  workspaceId: string;
  cookie: string;
  call(method: string, path: string, call?: Call): Promise<Response>;
  /** The JSON of an answer that must be a success. */
  json<T>(method: string, path: string, call?: Call): Promise<T>;
  /** The problem document of an answer that must be one, checked for its shape. */
  problem(method: string, path: string, call?: Call): Promise<ProblemDocument & { retryAfter: string | null }>;
  /** All items of a list, page after page. */
  all<T>(path: string): Promise<T[]>;
  createAgent(config: AgentDocumentInput, name?: string): Promise<AgentDetail>;
  /** Makes an agent and deploys it. */
  deploy(config: AgentDocumentInput, name?: string): Promise<DeploymentResource>;
  createCredential(type: string, fields: Record<string, string>): Promise<string>;
  execution(id: string): Promise<ExecutionResource>;
  trace(id: string): Promise<TraceStep[]>;
  /** The execution once it has ended. */
  ended(id: string): Promise<ExecutionResource>;
}

let people = 0;

/** Registers somebody new. */
export async function signUp(url: string): Promise<HeddleClient> {
  const email = `acceptance-${process.pid}-${Date.now()}-${people++}@example.com`;
  const body = { email, password: "a long enough password", name: "Somebody" };
  const registered = await fetch(`${url}/api/auth/register`, jsonRequest("POST", body));
  expect(registered.status, await registered.clone().text()).toBe(201);
  const cookie = registered.headers.getSetCookie().map((line) => line.split(";")[0]).join("; "); // prettier-ignore
  return await clientFor(url, cookie);
}

/** Goes on as somebody who signed up before, also at a server that was started again. */
export async function clientFor(url: string, cookie: string): Promise<HeddleClient> {
  const call: HeddleClient["call"] = (method, path, { body, raw, form, headers = {} } = {}) =>
    fetch(`${url}${path}`, {
      method,
      headers: { cookie, ...(body === undefined && raw === undefined ? {} : { "content-type": "application/json" }), ...headers },
      body: form ?? raw ?? (body === undefined ? null : JSON.stringify(body)),
      // Node's fetch wants to be told that a streamed body is not waiting for the answer.
      ...(raw instanceof ReadableStream ? { duplex: "half" } : {}),
    } as RequestInit);
  const json = async <T>(method: string, path: string, options?: Call): Promise<T> => {
    const response = await call(method, path, options);
    const text = await response.text();
    expect(response.ok, `${method} ${path}: ${response.status} ${text.slice(0, 2_000)}`).toBe(true);
    return (text === "" ? undefined : JSON.parse(text)) as T;
  };
  const { items } = await json<Page<{ id: string }>>("GET", "/api/workspaces");
  const workspaceId = items[0]?.id ?? "";
  const createAgent: HeddleClient["createAgent"] = (config, name = "Agent") =>
    json("POST", `/api/workspaces/${workspaceId}/agents`, { body: { name, config } });
  const execution = (id: string) => json<ExecutionResource>("GET", `/api/executions/${id}`);

  return {
    workspaceId,
    cookie,
    call,
    json,
    createAgent,
    execution,
    problem: async (method, path, options) => {
      const response = await call(method, path, options);
      const text = await response.text();
      expect(response.headers.get("content-type"), `${response.status} ${text.slice(0, 2_000)}`).toBe("application/problem+json");
      const problem = JSON.parse(text) as ProblemDocument;
      expect(problem).toMatchObject({
        type: `/docs/errors#${problem.code}`,
        title: expect.stringMatching(/.{3,}/),
        status: response.status,
        detail: expect.stringMatching(/.{10,}/),
      });
      expect(response.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
      return { ...problem, retryAfter: response.headers.get("retry-after") };
    },
    all: async <T>(path: string) => {
      const found: T[] = [];
      for (let cursor: string | null = ""; cursor !== null;) {
        const page: Page<T> = await json("GET", `${path}?limit=200${cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`}`);
        found.push(...page.items);
        cursor = page.nextCursor;
      }
      return found;
    },
    deploy: async (config, name) => {
      const { id } = await createAgent(config, name);
      return await json("POST", `/api/agents/${id}/deploy`);
    },
    createCredential: async (type, fields) =>
      (await json<{ id: string }>("POST", `/api/workspaces/${workspaceId}/credentials`, { body: { name: type, type, fields } })).id,
    trace: async (id) => (await json<{ steps: TraceStep[] }>("GET", `/api/executions/${id}/trace`)).steps,
    ended: async (id) => {
      await expect.poll(async () => (await execution(id)).completedAt, { timeout: 90_000, interval: 100 }).not.toBeNull();
      return await execution(id);
    },
  };
}

function jsonRequest(method: string, body: unknown): RequestInit {
  return { method, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}

/** A form with a name and one CSV file. */
export function csvForm(name: string, content: string | Uint8Array<ArrayBuffer>): FormData {
  const form = new FormData();
  form.set("name", name);
  form.set("file", new Blob([content], { type: "text/csv" }), `${name}.csv`);
  return form;
}
