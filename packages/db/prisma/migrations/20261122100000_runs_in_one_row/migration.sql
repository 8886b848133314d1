-- A run that ends soon is one row: what was asked, every step and the outcome, written in one commit. A run that takes
-- longer is accepted first, and its steps follow in parts, several steps a row. Both tables are divided by month and,
-- within a month, by how many days their workspace keeps them, so that what is over is dropped as a whole partition.

CREATE TABLE executions_before AS TABLE executions;
CREATE TABLE execution_traces_before AS TABLE execution_traces;
DROP TABLE execution_traces;
DROP TABLE executions;

-- In how many days' partitions rows may lie. A class is made before the first row of it is written.
CREATE TABLE retention_classes (
  days smallint NOT NULL CONSTRAINT retention_classes_pkey PRIMARY KEY CHECK (days > 0)
);
INSERT INTO retention_classes (days) VALUES (365);
-- No tenant's secret: what may be done with it is a matter of grants.
ALTER TABLE retention_classes ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY classes ON retention_classes USING (true) WITH CHECK (true);

CREATE TABLE executions (
  id uuid NOT NULL,
  workspace_id uuid NOT NULL,
  retention smallint NOT NULL DEFAULT 365,
  agent_id uuid NOT NULL,
  deployment_id uuid,
  version integer,
  config json,
  conversation_id text,
  trigger text NOT NULL,
  -- Which of the document's triggers: an agent may have several of one kind. Null: the first that fits.
  trigger_node text,
  actor text,
  input json NOT NULL,
  output json,
  error json,
  -- The steps of a run that ended before any of them had been written; those of other runs are in execution_traces.
  trace json,
  status text NOT NULL,
  tokens_used integer GENERATED ALWAYS AS (input_tokens + output_tokens) STORED,
  input_tokens integer,
  output_tokens integer,
  cost_usd double precision,
  latency integer,
  steps integer,
  started_at timestamptz(3) NOT NULL DEFAULT now(),
  completed_at timestamptz(3),
  lease_owner uuid,
  lease_epoch integer NOT NULL DEFAULT 0,
  -- From when on another process may take the run: the end of its owner's lease, the time of its next attempt, or of
  -- its wake-up. Null where only an answer from outside wakes it.
  lease_expires_at timestamptz(3),
  cancel_requested_at timestamptz(3),
  -- Higher goes first within a workspace.
  priority smallint NOT NULL DEFAULT 0,
  -- Attempts that failed so far.
  attempt smallint NOT NULL DEFAULT 0,
  -- The dead run of which this is another try.
  redrive_of uuid,
  -- The run whose failure, or whose tick, started this one.
  caused_by uuid,
  CONSTRAINT executions_pkey PRIMARY KEY (workspace_id, id, retention),
  CONSTRAINT executions_status_check CHECK (status IN ('PENDING', 'RUNNING', 'WAITING', 'COMPLETED', 'FAILED', 'CANCELLED'))
) PARTITION BY RANGE (id);
CREATE INDEX executions_workspace_id_agent_id_id_idx ON executions (workspace_id, agent_id, id);
-- What the sweep reads: runs that are due. Those that were written with their outcome are never in it.
CREATE INDEX executions_unfinished_idx ON executions (lease_expires_at) WHERE status IN ('PENDING', 'RUNNING', 'WAITING');

CREATE TABLE execution_traces (
  workspace_id uuid NOT NULL,
  execution_id uuid NOT NULL,
  retention smallint NOT NULL DEFAULT 365,
  -- Counts the parts of a run in the order in which they were written.
  part integer NOT NULL,
  -- StepRecord[], in the order in which they ended.
  steps json NOT NULL,
  timestamp timestamptz(3) NOT NULL DEFAULT now(),
  CONSTRAINT execution_traces_pkey PRIMARY KEY (workspace_id, execution_id, part, retention)
) PARTITION BY RANGE (execution_id);

