import { type Database, uuidv7 } from "@heddle/db";
import type { NewExecution } from "@heddle/db/journal";
import { type DeadLetter, type DeadLettersRedriven, type DeadLetterState, HeddleError, type Page } from "@heddle/schema";
import type { Access } from "../access/access.ts";
import { type Actor, actorLabel } from "../access/actor.ts";
import type { AuditRecorder } from "../audit-recorder.ts";
import type { DeploymentCache } from "../deployments/deployment-cache.ts";
import { pageOf, type PageRequest, readTimeCursor, takeFor, timeCursor } from "../paging.ts";
import { DEAD_LETTER_COLUMNS, type DeadLetterRow, toDeadLetter } from "./dead-letter-resource.ts";

export interface DeadLettersOptions {
  db: Database;
  access: Access;
  audit: AuditRecorder;
  deployments: DeploymentCache;
  /** Accepts an execution for whoever takes it. */
  enqueue: (execution: NewExecution) => Promise<void>;
}

export interface DeadLetterQuery extends PageRequest {
  workspaceId: string;
  agentId?: string | undefined;
  /** Those that lie here when absent. */
  state?: DeadLetterState | undefined;
}

interface LetterOf {
  workspaceId: string;
  /** Of the execution that died. */
  id: string;
}

/** Runs that failed for good: looking at them, trying them again, throwing them away. */
export interface DeadLetters {
  /** Latest first. */
  list(actor: Actor, query: DeadLetterQuery): Promise<Page<DeadLetter>>;
  /** @throws HeddleError not_found */
  byId(actor: Actor, letter: LetterOf): Promise<DeadLetter>;
  /**
   * Tries a run again from its start, by what is published now. Asking twice leads to one run.
   * @throws HeddleError not_found, unprocessable where its deployment is switched off or gone
   */
  redrive(actor: Actor, letter: LetterOf): Promise<{ executionId: string }>;
  /** The same for all that lie here, oldest first, {@link PER_REDRIVE} a call, from the cursor that the call before gave out. */
  redriveAll(
    actor: Actor,
    query: { workspaceId: string; agentId?: string | undefined; cursor?: string | undefined },
  ): Promise<DeadLettersRedriven>;
  /** @throws HeddleError not_found */
  discard(actor: Actor, letter: LetterOf): Promise<void>;
}

/** Letters that one call redrives at most. */
const PER_REDRIVE = 500;
/** Fresh runs of the workspace go before those that are tried again. */
const PRIORITY = -1;

const FROM = "FROM dead_letters d LEFT JOIN agents a ON a.workspace_id = d.workspace_id AND a.id = d.agent_id";

