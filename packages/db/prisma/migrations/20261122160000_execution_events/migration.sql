-- What runs that somebody watches tell while they go, kept for an hour or so: for watchers at other processes, and for
-- those who come back after their connection broke. Everything that counts is in the journal, so this table is not
-- written ahead: it costs no disk and is empty after a crash of the server.

CREATE UNLOGGED TABLE execution_events (
  workspace_id uuid NOT NULL,
  execution_id uuid NOT NULL,
  -- Grows within the execution, over all its owners.
  id bigint NOT NULL,
  agent_id uuid NOT NULL,
  -- Grows over all executions, in the order of commits.
  position bigint NOT NULL,
  -- JSON
  entry text NOT NULL,
  kept_at timestamptz(3) NOT NULL DEFAULT now(),
  CONSTRAINT execution_events_pkey PRIMARY KEY (workspace_id, execution_id, id)
);
CREATE INDEX execution_events_workspace_id_agent_id_position_idx ON execution_events (workspace_id, agent_id, position);
CREATE INDEX execution_events_kept_at_idx ON execution_events (kept_at);
-- Survives a crash, unlike what it counts: a position is given once.
CREATE SEQUENCE execution_events_position_seq OWNED BY execution_events.position;
ALTER TABLE execution_events ALTER COLUMN position SET DEFAULT nextval('execution_events_position_seq');

ALTER TABLE execution_events ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY workspace_rows ON execution_events
  USING (workspace_id = heddle_workspace_id()) WITH CHECK (workspace_id = heddle_workspace_id());
GRANT SELECT ON execution_events TO heddle_app;
CREATE POLICY journal ON execution_events TO heddle_journal USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, DELETE ON execution_events TO heddle_journal;
GRANT USAGE ON SEQUENCE execution_events_position_seq TO heddle_journal;

-- Keeps events and wakes who waits for them. One writer at a time, so that positions are seen in their order: whoever
-- has read one has missed none before it. Ids begin anew at a multiple of a billion with each owner of a run; what an
-- owner says after it was replaced is not kept.
CREATE FUNCTION heddle_keep_events(workspaces uuid[], executions uuid[], agents uuid[], ids bigint[], entries text[], signals text[])
  RETURNS void LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('heddle_keep_events'));
  INSERT INTO execution_events (workspace_id, execution_id, agent_id, id, entry)
  SELECT v.workspace_id, v.execution_id, v.agent_id, v.id, v.entry
  FROM unnest(workspaces, executions, agents, ids, entries) WITH ORDINALITY AS v(workspace_id, execution_id, agent_id, id, entry, place)
  WHERE NOT EXISTS (
    SELECT FROM execution_events later
    WHERE later.workspace_id = v.workspace_id AND later.execution_id = v.execution_id AND later.id >= (v.id / 1000000000 + 1) * 1000000000)
  ORDER BY v.place
  ON CONFLICT DO NOTHING;
  PERFORM pg_notify('heddle_events', signal) FROM unnest(signals) AS signal;
END
$$;
REVOKE ALL ON FUNCTION heddle_keep_events(uuid[], uuid[], uuid[], bigint[], text[], text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION heddle_keep_events(uuid[], uuid[], uuid[], bigint[], text[], text[]) TO heddle_journal;
