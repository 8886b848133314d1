-- What starts runs by itself: clocks (schedules) and other agents' failures (error_handlers). Both are read from the
-- deployed document when it is deployed, so that nothing has to look into documents to know what is due.

CREATE TABLE schedules (
  id uuid NOT NULL,
  workspace_id uuid NOT NULL,
  agent_id uuid NOT NULL,
  deployment_id uuid NOT NULL,
  node_id text NOT NULL,
  version integer NOT NULL,
  cron text NOT NULL,
  time_zone text NOT NULL,
  is_paused boolean NOT NULL DEFAULT false,
  next_fire_at timestamptz(3),
  last_fire_at timestamptz(3),
  last_execution_id uuid,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  updated_at timestamptz(3) NOT NULL DEFAULT now(),
  CONSTRAINT schedules_pkey PRIMARY KEY (id),
  CONSTRAINT schedules_workspace_id_deployment_id_node_id_key UNIQUE (workspace_id, deployment_id, node_id),
  CONSTRAINT schedules_workspace_id_deployment_id_fkey
    FOREIGN KEY (workspace_id, deployment_id) REFERENCES deployments (workspace_id, id) ON DELETE CASCADE
);
-- What the schedulers read.
CREATE INDEX schedules_due_idx ON schedules (next_fire_at) WHERE next_fire_at IS NOT NULL;

CREATE TABLE error_handlers (
  id uuid NOT NULL,
  workspace_id uuid NOT NULL,
  agent_id uuid NOT NULL,
  deployment_id uuid NOT NULL,
  node_id text NOT NULL,
  version integer NOT NULL,
  -- Whose failures it handles; empty for every agent of the workspace.
  agent_ids text[] NOT NULL,
  CONSTRAINT error_handlers_pkey PRIMARY KEY (id),
  CONSTRAINT error_handlers_workspace_id_deployment_id_node_id_key UNIQUE (workspace_id, deployment_id, node_id),
  CONSTRAINT error_handlers_workspace_id_deployment_id_fkey
    FOREIGN KEY (workspace_id, deployment_id) REFERENCES deployments (workspace_id, id) ON DELETE CASCADE
);

-- Who else wants to hear of executions: one row a consumer, with the events that it waits for.
CREATE TABLE execution_subscribers (
  workspace_id uuid NOT NULL,
  consumer text NOT NULL,
  events text[] NOT NULL,
  CONSTRAINT execution_subscribers_pkey PRIMARY KEY (workspace_id, consumer),
  CONSTRAINT execution_subscribers_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
);

-- Events of executions that somebody waits for, written in the commit that makes them true and deleted in the commit
-- that hands them on. No foreign key: checking one would lock rows on the hot path.
CREATE TABLE execution_outbox (
  workspace_id uuid NOT NULL,
  execution_id uuid NOT NULL,
  event text NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  attempts integer NOT NULL DEFAULT 0,
  due_at timestamptz(3) NOT NULL DEFAULT now(),
  CONSTRAINT execution_outbox_pkey PRIMARY KEY (workspace_id, execution_id, event)
);
CREATE INDEX execution_outbox_due_idx ON execution_outbox (due_at);

DO $$
DECLARE
  tenant_table text;
BEGIN
  FOREACH tenant_table IN ARRAY ARRAY['schedules', 'error_handlers', 'execution_subscribers', 'execution_outbox'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format(
      'CREATE POLICY workspace_rows ON %I USING (workspace_id = heddle_workspace_id()) WITH CHECK (workspace_id = heddle_workspace_id())',
      tenant_table);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO heddle_app', tenant_table);
  END LOOP;
END
$$;
REVOKE INSERT ON execution_outbox FROM heddle_app;

-- A scheduler fires the due ticks of all workspaces and writes their executions in one commit: that is the journal's role.
GRANT SELECT, UPDATE (next_fire_at, last_fire_at, last_execution_id, updated_at) ON schedules TO heddle_journal;
CREATE POLICY journal ON schedules TO heddle_journal USING (true) WITH CHECK (true);
GRANT INSERT ON execution_outbox TO heddle_journal;
CREATE POLICY journal ON execution_outbox FOR INSERT TO heddle_journal WITH CHECK (true);

-- Where events wait, and which events any workspace waits for.
GRANT SELECT (workspace_id, due_at) ON execution_outbox TO heddle_system;
GRANT SELECT (workspace_id) ON error_handlers TO heddle_system;
GRANT SELECT ON execution_subscribers TO heddle_system;
CREATE POLICY lookup ON execution_outbox FOR SELECT TO heddle_system USING (true);
CREATE POLICY lookup ON error_handlers FOR SELECT TO heddle_system USING (true);
CREATE POLICY lookup ON execution_subscribers FOR SELECT TO heddle_system USING (true);

CREATE FUNCTION heddle_outbox_workspaces() RETURNS TABLE (workspace_id uuid)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
  SELECT DISTINCT due.workspace_id FROM (
    SELECT o.workspace_id FROM execution_outbox o WHERE o.due_at <= now() ORDER BY o.due_at LIMIT 1000
  ) due
$$;

CREATE FUNCTION heddle_execution_subscribers(workspace uuid DEFAULT NULL) RETURNS TABLE (workspace_id uuid, events text[])
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
  SELECT DISTINCT h.workspace_id, ARRAY['execution.failed'] FROM error_handlers h WHERE workspace IS NULL OR h.workspace_id = workspace
  UNION ALL
  SELECT s.workspace_id, s.events FROM execution_subscribers s WHERE workspace IS NULL OR s.workspace_id = workspace
$$;

GRANT CREATE ON SCHEMA public TO heddle_system;
DO $$
DECLARE
  given text;
BEGIN
  FOREACH given IN ARRAY ARRAY['heddle_outbox_workspaces()', 'heddle_execution_subscribers(uuid)'] LOOP
    EXECUTE 'REVOKE ALL ON FUNCTION ' || given || ' FROM PUBLIC';
    EXECUTE 'GRANT EXECUTE ON FUNCTION ' || given || ' TO heddle_app';
    EXECUTE 'ALTER FUNCTION ' || given || ' OWNER TO heddle_system';
  END LOOP;
END
$$;
REVOKE CREATE ON SCHEMA public FROM heddle_system;