export function createDeadLetters({ db, access, audit, deployments, enqueue }: DeadLettersOptions): DeadLetters {
  const find = async ({ workspaceId, id }: LetterOf): Promise<DeadLetterRow> => {
    const { rows } = await db.withWorkspace(workspaceId, (client) =>
      client.query<DeadLetterRow>(`SELECT ${DEAD_LETTER_COLUMNS} ${FROM} WHERE d.workspace_id = $1 AND d.execution_id = $2`, [
        workspaceId,
        id,
      ]),
    );
    const [row] = rows;
    if (!row) throw noSuchLetter();
    return row;
  };

  /** Reserves the id of the new run, or finds the one that was reserved before, and sees to it that it is accepted. */
  const redriveRow = async (actor: Actor, workspaceId: string, row: DeadLetterRow): Promise<string> => {
    const version = row.redrivenAs === null ? await publishedVersion(deployments, workspaceId, row) : row.version;
    const executionId = await reserve(db, { workspaceId, id: row.id, by: actorLabel(actor) });
    if (await isAccepted(db, workspaceId, executionId)) return executionId;
    await enqueue({
      id: executionId,
      workspaceId,
      agentId: row.agentId,
      deploymentId: row.deploymentId,
      version,
      conversationId: row.conversationId,
      trigger: row.trigger,
      triggerNode: row.triggerNode,
      actor: actorLabel(actor),
      input: row.input,
      startedAt: new Date(),
      redriveOf: row.id,
      priority: PRIORITY,
    }).catch(async (error: unknown) => {
      // Somebody else who redrives it was faster.
      if (!(await isAccepted(db, workspaceId, executionId))) throw error;
    });
    return executionId;
  };

  return {
    list: async (actor, { workspaceId, agentId, state = "open", ...page }) => {
      await access.authorize(actor, workspaceId, "read");
      const after = readTimeCursor(page);
      const { rows } = await db.withWorkspace(workspaceId, (client) =>
        client.query<DeadLetterRow>(
          `SELECT ${DEAD_LETTER_COLUMNS} ${FROM} WHERE d.workspace_id = $1 AND ($2::uuid IS NULL OR d.agent_id = $2)
             AND (d.redriven_as IS NULL) = $3 AND ($4::timestamptz IS NULL OR (d.died_at, d.execution_id) < ($4, $5::uuid))
           ORDER BY d.died_at DESC, d.execution_id DESC LIMIT $6`,
          [workspaceId, agentId ?? null, state === "open", after?.time ?? null, after?.id ?? null, takeFor(page)],
        ),
      );
      return pageOf(rows, page, toDeadLetter, (row) => timeCursor(row.diedAt, row.id));
    },

    byId: async (actor, letter) => {
      await access.authorize(actor, letter.workspaceId, "read");
      return toDeadLetter(await find(letter));
    },

    redrive: async (actor, letter) => {
      const { workspaceId } = letter;
      await access.authorize(actor, workspaceId, "execute");
      const row = await find(letter);
      const executionId = await redriveRow(actor, workspaceId, row);
      if (row.redrivenAs === null) await audit.record(actor, workspaceId, "deadLetter.redriven", row.id, { executionId });
      return { executionId };
    },

    redriveAll: async (actor, { workspaceId, agentId, cursor }) => {
      await access.authorize(actor, workspaceId, "execute");
      const after = readTimeCursor({ cursor });
      const { rows, total } = await db.withWorkspace(workspaceId, async (client) => {
        const where = `d.workspace_id = $1 AND ($2::uuid IS NULL OR d.agent_id = $2) AND d.redriven_as IS NULL
          AND ($3::timestamptz IS NULL OR (d.died_at, d.execution_id) > ($3, $4::uuid))`;
        const values = [workspaceId, agentId ?? null, after?.time ?? null, after?.id ?? null];
        const found = await client.query<DeadLetterRow>(
          `SELECT ${DEAD_LETTER_COLUMNS} ${FROM} WHERE ${where} ORDER BY d.died_at, d.execution_id LIMIT ${PER_REDRIVE}`,
          values,
        );
        const counted = await client.query<{ total: number }>(`SELECT count(*)::int AS total FROM dead_letters d WHERE ${where}`, values);
        return { rows: found.rows, total: counted.rows[0]?.total ?? 0 };
      });
      const redriven = await Promise.all(
        rows.map((row) =>
          redriveRow(actor, workspaceId, row).then(
            () => true,
            (error: unknown) => {
              if (error instanceof HeddleError && error.code === "unprocessable") return false;
              throw error;
            },
          ),
        ),
      );
      const count = redriven.filter(Boolean).length;
      if (count > 0) await audit.record(actor, workspaceId, "deadLetters.redriven", agentId ?? null, { count });
      const last = rows.at(-1);
      const remaining = total - rows.length;
      const nextCursor = remaining > 0 && last !== undefined ? timeCursor(last.diedAt, last.id) : null;
      return { redriven: count, refused: rows.length - count, remaining, nextCursor };
    },

    discard: async (actor, letter) => {
      const { workspaceId, id } = letter;
      await access.authorize(actor, workspaceId, "write");
      const { rowCount } = await db.withWorkspace(workspaceId, (client) =>
        client.query("DELETE FROM dead_letters WHERE workspace_id = $1 AND execution_id = $2", [workspaceId, id]),
      );
      if (rowCount === 0) throw noSuchLetter();
      await audit.record(actor, workspaceId, "deadLetter.discarded", id, {});
    },
  };
}

/** The version that is published now: whoever redrives a run has often mended its agent before. */
async function publishedVersion(deployments: DeploymentCache, workspaceId: string, row: DeadLetterRow): Promise<number> {
  const deployment =
    row.deploymentId === null ? undefined : await Promise.resolve(deployments.get(row.deploymentId)).catch(() => undefined);
  if (deployment?.workspaceId === workspaceId && deployment.status === "ACTIVE") return deployment.version;
  throw new HeddleError("unprocessable", "The deployment that this run belongs to is switched off or gone.", {
    hint: "Deploy the agent again or switch its deployment on, then redrive.",
  });
}

async function reserve(db: Database, { workspaceId, id, by }: LetterOf & { by: string }): Promise<string> {
  const { rows } = await db.withWorkspace(workspaceId, (client) =>
    client.query<{ executionId: string }>(
      `UPDATE dead_letters SET redriven_as = coalesce(redriven_as, $3), redriven_at = coalesce(redriven_at, now()), redriven_by = coalesce(redriven_by, $4)
       WHERE workspace_id = $1 AND execution_id = $2 RETURNING redriven_as AS "executionId"`,
      [workspaceId, id, uuidv7(), by],
    ),
  );
  const [row] = rows;
  if (!row) throw noSuchLetter();
  return row.executionId;
}

async function isAccepted(db: Database, workspaceId: string, executionId: string): Promise<boolean> {
  const { rowCount } = await db.withWorkspace(workspaceId, (client) =>
    client.query("SELECT FROM executions WHERE workspace_id = $1 AND id = $2", [workspaceId, executionId]),
  );
  return rowCount === 1;
}

function noSuchLetter(): HeddleError {
  return new HeddleError("not_found", "There is no such dead letter, or you have no access to it.");
}
