import { describe, expect, it } from "vitest";
import { checkOrigin } from "./origin.ts";

const policy = { publicUrl: "http://localhost:3000", isPublicUrlSet: false };
const post = (headers: Record<string, string>) =>
  new Request("http://localhost:3000/api/workspaces", { method: "POST", headers: { host: "localhost:3000", ...headers } });

describe("checkOrigin", () => {
  it.each([
    {},
    { origin: "http://localhost:3000" },
    { "sec-fetch-site": "same-origin" },
    { origin: "http://127.0.0.1:3000", host: "127.0.0.1:3000" },
    { origin: "https://heddle.example", host: "heddle.example" },
  ])("lets %o pass", (headers) => {
    expect(() => checkOrigin(post(headers), policy)).not.toThrow();
  });

  it.each([
    { origin: "null" },
    { origin: "" },
    { origin: "https://evil.example" },
    { origin: "http://localhost:3000.evil.example" },
    { origin: "http://localhost:3001" },
    { origin: "http://user@localhost:3000" },
    { origin: "http://localhost:3000/" },
    { origin: "file://localhost:3000" },
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
  ])("refuses %o", (headers) => {
    expect(() => checkOrigin(post(headers), policy)).toThrow("another site");
  });

  it("leaves reading alone", () => {
    expect(() =>
      checkOrigin(new Request("http://localhost:3000/api/workspaces", { headers: { origin: "https://evil.example" } }), policy),
    ).not.toThrow();
  });

  it("does not fall back to http where the public address has https", () => {
    const https = { publicUrl: "https://heddle.example", isPublicUrlSet: true };
    expect(() => checkOrigin(post({ origin: "http://heddle.example", host: "heddle.example" }), https)).toThrow("another site");
  });
});
