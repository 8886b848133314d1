import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createTestDatabase, type TestDatabase } from "@heddle/testing/database";
// @ts-expect-error it has no types
import OidcProvider from "oidc-provider";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Accounts, createAccounts } from "./accounts.ts";
import { safePath } from "./oauth-sign-in.ts";

/** As much of it as is used here. */
interface Oidc {
  callback(): (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  interactionDetails(...exchange: Exchange): Promise<{ prompt: { name: string }; params: Record<string, unknown>; grantId?: string }>;
  interactionFinished(...rest: [...Exchange, result: object, options?: object]): Promise<void>;
  Grant: (new (fields: object) => Grant) & { find(id: string): Promise<Grant | undefined> };
}
interface Grant {
  addOIDCScope(scope: string): void;
  save(): Promise<string>;
}
type Exchange = [request: IncomingMessage, response: ServerResponse];
const Provider = OidcProvider as new (issuer: string, settings: object) => Oidc;

const publicUrl = "http://localhost:4998";
const client = { clientId: "heddle", clientSecret: "a-secret-of-the-client" };
/** What the provider says of who signs in next. */
let person = { sub: "1", email: "oidc@example.com", email_verified: true, name: "Olga" };
let provider: Server;
let issuer: string;
let test: TestDatabase;
let accounts: Accounts;

beforeAll(async () => {
  test = await createTestDatabase();
  provider = createServer();
  provider.listen(0, "localhost");
  await once(provider, "listening");
  issuer = `http://localhost:${(provider.address() as AddressInfo).port}`;
  const oidc = new Provider(issuer, {
    clients: [
      {
        client_id: client.clientId,
        client_secret: client.clientSecret,
        redirect_uris: [`${publicUrl}/api/auth/callback/oidc`, `${publicUrl}/api/auth/oauth2/callback/oidc`],
      },
    ],
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
    features: { devInteractions: { enabled: false } },
    pkce: { required: () => true },
    findAccount: (_: unknown, sub: string) => ({ accountId: sub, claims: () => ({ ...person, sub }) }),
    interactions: { url: (_: unknown, interaction: { uid: string }) => `/interact/${interaction.uid}` },
    conformIdTokenClaims: false,
  });
  const answer = oidc.callback();
  provider.on("request", (request, response) => {
    if (!request.url?.startsWith("/interact/")) return void answer(request, response);
    void consent(oidc, request, response);
  });
  accounts = createAccounts({
    db: test.db,
    publicUrl,
    secret: "s".repeat(43),
    providers: { oidc: { ...client, issuer, name: "Our directory" } },
  });
});
afterEach(() => test.db.pools.auth.query("DELETE FROM rate_limits"));
afterAll(async () => {
  accounts.close();
  provider.closeAllConnections();
  provider.close();
  await test.close();
});

/** The person signs in and agrees, whatever is asked. */
async function consent(oidc: Oidc, ...[request, response]: Exchange): Promise<void> {
  const { prompt, params, grantId } = await oidc.interactionDetails(request, response);
  if (prompt.name === "login") return oidc.interactionFinished(request, response, { login: { accountId: person.sub } });
  const grant =
    (grantId && (await oidc.Grant.find(grantId))) || new oidc.Grant({ accountId: person.sub, clientId: String(params["client_id"]) });
  grant.addOIDCScope("openid email profile");
  return oidc.interactionFinished(request, response, { consent: { grantId: await grant.save() } }, { mergeWithLastSubmission: true });
}

/** A browser's cookies, by site. */
type Jar = Map<string, string>;
function keep(jar: Jar, setCookies: string[]): void {
  for (const each of setCookies) {
    const [pair = ""] = each.split(";");
    const [name = "", ...value] = pair.split("=");
    if (/max-age=0/i.test(each)) jar.delete(name);
    else jar.set(name, value.join("="));
  }
}
const cookie = (jar: Jar): string => [...jar].map(([name, value]) => `${name}=${value}`).join("; ");

/** Follows the provider's redirects until it sends the browser back to us. */
async function visitProvider(location: string): Promise<string> {
  const jar: Jar = new Map();
  let next = location;
  for (let hop = 0; hop < 15 && !next.startsWith(publicUrl); hop += 1) {
    const response = await fetch(next, { redirect: "manual", headers: { cookie: cookie(jar) } });
    keep(jar, response.headers.getSetCookie());
    next = new URL(response.headers.get("location") ?? publicUrl, next).href;
  }
  return next;
}

async function begin(next?: string): Promise<{ jar: Jar; back: string }> {
  const jar: Jar = new Map();
  const { location, setCookies } = await accounts.startProvider("oidc", next);
  keep(jar, setCookies);
  return { jar, back: await visitProvider(location) };
}
const finish = (back: string, jar: Jar) => accounts.finishProvider(new Request(back, { headers: { cookie: cookie(jar) } }));

async function signIn(next?: string) {
  const { jar, back } = await begin(next);
  const response = await finish(back, jar);
  keep(jar, response.headers.getSetCookie());
  return { response, actor: await accounts.identify(new Headers({ cookie: cookie(jar) })) };
}

describe("signing in with another service", () => {
  it("is offered where it is configured", () => {
    expect(accounts.methods()).toEqual({ providers: [{ id: "oidc", name: "Our directory" }], canResetPassword: false });
  });

  it("makes an account with a workspace the first time, finds it again, and ends where it began", async () => {
    person = { sub: "olga", email: "olga@example.com", email_verified: true, name: "Olga" };
    const first = await signIn("/builder?agent=1");
    expect(first.response.status).toBe(302);
    expect(first.response.headers.get("location")).toBe(`${publicUrl}/builder?agent=1`);
    expect(first.actor).toMatchObject({ email: "olga@example.com", name: "Olga" });
    const second = await signIn();
    expect(second.actor?.userId).toBe(first.actor?.userId);
    const { rows } = await test.db.withUser(first.actor?.userId ?? "", (tenant) => tenant.query("SELECT name FROM workspaces"));
    expect(rows).toEqual([{ name: "Olga's workspace" }]);
  });

  it("keeps no token of the other service", async () => {
    const rows = await test.db.auth.account.findMany({ where: { providerId: "oidc" } });
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows) expect([row.idToken, row.accessToken, row.refreshToken]).toEqual([null, null, null]);
  });

  it("does not take over an account that somebody made with the same e-mail and a password", async () => {
    await accounts.register({ email: "victim@example.com", password: "attacker's own", name: "Mallory" }, { ip: "203.0.113.5" });
    person = { sub: "victim", email: "victim@example.com", email_verified: true, name: "Victim" };
    const { response, actor } = await signIn();
    expect(response.status).toBe(400);
    expect(actor).toBeUndefined();
  });

  it("refuses an answer that comes back to another browser", async () => {
    const { back } = await begin();
    const response = await finish(back, new Map());
    expect(response.status).toBe(400);
    expect(response.headers.getSetCookie().join()).not.toMatch(/session_token=[^;]/);
  });

  it("refuses an answer with another sign-in's state", async () => {
    const [one, two] = [await begin(), await begin()];
    const swapped = new URL(one.back);
    swapped.searchParams.set("state", new URL(two.back).searchParams.get("state") ?? "");
    expect((await finish(swapped.href, one.jar)).status).toBe(400);
  });

  it("refuses an answer without state, without code, and for a service that is not offered", async () => {
    for (const path of ["/api/auth/callback/oidc", "/api/auth/callback/oidc?code=x", "/api/auth/callback/google?code=x&state=y"]) {
      expect((await finish(publicUrl + path, new Map())).status, path).toBe(400);
    }
    await expect(accounts.startProvider("google", "/")).rejects.toMatchObject({ code: "not_found" });
  });

  it("passes nothing but the callback on to the library behind it", async () => {
    for (const path of [
      "/api/auth/get-session",
      "/api/auth/callback/../get-session",
      "/api/auth/callback/oidc/",
      "/api/auth/sign-in/social",
    ]) {
      await expect(accounts.finishProvider(new Request(publicUrl + path)), path).rejects.toMatchObject({ code: "not_found" });
    }
  });
});

describe("the address to go on to", () => {
  it.each([
    ["/builder?agent=1#x", "/builder?agent=1#x"],
    [undefined, "/agents"],
    ["", "/agents"],
    ["https://evil.example", "/agents"],
    ["//evil.example", "/agents"],
    ["/\\evil.example", "/agents"],
    ["/\t/evil.example", "/agents"],
    ["javascript:alert(1)", "/agents"],
  ])("%j leads to %s", (next, expected) => {
    expect(safePath(next)).toBe(expected);
  });
});
