import type { Platform } from "@heddle/platform";
import type { OriginPolicy } from "./http/origin.ts";

/** What every route may use. */
export interface ApiContext {
  platform: Platform;
  settings: ApiSettings;
}

export interface ApiSettings extends OriginPolicy {
  version: string;
  /** Whether X-Forwarded-For names the caller. */
  isProxyTrusted: boolean;
}

/** Where the API writes what people who run it must know. pino fits. */
export interface ApiLogger {
  debug(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
