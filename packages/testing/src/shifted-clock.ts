import { existsSync } from "node:fs";

const PLACES = [
  "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1",
  "/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1",
  "/usr/local/lib/faketime/libfaketimeMT.so.1",
];

/**
 * Environment under which a process sees another time, such as `+2h` or `-1d`; its timers go by the true clock.
 * @throws where libfaketime is not there, with what to do about it
 */
export function shiftedClock(shift: string): Record<string, string> {
  const library = [process.env["HEDDLE_FAKETIME"] ?? "", ...PLACES].find((path) => path !== "" && existsSync(path));
  if (library === undefined)
    throw new Error(
      "The tests under a shifted clock need libfaketime. Install it (Debian: apt-get install libfaketime) or set HEDDLE_FAKETIME to its path.",
    );
  return { LD_PRELOAD: library, FAKETIME: shift, FAKETIME_DONT_FAKE_MONOTONIC: "1" };
}
