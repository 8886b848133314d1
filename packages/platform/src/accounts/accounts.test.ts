import { createTestDatabase, type TestDatabase } from "@heddle/testing/database";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type Accounts, createAccounts } from "./accounts.ts";
import type { Mail } from "./mailer.ts";
import { hashPassword } from "./password-hash.ts";

vi.mock(import("./password-hash.ts"), { spy: true });

const publicUrl = "http://localhost:4999";
const here = { ip: "203.0.113.1", userAgent: "Test browser" };
const mails: Mail[] = [];
let test: TestDatabase;
let accounts: Accounts;
let count = 0;

beforeAll(async () => {
  test = await createTestDatabase();
  accounts = createAccounts({ db: test.db, publicUrl, secret: "s".repeat(43), mailer: { send: async (mail) => void mails.push(mail) } });
  await test.db.changes.ready();
});
afterAll(async () => {
  accounts.close();
  await test.close();
});

const fresh = () => ({ email: `person${(count += 1)}@example.com`, password: "correct horse", name: "Ada" });
const fromElsewhere = () => ({ ip: `198.51.100.${(count += 1)}`, userAgent: "Other" });
/** What a browser would send back. */
function cookiesOf(setCookies: string[]): Headers {
  return new Headers({ cookie: setCookies.map((each) => each.split(";")[0]).join("; ") });
}

describe("signing up", () => {
  it("opens a session that names the person, and a workspace of their own", async () => {
    const input = fresh();
    const { user, setCookies } = await accounts.register({ ...input, email: input.email.toUpperCase() }, here);
    expect(user).toMatchObject({ email: input.email, name: "Ada", image: null });
    expect(await accounts.identify(cookiesOf(setCookies))).toMatchObject({ kind: "user", userId: user.id, email: input.email });
    const { rows } = await test.db.withUser(user.id, (client) => client.query("SELECT name, owner_id FROM workspaces"));
    expect(rows).toEqual([{ name: "Ada's workspace", owner_id: user.id }]);
  });

  it("keeps the password as argon2id of 19 MiB and two passes only", async () => {
    const input = fresh();
    const { user } = await accounts.register(input, here);
    const account = await test.db.auth.account.findFirst({ where: { userId: user.id } });
    expect(account?.password).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  });

  it("gives a cookie that scripts and other hosts can't have", async () => {
    const { setCookies } = await accounts.register(fresh(), here);
    const cookie = setCookies.find((each) => each.startsWith("__Host-heddle.session_token="));
    expect(cookie).toMatch(/; Path=\/(;|$)/i);
    expect(cookie).toMatch(/; HttpOnly/i);
    expect(cookie).toMatch(/; Secure/i);
    expect(cookie).toMatch(/; SameSite=Lax/i);
    expect(cookie).not.toMatch(/; Domain/i);
  });

  it("uses plain cookies only where browsers would drop secure ones", async () => {
    const plain = createAccounts({ db: test.db, publicUrl: "http://heddle.lan:3000", secret: "s".repeat(43) });
    const { setCookies } = await plain.register(fresh(), here);
    expect(setCookies.join()).toMatch(/^heddle\.session_token=/);
    expect(setCookies.join()).not.toMatch(/Secure/);
    plain.close();
  });

  it("refuses a second account for an e-mail, also when both come at once", async () => {
    const input = fresh();
    const results = await Promise.allSettled([accounts.register(input, here), accounts.register(input, here)]);
    expect(results.map((each) => each.status).toSorted()).toEqual(["fulfilled", "rejected"]);
    await expect(accounts.register(input, here)).rejects.toMatchObject({ code: "email_taken" });
    expect(await test.db.auth.user.count({ where: { email: input.email } })).toBe(1);
  });

  it.each([
    [{ email: "not an address" }],
    [{ email: null as unknown as string }],
    [{ password: "short" }],
    [{ password: { $ne: null } as unknown as string }],
    [{ name: " \u0000 " }],
  ])("refuses %j", async (change) => {
    await expect(accounts.register({ ...fresh(), ...change }, here)).rejects.toMatchObject({ code: "invalid_request" });
  });
});

