/**
 * What a process does: `web` serves the pages and the API that manages things, `gateway` the calls that run agents, `worker`
 * takes runs from the queue, `scheduler` fires schedules and hands events on.
 */
export const PROCESS_ROLES = ["web", "gateway", "worker", "scheduler"] as const;
export type ProcessRole = (typeof PROCESS_ROLES)[number];

export const ALL_ROLES: ReadonlySet<ProcessRole> = new Set(PROCESS_ROLES);