-- Runs that are suspended, and what each of them waits for.
CREATE TABLE execution_waits (
  workspace_id uuid NOT NULL,
  execution_id uuid NOT NULL,
  -- The waiting step.
  key text NOT NULL,
  node_id text NOT NULL,
  kind text NOT NULL CONSTRAINT execution_waits_kind_check CHECK (kind IN ('time', 'webhook', 'approval')),
  due_at timestamptz(3),
  -- What people or programs are asked for: title, message, form.
  request json NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  resolved_at timestamptz(3),
  resolution json,
  resolved_by text,
  CONSTRAINT execution_waits_pkey PRIMARY KEY (workspace_id, execution_id, key)
);
-- An address from outside names the execution alone.
CREATE INDEX execution_waits_execution_id_idx ON execution_waits (execution_id);
CREATE INDEX execution_waits_open_idx ON execution_waits (workspace_id, created_at) WHERE resolved_at IS NULL;

CREATE TABLE executions_default PARTITION OF executions DEFAULT;
CREATE TABLE execution_traces_default PARTITION OF execution_traces DEFAULT;
ALTER TABLE executions_default ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE execution_traces_default ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

DO $$
DECLARE
  tenant_table text;
BEGIN
  FOREACH tenant_table IN ARRAY ARRAY['executions', 'execution_traces', 'execution_waits'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format(
      'CREATE POLICY workspace_rows ON %I USING (workspace_id = heddle_workspace_id()) WITH CHECK (workspace_id = heddle_workspace_id())',
      tenant_table);
    EXECUTE format('CREATE POLICY journal ON %I TO heddle_journal USING (true) WITH CHECK (true)', tenant_table);
    EXECUTE format('CREATE POLICY lookup ON %I FOR SELECT TO heddle_system USING (true)', tenant_table);
    EXECUTE format('CREATE POLICY clean_up ON %I FOR DELETE TO heddle_system USING (true)', tenant_table);
    EXECUTE format('GRANT SELECT ON %I TO heddle_app', tenant_table);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE ON %I TO heddle_journal', tenant_table);
    EXECUTE format('GRANT DELETE ON %I TO heddle_system', tenant_table);
  END LOOP;
END
$$;
GRANT UPDATE (cancel_requested_at) ON executions TO heddle_app;
GRANT SELECT (workspace_id, id, agent_id) ON executions TO heddle_system;
GRANT SELECT (workspace_id, execution_id) ON execution_traces TO heddle_system;
GRANT SELECT (workspace_id, execution_id) ON execution_waits TO heddle_system;
GRANT SELECT ON retention_classes TO heddle_app, heddle_journal;

-- Makes the partitions of this month and the coming ones where they are missing, one for each class of days. Rows that
-- went into the default partition move over. A partition has security on and no policy of its own, so it shows nothing
-- to whoever names it directly.
CREATE OR REPLACE FUNCTION heddle_ensure_partitions(months integer DEFAULT 3) RETURNS integer
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC'
AS $$
DECLARE
  parent text;
  id_column text;
  child text;
  leaf text;
  class smallint;
  first_month timestamptz := date_trunc('month', now());
  lower_bound uuid;
  upper_bound uuid;
  made integer := 0;
BEGIN
  FOR step IN 0..least(greatest(months, 0), 24) LOOP
    lower_bound := heddle_uuid_at(first_month + make_interval(months => step));
    upper_bound := heddle_uuid_at(first_month + make_interval(months => step + 1));
    FOREACH parent IN ARRAY ARRAY['executions', 'execution_traces'] LOOP
      child := parent || to_char(first_month + make_interval(months => step), '_YYYY_MM');
      id_column := CASE parent WHEN 'executions' THEN 'id' ELSE 'execution_id' END;
      IF to_regclass(child) IS NULL THEN
        PERFORM pg_advisory_xact_lock(hashtext('heddle_ensure_partitions'));
        IF to_regclass(child) IS NULL THEN
          EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING GENERATED) PARTITION BY LIST (retention)', child, parent);
          EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', child);
          EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', child);
          EXECUTE format('REVOKE ALL ON %I FROM PUBLIC', child);
          FOR class IN SELECT days FROM retention_classes LOOP
            PERFORM heddle_make_leaf(child, class);
          END LOOP;
          EXECUTE format('ALTER TABLE %I NO FORCE ROW LEVEL SECURITY', parent || '_default');
          EXECUTE format('CREATE TEMPORARY TABLE heddle_moving ON COMMIT DROP AS SELECT * FROM %1$I WHERE %2$I >= %3$L AND %2$I < %4$L',
            parent || '_default', id_column, lower_bound, upper_bound);
          EXECUTE format('DELETE FROM %1$I WHERE %2$I >= %3$L AND %2$I < %4$L', parent || '_default', id_column, lower_bound, upper_bound);
          EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', parent, child, lower_bound, upper_bound);
          EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', parent || '_default');
          PERFORM heddle_move_rows(parent);
          DROP TABLE heddle_moving;
          made := made + 1;
        END IF;
      END IF;
      FOR class IN SELECT days FROM retention_classes LOOP
        IF to_regclass(child || '_' || class) IS NULL THEN
          PERFORM heddle_make_leaf(child, class);
        END IF;
      END LOOP;
    END LOOP;
  END LOOP;
  RETURN made;
