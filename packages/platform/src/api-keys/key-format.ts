import { createHmac, randomBytes, type KeyObject } from "node:crypto";
import { crc32 } from "node:zlib";

/** `hdl_`, 32 random bytes, and a checksum of 6 digits, all in base 62. So keys are found by scanners for leaked secrets. */
const SHAPE = /^hdl_[0-9A-Za-z]{49}$/;
const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const SECRET_DIGITS = 43;
const CHECKSUM_DIGITS = 6;
const PREFIX_LENGTH = 12;

/** Makes a key that nobody can guess. */
export function createKey(): string {
  const secret = toBase62(BigInt(`0x${randomBytes(32).toString("hex")}`), SECRET_DIGITS);
  return `hdl_${secret}${checksum(secret)}`;
}

/** Whether a text can be a key, without asking the database: most typing errors and random texts can't. */
export function isKey(text: string): boolean {
  return SHAPE.test(text) && checksum(text.slice(4, 4 + SECRET_DIGITS)) === text.slice(4 + SECRET_DIGITS);
}

/** The first characters, which are shown to tell keys apart. */
export function keyPrefix(key: string): string {
  return key.slice(0, PREFIX_LENGTH);
}

/** What is stored of a key: useless without the pepper, which is not in the database. */
export function hashKey(key: string, pepper: Uint8Array | KeyObject): Buffer {
  return createHmac("sha256", pepper).update(key).digest();
}

function checksum(secret: string): string {
  return toBase62(BigInt(crc32(secret)), CHECKSUM_DIGITS);
}

function toBase62(value: bigint, length: number): string {
  let digits = "";
  for (let rest = value; digits.length < length; rest /= 62n) digits = `${DIGITS[Number(rest % 62n)]}${digits}`;
  return digits;
}
