import { createHmac, hkdfSync, timingSafeEqual } from "node:crypto";

/** The one-time addresses of waits for a request: whoever has one may end that wait and no other. */
export interface WaitAddresses {
  urlOf(executionId: string, key: string): string;
  /** Whether a token from outside is that of this wait. */
  isFor(executionId: string, key: string, token: string): boolean;
}

/** Nothing of an address is stored: it follows from the wait and a key that is used for nothing else. */
export function createWaitAddresses({ secret, publicUrl }: { secret: Uint8Array; publicUrl: string }): WaitAddresses {
  const own = Buffer.from(hkdfSync("sha256", secret, "", "heddle wait addresses", 32));
  const tokenOf = (executionId: string, key: string): Buffer => createHmac("sha256", own).update(`${executionId} ${key}`).digest();
  return {
    urlOf: (executionId, key) => `${publicUrl}/api/waits/${executionId}/${tokenOf(executionId, key).toString("base64url")}`,
    isFor: (executionId, key, token) => {
      const given = Buffer.from(token, "base64url");
      const right = tokenOf(executionId, key);
      return given.byteLength === right.byteLength && timingSafeEqual(given, right);
    },
  };
}
