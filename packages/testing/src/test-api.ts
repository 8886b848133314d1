import { createApi, type Api, type ApiOptions } from "@heddle/api";
import type { PlatformOptions } from "@heddle/platform";
import type { ApiKeyScope, Role } from "@heddle/schema";
import { createTestPlatform, type TestPlatform } from "./test-platform.ts";

export const TEST_ORIGIN = "http://localhost:3000";

/** How a request says who it is from: a session's cookie, an API key, or nobody. */
export type Identity = { cookie: string } | { key: string } | undefined;

export interface Call {
  as?: Identity;
  body?: unknown;
  headers?: Record<string, string>;
  form?: FormData;
}

/** Somebody who registered over the API. */
export interface RegisteredPerson {
  userId: string;
  email: string;
  workspaceId: string;
  as: { cookie: string };
}

export interface TestApi extends TestPlatform {
  api: Api;
  options: ApiOptions;
  /** What was logged as an error. */
  errors: object[];
  call(method: string, path: string, call?: Call): Promise<Response>;
  register(name?: string): Promise<RegisteredPerson>;
  /** A new person who is a member of the workspace. */
  join(workspaceId: string, role: Role): Promise<RegisteredPerson>;
  createKey(owner: RegisteredPerson, scopes: ApiKeyScope[]): Promise<{ key: string }>;
}

/** The whole API over a real database, called without a socket. */
export async function createTestApi(overrides: Partial<PlatformOptions> = {}): Promise<TestApi> {
  const test = await createTestPlatform(overrides);
  const errors: object[] = [];
  const options: ApiOptions = {
    platform: test.platform,
    settings: { version: "0.0.0", publicUrl: TEST_ORIGIN, isPublicUrlSet: false, isProxyTrusted: false },
    logger: { debug: () => {}, warn: () => {}, error: (fields) => errors.push(fields) },
  };
  const api = createApi(options);
  let people = 0;

  const call: TestApi["call"] = async (method, path, { as, body, headers = {}, form } = {}) => {
    const identity: Record<string, string> =
      as === undefined ? {} : "cookie" in as ? { cookie: as.cookie } : { authorization: `Bearer ${as.key}` };
    const json = body === undefined ? undefined : JSON.stringify(body);
    const typed: Record<string, string> =
      json === undefined ? {} : { "content-type": "application/json", "content-length": String(Buffer.byteLength(json)) };
    // A form's boundary is set by Request; its length is not, as with a streamed upload.
    return await api.fetch(
      new Request(`${TEST_ORIGIN}${path}`, {
        method,
        headers: { host: "localhost:3000", ...typed, ...identity, ...headers },
        body: form ?? json ?? null,
      }),
      {
        incoming: { socket: { remoteAddress: "127.0.0.1" } },
      },
    );
  };

  const register: TestApi["register"] = async (name = "Person") => {
    const email = `person${++people}@example.com`;
    const response = await call("POST", "/api/auth/register", { body: { email, password: "a long enough password", name } });
    if (response.status !== 201) throw new Error(`registering failed: ${await response.text()}`);
    const cookie = response.headers
      .getSetCookie()
      .map((line) => line.split(";")[0])
      .join("; ");
    const { user } = (await response.json()) as { user: { id: string } };
    const list = (await (await call("GET", "/api/workspaces", { as: { cookie } })).json()) as { items: { id: string }[] };
    return { userId: user.id, email, workspaceId: list.items[0]?.id ?? "", as: { cookie } };
  };

  return {
    ...test,
    api,
    options,
    errors,
    call,
    register,
    join: async (workspaceId, role) => {
      const person = await register();
      await test.database.asOwner((client) =>
        client.query("INSERT INTO workspace_members (id, workspace_id, user_id, role) VALUES (gen_random_uuid(), $1, $2, $3)", [
          workspaceId,
          person.userId,
          role,
        ]),
      );
      return person;
    },
    createKey: async (owner, scopes) => {
      const response = await call("POST", `/api/workspaces/${owner.workspaceId}/api-keys`, {
        as: owner.as,
        body: { name: scopes.join(), scopes },
      });
      return (await response.json()) as { key: string };
    },
  };
}
