import type { AgentDocumentInput } from "@heddle/schema";

export interface ChaosClient {
  workspaceId: string;
  /** Of a key that may execute. */
  authorization: string;
  connectModel(baseUrl: string): Promise<string>;
  /** @returns the deployment's id */
  deploy(name: string, document: AgentDocumentInput): Promise<string>;
  put(path: string, body: unknown): Promise<void>;
}

/** Somebody of their own, with a key for the load. */
export async function signUpForChaos(url: string): Promise<ChaosClient> {
  let cookie = "";
  const send = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { cookie, ...(body === undefined ? {} : { "content-type": "application/json" }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
    const cookies = response.headers.getSetCookie().map((line) => line.split(";")[0]);
    if (cookies.length > 0) cookie = cookies.join("; ");
    return (text === "" ? {} : JSON.parse(text)) as T;
  };
  await send("POST", "/api/auth/register", { email: "chaos@example.com", password: "a long chaos password", name: "Chaos" });
  const { items } = await send<{ items: { id: string }[] }>("GET", "/api/workspaces");
  const workspaceId = items[0]?.id ?? "";
  const workspace = `/api/workspaces/${workspaceId}`;
  const { key } = await send<{ key: string }>("POST", `${workspace}/api-keys`, { name: "chaos", scopes: ["read", "write", "deploy"] });
  return {
    workspaceId,
    authorization: `Bearer ${key}`,
    connectModel: async (baseUrl) =>
      (
        await send<{ id: string }>("POST", `${workspace}/credentials`, {
          name: "Slow model",
          type: "openai-compatible",
          fields: { baseUrl, apiKey: "chaos" },
        })
      ).id,
    deploy: async (name, config) => {
      const { id } = await send<{ id: string }>("POST", `${workspace}/agents`, { name, config });
      return (await send<{ id: string }>("POST", `/api/agents/${id}/deploy`, {})).id;
    },
    put: (path, body) => send("PUT", path, body),
  };
}
