-- How the executions of each agent ended, counted by the statement that writes the outcome: by hour, status and latency.
-- What counts them is read often and must not grow with them.
CREATE TABLE execution_stats (
  workspace_id uuid NOT NULL,
  agent_id uuid NOT NULL,
  -- The nil id for tests of drafts: a key holds no NULL.
  deployment_id uuid NOT NULL,
  -- In which hour they ended; of rows of whole days (slot -1), the day's first.
  hour timestamptz(0) NOT NULL,
  -- Batches that are written at once count in different rows, so that none waits for another's commit.
  slot smallint NOT NULL,
  status text NOT NULL,
  -- Latency: bucket n holds what took from 1.1^(n-1) up to 1.1^n ms, bucket 0 what took less than one.
  bucket smallint NOT NULL,
  executions bigint NOT NULL,
  input_tokens bigint NOT NULL,
  output_tokens bigint NOT NULL,
  cost_usd double precision NOT NULL,
  CONSTRAINT execution_stats_pkey PRIMARY KEY (workspace_id, agent_id, deployment_id, hour, slot, status, bucket)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);
CREATE INDEX execution_stats_workspace_id_hour_idx ON execution_stats (workspace_id, hour);
-- What is still to be put together into days.
CREATE INDEX execution_stats_by_hour_idx ON execution_stats (hour) WHERE slot >= 0;

ALTER TABLE execution_stats ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY workspace_rows ON execution_stats USING (workspace_id = heddle_workspace_id()) WITH CHECK (workspace_id = heddle_workspace_id());
CREATE POLICY journal ON execution_stats TO heddle_journal USING (true) WITH CHECK (true);
GRANT SELECT ON execution_stats TO heddle_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON execution_stats TO heddle_journal;

CREATE FUNCTION heddle_latency_bucket(latency integer) RETURNS smallint
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE WHEN latency > 0 THEN 1 + floor(ln(latency::double precision) / 0.09531017980432493)::smallint ELSE 0 END;

-- What ran before there were counts. Row-level security binds the owner too, but for this moment.
ALTER TABLE executions NO FORCE ROW LEVEL SECURITY;
ALTER TABLE execution_stats NO FORCE ROW LEVEL SECURITY;
INSERT INTO execution_stats (workspace_id, agent_id, deployment_id, hour, slot, status, bucket, executions, input_tokens, output_tokens, cost_usd)
SELECT workspace_id, agent_id, coalesce(deployment_id, '00000000-0000-0000-0000-000000000000'), date_trunc('hour', completed_at), 0, status,
  heddle_latency_bucket(latency), count(*), coalesce(sum(input_tokens), 0), coalesce(sum(output_tokens), 0), coalesce(sum(cost_usd), 0)
FROM executions WHERE status IN ('COMPLETED', 'FAILED', 'CANCELLED') AND completed_at IS NOT NULL
GROUP BY 1, 2, 3, 4, 6, 7;
ALTER TABLE execution_stats FORCE ROW LEVEL SECURITY;
ALTER TABLE executions FORCE ROW LEVEL SECURITY;

-- A workspace's counts go with it. An agent's stay: what it used counts in its month.
GRANT SELECT (workspace_id), DELETE ON execution_stats TO heddle_system;
CREATE POLICY lookup ON execution_stats FOR SELECT TO heddle_system USING (true);
CREATE POLICY clean_up ON execution_stats FOR DELETE TO heddle_system USING (true);
GRANT CREATE ON SCHEMA public TO heddle_system;
SET LOCAL ROLE heddle_system;
CREATE FUNCTION heddle_delete_execution_stats() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
  DELETE FROM execution_stats s WHERE s.workspace_id = OLD.id;
  RETURN NULL;
END
$$;
RESET ROLE;
REVOKE CREATE ON SCHEMA public FROM heddle_system;
CREATE TRIGGER delete_execution_stats AFTER DELETE ON workspaces FOR EACH ROW EXECUTE FUNCTION heddle_delete_execution_stats();
