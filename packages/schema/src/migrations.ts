import { isRecord } from "./json.ts";

/** One step forward: a raw document of version `from` becomes one of version `from + 1`. Pure, and it must not change its argument. */
export interface DocumentMigration {
  from: number;
  /** What changed in the format, for people. */
  summary: string;
  migrate(document: Readonly<Record<string, unknown>>): Record<string, unknown>;
}

/**
 * All migrations, oldest first. One is added with every change that an older document would not survive; those that are
 * here are never changed again, because documents of every version are still stored somewhere.
 */
export const DOCUMENT_MIGRATIONS: readonly DocumentMigration[] = [
  {
    from: 0,
    summary: "Documents carry their schema version. Those from before it was introduced are otherwise the same.",
    migrate: (document) => ({ ...document, schemaVersion: 1 }),
  },
];

/** The version that a raw document says it has; 0 for none, undefined where what it says is no version. */
export function versionOf(document: Readonly<Record<string, unknown>>): number | undefined {
  const version = document["schemaVersion"] ?? 0;
  return typeof version === "number" && Number.isInteger(version) && version >= 0 ? version : undefined;
}

/**
 * Takes a raw document forward to a version.
 * @throws Error when a step is missing or does not set its version: a mistake in the list, not in the document
 */
export function migrateForward(
  document: Readonly<Record<string, unknown>>,
  target: number,
  migrations: readonly DocumentMigration[] = DOCUMENT_MIGRATIONS,
): Record<string, unknown> {
  let current: Record<string, unknown> = { ...document };
  for (let version = versionOf(document) ?? 0; version < target; version += 1) {
    const step = migrations.find(({ from }) => from === version);
    if (step === undefined) throw new Error(`There is no migration from schema version ${version}.`);
    const next = step.migrate(current);
    if (!isRecord(next) || next["schemaVersion"] !== version + 1)
      throw new Error(`The migration from schema version ${version} does not reach ${version + 1}.`);
    current = next;
  }
  return current;
}
