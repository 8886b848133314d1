import type { Database } from "@heddle/db";
import { createAccess, type Access } from "./access/access.ts";

export interface PlatformOptions {
  db: Database;
}

/** All use cases of Heddle, by domain. What a request may do, it does through here. */
export interface Platform {
  readonly access: Access;
  /** @throws HeddleError unavailable where requests can't be served */
  checkReady(): Promise<void>;
  close(): Promise<void>;
}

export function createPlatform({ db }: PlatformOptions): Platform {
  const access = createAccess(db);
  return {
    access,
    checkReady: () => db.ping(),
    close: async () => {
      access.close();
    },
  };
}
