/** Calls Heddle's public API with the session that signing up opened. Throws what the server said when it refuses. */
export interface ApiClient {
  workspaceId: string;
  get: <T>(path: string) => Promise<T>;
  post: <T>(path: string, body: unknown) => Promise<T>;
}

let people = 0;

/** Signs up a person of its own. */
export async function signUp(url: string): Promise<ApiClient> {
  let cookie = "";
  const send = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const isForm = body instanceof FormData;
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { cookie, ...(body === undefined || isForm ? {} : { "content-type": "application/json" }) },
      ...(body === undefined ? {} : { body: isForm ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
    const cookies = response.headers.getSetCookie().map((line) => line.split(";")[0]);
    if (cookies.length > 0) cookie = cookies.join("; ");
    return (text === "" ? {} : JSON.parse(text)) as T;
  };
  await send("POST", "/api/auth/register", { email: `bench-${people++}@example.com`, password: "a long bench password", name: "Bench" });
  const { items } = await send<{ items: { id: string }[] }>("GET", "/api/workspaces");
  return { workspaceId: items[0]?.id ?? "", get: (path) => send("GET", path), post: (path, body) => send("POST", path, body) };
}
