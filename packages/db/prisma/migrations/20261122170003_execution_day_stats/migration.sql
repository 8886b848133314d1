-- Hours that are over, put together: a row for each day and status, with its latencies in one value. So what an agent did
-- in a month is read from a hundred rows, however much it did.
CREATE TABLE execution_day_stats (
  workspace_id uuid NOT NULL,
  agent_id uuid NOT NULL,
  deployment_id uuid NOT NULL,
  -- In UTC.
  day date NOT NULL,
  status text NOT NULL,
  executions bigint NOT NULL,
  input_tokens bigint NOT NULL,
  output_tokens bigint NOT NULL,
  cost_usd double precision NOT NULL,
  -- Executions by bucket: {"25": 310}.
  latencies jsonb NOT NULL,
  CONSTRAINT execution_day_stats_pkey PRIMARY KEY (workspace_id, agent_id, deployment_id, day, status)
);
CREATE INDEX execution_day_stats_workspace_id_day_idx ON execution_day_stats (workspace_id, day);
ALTER TABLE execution_day_stats ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY workspace_rows ON execution_day_stats USING (workspace_id = heddle_workspace_id()) WITH CHECK (workspace_id = heddle_workspace_id());
CREATE POLICY journal ON execution_day_stats TO heddle_journal USING (true) WITH CHECK (true);
GRANT SELECT ON execution_day_stats TO heddle_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON execution_day_stats TO heddle_journal;

-- Both together, for who adds up.
CREATE VIEW execution_totals WITH (security_invoker = true) AS
SELECT workspace_id, agent_id, deployment_id, hour AS at, status, executions, input_tokens, output_tokens, cost_usd FROM execution_stats
UNION ALL
SELECT workspace_id, agent_id, deployment_id, day::timestamp AT TIME ZONE 'UTC', status, executions, input_tokens, output_tokens, cost_usd
FROM execution_day_stats;
GRANT SELECT ON execution_totals TO heddle_app;

GRANT SELECT (workspace_id), DELETE ON execution_day_stats TO heddle_system;
CREATE POLICY lookup ON execution_day_stats FOR SELECT TO heddle_system USING (true);
CREATE POLICY clean_up ON execution_day_stats FOR DELETE TO heddle_system USING (true);
GRANT CREATE ON SCHEMA public TO heddle_system;
SET LOCAL ROLE heddle_system;
CREATE OR REPLACE FUNCTION heddle_delete_execution_stats() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
  DELETE FROM execution_stats s WHERE s.workspace_id = OLD.id;
  DELETE FROM execution_day_stats s WHERE s.workspace_id = OLD.id;
  RETURN NULL;
END
$$;
RESET ROLE;
REVOKE CREATE ON SCHEMA public FROM heddle_system;
