export { isDatabaseUnavailable } from "@heddle/db";
export { createPlatform, type Platform, type PlatformOptions } from "./platform.ts";