describe("signing in", () => {
  it("works with the right password and says the same for a wrong one and an unknown person", async () => {
    const input = fresh();
    await accounts.register(input, here);
    expect((await accounts.login(input, here)).user.email).toBe(input.email);
    const wrong = await accounts.login({ ...input, password: "wrong horse" }, here).catch((error: Error) => error);
    const unknown = await accounts.login({ email: "nobody@example.com", password: "wrong horse" }, here).catch((error: Error) => error);
    expect(wrong).toMatchObject({ code: "invalid_credentials" });
    expect(unknown).toMatchObject({ code: "invalid_credentials", message: (wrong as Error).message });
  });

  it("works as hard for unknown people as for known ones, so that time tells nothing", async () => {
    vi.mocked(hashPassword).mockClear();
    await accounts.login({ email: "stranger@example.com", password: "wrong horse" }, fromElsewhere()).catch(() => undefined);
    expect(hashPassword).toHaveBeenCalledTimes(1);
  });

  it("is refused after ten wrong guesses at an account, from wherever they come, and not for others", async () => {
    const [victim, other] = [fresh(), fresh()];
    await accounts.register(victim, here);
    await accounts.register(other, here);
    for (let guess = 0; guess < 10; guess += 1) {
      await expect(accounts.login({ ...victim, password: `guess ${guess}` }, fromElsewhere())).rejects.toMatchObject({
        code: "invalid_credentials",
      });
    }
    const refused = await accounts.login(victim, fromElsewhere()).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: "rate_limited", status: 429 });
    expect((refused as { retryAfterMs: number }).retryAfterMs).toBeGreaterThan(60_000);
    expect((await accounts.login(other, here)).user.email).toBe(other.email);
  });

  it("lets no guess through when they come all at once", async () => {
    const victim = fresh();
    await accounts.register(victim, here);
    const guesses = Array.from({ length: 25 }, (_, guess) => accounts.login({ ...victim, password: `guess ${guess}` }, fromElsewhere()));
    const codes = (await Promise.allSettled(guesses)).map((each) =>
      each.status === "rejected" ? (each.reason as { code: string }).code : "in",
    );
    expect(codes.filter((code) => code === "invalid_credentials")).toHaveLength(10);
    expect(codes.filter((code) => code === "rate_limited")).toHaveLength(15);
  });

  it("is refused after a hundred wrong guesses from one address, and right ones do not count", async () => {
    const input = fresh();
    await accounts.register(input, here);
    const office = { ip: "192.0.2.77" };
    await accounts.login(input, office);
    await test.db.pools.auth.query("UPDATE rate_limits SET count = 99 WHERE key LIKE 'login.address:%' AND count = 0");
    await accounts.login(input, office);
    await expect(accounts.login({ email: "a1@example.com", password: "x" }, office)).rejects.toMatchObject({ code: "invalid_credentials" });
    await expect(accounts.login(input, office)).rejects.toMatchObject({ code: "rate_limited" });
  });
});

