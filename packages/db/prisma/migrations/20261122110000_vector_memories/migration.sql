-- Texts that agents remember, found again by what they mean.
CREATE TABLE vector_memories (
  id uuid NOT NULL,
  workspace_id uuid NOT NULL,
  -- execution, conversation, agent, workspace; and the id of its owner, empty for the workspace
  scope text NOT NULL,
  owner text NOT NULL,
  -- What the agent calls it, so that it can be replaced and forgotten by name.
  name text,
  text text NOT NULL,
  metadata json NOT NULL,
  -- Numbers of four bytes each, little-endian, of length 1 together.
  embedding bytea NOT NULL,
  -- Remembering twice under one key remembers once.
  idempotency_key text NOT NULL,
  expires_at timestamptz(3),
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  CONSTRAINT vector_memories_pkey PRIMARY KEY (workspace_id, id),
  CONSTRAINT vector_memories_workspace_id_idempotency_key_key UNIQUE (workspace_id, idempotency_key),
  CONSTRAINT vector_memories_workspace_id_scope_owner_name_key UNIQUE (workspace_id, scope, owner, name),
  CONSTRAINT vector_memories_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX vector_memories_workspace_id_scope_owner_id_idx ON vector_memories (workspace_id, scope, owner, id);
CREATE INDEX vector_memories_expires_at_idx ON vector_memories (expires_at) WHERE expires_at IS NOT NULL;

ALTER TABLE vector_memories ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY workspace_rows ON vector_memories USING (workspace_id = heddle_workspace_id()) WITH CHECK (workspace_id = heddle_workspace_id());
GRANT SELECT, INSERT, UPDATE, DELETE ON vector_memories TO heddle_app;
-- What has run out goes with all else that has.
GRANT SELECT (workspace_id, expires_at), DELETE ON vector_memories TO heddle_journal;
CREATE POLICY run_out ON vector_memories TO heddle_journal USING (expires_at < now()) WITH CHECK (false);
