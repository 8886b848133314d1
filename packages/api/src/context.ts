import type { Platform } from "@heddle/platform";
import type { ProcessRole } from "@heddle/platform/process-role";
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
  /** What GET /api/metrics wants to be shown; without one it answers this machine only. */
  metricsToken?: string | undefined;
  /** What this process serves; everything where it is absent. */
  roles?: ReadonlySet<ProcessRole>;
}

/** Where the API writes what people who run it must know. pino fits. */
export interface ApiLogger {
  debug(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
