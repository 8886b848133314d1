import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { SMTPServer } from "smtp-server";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createMailer } from "./mailer.ts";

const received: { from: string; to: string[]; text: string; user: string }[] = [];
let server: SMTPServer;
let port: number;

beforeAll(async () => {
  server = new SMTPServer({
    disabledCommands: ["STARTTLS"],
    allowInsecureAuth: true,
    onAuth: ({ username, password }, _session, done) =>
      password === "p@ss" ? done(null, { user: username }) : done(new Error("Invalid username or password")),
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        const { mailFrom, rcptTo } = session.envelope;
        received.push({
          from: mailFrom === false ? "" : mailFrom.address,
          to: rcptTo.map((each) => each.address),
          text: Buffer.concat(chunks).toString(),
          user: String(session.user),
        });
        done();
      });
    },
  });
  server.listen(0, "127.0.0.1");
  await once(server.server, "listening");
  port = (server.server.address() as AddressInfo).port;
});
afterAll(() => new Promise<void>((done) => server.close(() => done())));

it("sends by SMTP with the account of the address", async () => {
  const mailer = createMailer({ smtpUrl: `smtp://heddle:p%40ss@127.0.0.1:${port}`, from: "Heddle <heddle@example.com>" });
  await mailer.send({ to: "ada@example.com", subject: "Grüße", text: "Hello\n\nhttps://example.com/?token=abc" });
  expect(received).toHaveLength(1);
  expect(received[0]).toMatchObject({ from: "heddle@example.com", to: ["ada@example.com"], user: "heddle" });
  expect(received[0]?.text).toContain("https://example.com/?token=");
});

it("can't be made to add recipients by what an address holds", async () => {
  const mailer = createMailer({ smtpUrl: `smtp://heddle:p%40ss@127.0.0.1:${port}`, from: "heddle@example.com" });
  for (const to of ["ada@example.com\r\nBcc: eve@example.com", "ada@example.com, eve@example.com", "eve@example.com <ada@example.com>"]) {
    await mailer.send({ to, subject: "x\r\nBcc: eve@example.com", text: "x" }).catch(() => undefined);
  }
  expect(received.flatMap((mail) => mail.to)).not.toContain("eve@example.com");
});

it("fails where the server refuses", async () => {
  const mailer = createMailer({ smtpUrl: `smtp://heddle:wrong@127.0.0.1:${port}`, from: "heddle@example.com" });
  await expect(mailer.send({ to: "ada@example.com", subject: "x", text: "x" })).rejects.toThrow(/Invalid/);
});