END
$$;

CREATE FUNCTION heddle_make_leaf(month text, class smallint) RETURNS void
  LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$
DECLARE
  leaf text := month || '_' || class;
BEGIN
  EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES IN (%s)', leaf, month, class);
  EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', leaf);
  EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', leaf);
  EXECUTE format('REVOKE ALL ON %I FROM PUBLIC', leaf);
END
$$;

-- Puts the rows of heddle_moving into the table they came from; generated columns are left to it.
CREATE FUNCTION heddle_move_rows(parent text) RETURNS void
  LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$
DECLARE
  columns text;
BEGIN
  SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) INTO columns FROM pg_attribute
  WHERE attrelid = parent::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '';
  EXECUTE format('ALTER TABLE %I NO FORCE ROW LEVEL SECURITY', parent);
  EXECUTE format('INSERT INTO %I (%s) SELECT %s FROM heddle_moving', parent, columns, columns);
  EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', parent);
END
$$;
REVOKE ALL ON FUNCTION heddle_make_leaf(text, smallint), heddle_move_rows(text) FROM PUBLIC;

-- Lets rows be kept for a number of days: from now on there are partitions for them.
CREATE FUNCTION heddle_add_retention_class(class smallint) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC'
AS $$
BEGIN
  INSERT INTO retention_classes (days) VALUES (class) ON CONFLICT DO NOTHING;
  PERFORM heddle_ensure_partitions();
END
$$;
REVOKE ALL ON FUNCTION heddle_add_retention_class(smallint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION heddle_add_retention_class(smallint) TO heddle_app;

SELECT heddle_ensure_partitions();

ALTER TABLE executions NO FORCE ROW LEVEL SECURITY;
ALTER TABLE execution_traces NO FORCE ROW LEVEL SECURITY;
INSERT INTO executions (id, workspace_id, agent_id, deployment_id, version, config, conversation_id, trigger, actor, input, output, error,
  status, input_tokens, output_tokens, cost_usd, latency, steps, started_at, completed_at, lease_owner, lease_epoch, lease_expires_at,
  cancel_requested_at)
SELECT id, workspace_id, agent_id, deployment_id, version, config, conversation_id, trigger, actor, input, output, error,
  status, input_tokens, output_tokens, cost_usd, latency, steps, started_at, completed_at, lease_owner, lease_epoch, lease_expires_at,
  cancel_requested_at
FROM executions_before;
INSERT INTO execution_traces (workspace_id, execution_id, part, steps, timestamp)
SELECT workspace_id, execution_id, 0, json_agg(data ORDER BY timestamp, key), min(timestamp)
FROM execution_traces_before GROUP BY workspace_id, execution_id;
ALTER TABLE executions FORCE ROW LEVEL SECURITY;
ALTER TABLE execution_traces FORCE ROW LEVEL SECURITY;
DROP TABLE executions_before;
DROP TABLE execution_traces_before;

-- An agent's runs go with it, and so does what they wait for. The function belongs to a role that may make nothing here
-- but for this moment.
GRANT CREATE ON SCHEMA public TO heddle_system;
SET LOCAL ROLE heddle_system;
CREATE OR REPLACE FUNCTION heddle_delete_executions() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
  WITH gone AS (
    DELETE FROM executions e WHERE e.workspace_id = OLD.workspace_id AND e.agent_id = OLD.id RETURNING e.id
  ), waits AS (
    DELETE FROM execution_waits w USING gone WHERE w.workspace_id = OLD.workspace_id AND w.execution_id = gone.id
  )
  DELETE FROM execution_traces t USING gone WHERE t.workspace_id = OLD.workspace_id AND t.execution_id = gone.id;
  RETURN NULL;
END
$$;
RESET ROLE;
REVOKE CREATE ON SCHEMA public FROM heddle_system;
