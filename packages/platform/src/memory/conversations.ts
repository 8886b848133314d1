import { type Database, uuidv7 } from "@heddle/db";
import type { ConversationMessage, ConversationPort, RunFacts } from "@heddle/node-kit";

/** Most messages that are ever read at once. */
const MAX_LOADED = 500;

/** The messages of the run's conversation; without one, nothing is remembered. */
export function createConversations(db: Database, run: RunFacts): ConversationPort {
  const { workspaceId, agentId, conversationId } = run;
  if (conversationId === undefined) {
    return { load: async () => [], append: async () => {}, history: async () => ({ messages: [] }), summarise: async () => {} };
  }
  return {
    load: (limit) =>
      db.withWorkspace(workspaceId, async (client) => {
        const { rows } = await client.query<ConversationMessage>(
          `SELECT m.role, m.content FROM conversation_messages m
           JOIN conversations c ON c.workspace_id = m.workspace_id AND c.id = m.conversation_id
           WHERE c.workspace_id = $1 AND c.agent_id = $2 AND c.key = $3
           ORDER BY m.id DESC LIMIT $4`,
          [workspaceId, agentId, conversationId, Math.min(Math.max(Math.trunc(limit), 0), MAX_LOADED)],
        );
        return rows.toReversed();
      }),

    append: (messages, idempotencyKey) =>
      db.withWorkspace(workspaceId, async (client) => {
        if (messages.length === 0) return;
        const { rows } = await client.query<{ id: string }>(
          `INSERT INTO conversations (id, workspace_id, agent_id, key) VALUES ($1, $2, $3, $4)
           ON CONFLICT (workspace_id, agent_id, key) DO UPDATE SET updated_at = now() RETURNING id`,
          [uuidv7(), workspaceId, agentId, conversationId],
        );
        await client.query(
          `INSERT INTO conversation_messages (id, workspace_id, conversation_id, role, content, idempotency_key, position)
           SELECT m.id, $1, $2, m.role, m.content, $3, m.position
           FROM unnest($4::uuid[], $5::text[], $6::text[], $7::int[]) AS m (id, role, content, position)
           ON CONFLICT (workspace_id, conversation_id, idempotency_key, position) DO NOTHING`,
          [
            workspaceId,
            rows[0]?.id,
            idempotencyKey,
            messages.map(() => uuidv7()),
            messages.map((message) => message.role),
            // A text column can't hold NUL.
            messages.map((message) => message.content.replaceAll("\u0000", "")),
            messages.map((_, position) => position),
          ],
        );
      }),

    history: (limit) =>
      db.withWorkspace(workspaceId, async (client) => {
        const { rows: known } = await client.query<{ id: string; summary: string | null; until: string | null }>(
          `SELECT id, summary, summary_until AS until FROM conversations WHERE workspace_id = $1 AND agent_id = $2 AND key = $3`,
          [workspaceId, agentId, conversationId],
        );
        const [conversation] = known;
        if (!conversation) return { messages: [] };
        // Ids are made in the order of time.
        const { rows } = await client.query<ConversationMessage & { id: string }>(
          `SELECT id, role, content FROM conversation_messages
           WHERE workspace_id = $1 AND conversation_id = $2 AND ($3::uuid IS NULL OR id > $3) ORDER BY id DESC LIMIT $4`,
          [workspaceId, conversation.id, conversation.until, Math.min(Math.max(Math.trunc(limit), 0), MAX_LOADED)],
        );
        return { ...(conversation.summary === null ? {} : { summary: conversation.summary }), messages: rows.toReversed() };
      }),

    summarise: (summary, until) =>
      db.withWorkspace(workspaceId, async (client) => {
        // Two runs may summarise at once; the one that got further is kept.
        await client.query(
          `UPDATE conversations SET summary = $4, summary_until = $5
           WHERE workspace_id = $1 AND agent_id = $2 AND key = $3 AND (summary_until IS NULL OR summary_until < $5::uuid)`,
          [workspaceId, agentId, conversationId, summary.replaceAll("\u0000", ""), until],
        );
      }),
  };
}