describe("a session", () => {
  it("ends at once on sign-out, here and in other processes", async () => {
    const elsewhere = createAccounts({ db: test.db, publicUrl, secret: "s".repeat(43) });
    const { setCookies } = await accounts.register(fresh(), here);
    const headers = cookiesOf(setCookies);
    expect(await accounts.identify(headers)).toBeDefined();
    expect(await elsewhere.identify(headers)).toBeDefined();
    const removal = await accounts.logout(headers);
    expect(removal.join()).toMatch(/__Host-heddle\.session_token=;.*Max-Age=0/i);
    await expect.poll(() => accounts.identify(headers)).toBeUndefined();
    await expect.poll(() => elsewhere.identify(headers)).toBeUndefined();
    elsewhere.close();
  });

  it("is listed with its device, ended one by one and all together, and never by somebody else", async () => {
    const [input, stranger] = [fresh(), fresh()];
    const first = cookiesOf((await accounts.register(input, here)).setCookies);
    const second = cookiesOf((await accounts.login(input, { ip: "198.51.100.9", userAgent: "Phone" })).setCookies);
    const actor = await accounts.identify(first);
    const other = await accounts.identify(cookiesOf((await accounts.register(stranger, here)).setCookies));
    if (actor === undefined || other === undefined) throw new Error("no session");
    const listed = await accounts.sessions(actor);
    expect(listed.map(({ userAgent, ipAddress, isCurrent }) => ({ userAgent, ipAddress, isCurrent }))).toEqual([
      { userAgent: "Phone", ipAddress: "198.51.100.9", isCurrent: false },
      { userAgent: "Test browser", ipAddress: "203.0.113.1", isCurrent: true },
    ]);
    await expect(accounts.revokeSession(other, listed[0]?.id ?? "")).rejects.toMatchObject({ code: "not_found" });
    await accounts.revokeSession(actor, listed[0]?.id ?? "");
    await expect.poll(() => accounts.identify(second)).toBeUndefined();
    expect(await accounts.identify(first)).toBeDefined();
    await accounts.revokeAllSessions(actor);
    await expect.poll(() => accounts.identify(first)).toBeUndefined();
  });

  it.each(["", "x", "x.y", "null", "undefined"])("is not opened by the cookie %j", async (value) => {
    expect(await accounts.identify(new Headers({ cookie: `__Host-heddle.session_token=${value}` }))).toBeUndefined();
  });

  it("is not opened by a token without our signature, or under a cookie's plain name", async () => {
    const { user, setCookies } = await accounts.register(fresh(), here);
    const row = await test.db.auth.session.findFirst({ where: { userId: user.id } });
    expect(await accounts.identify(new Headers({ cookie: `__Host-heddle.session_token=${row?.token}` }))).toBeUndefined();
    const value = cookiesOf(setCookies).get("cookie")?.split("=").slice(1).join("=");
    expect(await accounts.identify(new Headers({ cookie: `heddle.session_token=${value}` }))).toBeUndefined();
  });
});

describe("a password", () => {
  it("is changed by who knows it, which ends the other sessions", async () => {
    const input = fresh();
    const first = cookiesOf((await accounts.register(input, here)).setCookies);
    const second = cookiesOf((await accounts.login(input, here)).setCookies);
    const actor = await accounts.identify(first);
    if (actor === undefined) throw new Error("no session");
    const change = { currentPassword: "wrong horse", newPassword: "battery staple" };
    await expect(accounts.changePassword(actor, change)).rejects.toMatchObject({ code: "invalid_credentials" });
    await accounts.changePassword(actor, { ...change, currentPassword: input.password });
    await expect.poll(() => accounts.identify(second)).toBeUndefined();
    expect(await accounts.identify(first)).toBeDefined();
    expect((await accounts.login({ ...input, password: "battery staple" }, here)).user.id).toBe(actor.userId);
  });

  it("is replaced by a mailed link, once, which ends every session", async () => {
    const input = fresh();
    const session = cookiesOf((await accounts.register(input, here)).setCookies);
    await accounts.identify(session);
    await accounts.forgotPassword({ email: input.email }, here);
    const mail = mails.at(-1);
    expect(mail?.to).toBe(input.email);
    const token = /reset-password\?token=(\S+)/.exec(mail?.text ?? "")?.[1] ?? "";
    const stored = await test.db.auth.verification.findMany();
    expect(JSON.stringify(stored)).not.toContain(token);
    await accounts.resetPassword({ token, password: "battery staple" }, here);
    await expect.poll(() => accounts.identify(session)).toBeUndefined();
    expect((await accounts.login({ ...input, password: "battery staple" }, here)).user.email).toBe(input.email);
    await expect(accounts.resetPassword({ token, password: "third password" }, here)).rejects.toMatchObject({ code: "invalid_request" });
  });

  it.each([null, "", {}, { not: null }, "wrong"])("is not replaced by the token %j", async (token) => {
    await expect(accounts.resetPassword({ token: token as string, password: "battery staple" }, here)).rejects.toMatchObject({
      code: "invalid_request",
    });
  });

  it("is not asked about: unknown people get the same answer, and no mail", async () => {
    const before = mails.length;
    await expect(accounts.forgotPassword({ email: "stranger@example.com" }, here)).resolves.toBeUndefined();
    expect(mails).toHaveLength(before);
  });

  it("can't be replaced where no mail is configured", async () => {
    const quiet = createAccounts({ db: test.db, publicUrl, secret: "s".repeat(43) });
    expect(quiet.methods()).toEqual({ providers: [], canResetPassword: false });
    await expect(quiet.forgotPassword({ email: "a1@example.com" }, here)).rejects.toMatchObject({ code: "not_configured" });
    quiet.close();
  });
});
