-- What a workspace may use beyond what its plan says: NULL is the plan's own.
CREATE TABLE workspace_limits (
  workspace_id uuid NOT NULL,
  plan text,
  concurrency integer,
  run_max_tokens integer,
  run_max_cost_usd double precision,
  run_max_duration_ms integer,
  run_max_steps integer,
  month_max_executions bigint,
  month_max_tokens bigint,
  month_max_cost_usd double precision,
  updated_at timestamptz(3) NOT NULL DEFAULT now(),
  CONSTRAINT workspace_limits_pkey PRIMARY KEY (workspace_id),
  CONSTRAINT workspace_limits_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE TABLE agent_limits (
  workspace_id uuid NOT NULL,
  agent_id uuid NOT NULL,
  rate_per_minute integer,
  concurrency integer,
  updated_at timestamptz(3) NOT NULL DEFAULT now(),
  CONSTRAINT agent_limits_pkey PRIMARY KEY (workspace_id, agent_id),
  CONSTRAINT agent_limits_workspace_id_agent_id_fkey FOREIGN KEY (workspace_id, agent_id)
    REFERENCES agents (workspace_id, id) ON DELETE CASCADE ON UPDATE CASCADE
);

-- What a workspace has been told of its month's use, so that each is said once by whichever process sees it first.
CREATE TABLE usage_notices (
  workspace_id uuid NOT NULL,
  month date NOT NULL,
  metric text NOT NULL,
  percent integer NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  CONSTRAINT usage_notices_pkey PRIMARY KEY (workspace_id, month, metric, percent),
  CONSTRAINT usage_notices_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE ON UPDATE CASCADE
);

DO $$
DECLARE
  tenant_table text;
BEGIN
  FOREACH tenant_table IN ARRAY ARRAY['workspace_limits', 'agent_limits', 'usage_notices'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format(
      'CREATE POLICY workspace_rows ON %I USING (workspace_id = heddle_workspace_id()) WITH CHECK (workspace_id = heddle_workspace_id())',
      tenant_table);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO heddle_app', tenant_table);
  END LOOP;
END
$$;

-- How much of a minute's budget the processes have taken between them. Not logged: a crash of the server starts the
-- minute anew, and taking costs no write to the disk.
CREATE UNLOGGED TABLE rate_windows (
  key text NOT NULL,
  taken bigint NOT NULL,
  ends_at timestamptz(3) NOT NULL,
  CONSTRAINT rate_windows_pkey PRIMARY KEY (key)
);
CREATE INDEX rate_windows_ends_at_idx ON rate_windows (ends_at);
ALTER TABLE rate_windows ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON rate_windows TO heddle_auth;
CREATE POLICY rates ON rate_windows TO heddle_auth USING (true) WITH CHECK (true);

-- Requests a minute of one key; NULL is the server's default.
ALTER TABLE api_keys ADD COLUMN rate_per_minute integer;
GRANT SELECT (rate_per_minute) ON api_keys TO heddle_system;
-- Its owner alone may drop it, and whoever migrates need be no superuser.
SET LOCAL ROLE heddle_system;
DROP FUNCTION heddle_find_api_key(bytea);
RESET ROLE;
CREATE FUNCTION heddle_find_api_key(hash bytea)
  RETURNS TABLE (id uuid, workspace_id uuid, name text, scopes text[], expires_at timestamptz, created_by uuid, rate_per_minute integer)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
  SELECT k.id, k.workspace_id, k.name, k.scopes, k.expires_at, k.created_by, k.rate_per_minute FROM api_keys k WHERE k.key_hash = hash
$$;
REVOKE ALL ON FUNCTION heddle_find_api_key(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION heddle_find_api_key(bytea) TO heddle_app;
GRANT CREATE ON SCHEMA public TO heddle_system;
ALTER FUNCTION heddle_find_api_key(bytea) OWNER TO heddle_system;
REVOKE CREATE ON SCHEMA public FROM heddle_system;
