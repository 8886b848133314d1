import type { ValueOwner } from "./large-values.ts";

/** Where large values lie in the file storage. */
export const VALUES_FOLDER = "values/";

/** The file of a value: by month, as executions are, so that what is over lies together. */
export function valueKey({ workspaceId, executionId }: ValueOwner, sha256: string): string {
  return `${VALUES_FOLDER}${monthOf(executionId)}/${workspaceId}/${executionId}/${sha256}.json`;
}

/** Whose file it is; undefined for a file of another kind. */
export function ownerOfKey(key: string): (ValueOwner & { sha256: string }) | undefined {
  const match = /^values\/\d{4}-\d{2}\/([^/]+)\/([^/]+)\/([0-9a-f]{64})\.json$/.exec(key);
  const [, workspaceId, executionId, sha256] = match ?? [];
  return workspaceId !== undefined && executionId !== undefined && sha256 !== undefined ? { workspaceId, executionId, sha256 } : undefined;
}

/** A UUIDv7 begins with its time, ms in 48 bits. */
function monthOf(executionId: string): string {
  const at = new Date(Number.parseInt(executionId.replace("-", "").slice(0, 12), 16));
  return at.toISOString().slice(0, 7);
}
