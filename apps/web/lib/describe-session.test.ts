import { expect, test } from "vitest";
import { describeAddress, describeDevice } from "./describe-session.ts";

test.for([
  ["Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Windows"],
  ["Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/156.0.0.0 Safari/537.36", "Chrome on Linux"],
  ["Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Version/19.0 Mobile Safari/604.1", "Safari on iOS"],
  ["Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/150.0 Safari/537.36 Edg/150.0", "Edge on Windows"],
  ["curl/8.5.0", "curl/8.5.0"],
] as const)("%s is %s", ([userAgent, name]) => {
  expect(describeDevice(userAgent)).toBe(name);
});

test("loopback is this machine in any spelling", () => {
  for (const address of ["127.0.0.1", "::1", "::ffff:127.0.0.1", "0000:0000:0000:0000:0000:0000:0000:0001"])
    expect(describeAddress(address)).toBe("This machine");
  expect(describeAddress("2001:db8::1")).toBe("2001:db8::1");
  expect(describeAddress(null)).toBe("Unknown address");
});
