-- Webhooks that Heddle sends. A delivery is one event for one endpoint; its row is the queue and the log.

CREATE TABLE webhook_endpoints (
  id uuid NOT NULL,
  workspace_id uuid NOT NULL,
  url text NOT NULL,
  description text NOT NULL,
  events text[] NOT NULL,
  -- Only events of these agents; all where it is empty.
  agent_ids uuid[] NOT NULL,
  is_enabled boolean NOT NULL DEFAULT true,
  -- Why it is switched off: by a person, because it answered 410, or because nothing got through for days.
  disabled_reason text,
  disabled_at timestamptz(3),
  -- The first failed attempt since the last success.
  failing_since timestamptz(3),
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  updated_at timestamptz(3) NOT NULL DEFAULT now(),
  CONSTRAINT webhook_endpoints_pkey PRIMARY KEY (id),
  CONSTRAINT webhook_endpoints_workspace_id_id_key UNIQUE (workspace_id, id),
  CONSTRAINT webhook_endpoints_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE,
  CONSTRAINT webhook_endpoints_disabled_check
    CHECK (is_enabled = (disabled_reason IS NULL) AND disabled_reason IN ('person', 'gone', 'failing'))
);

-- The newest signs; earlier ones sign beside it until they expire.
CREATE TABLE webhook_secrets (
  workspace_id uuid NOT NULL,
  endpoint_id uuid NOT NULL,
  version integer NOT NULL,
  sealed bytea NOT NULL,
  key_version integer NOT NULL,
  expires_at timestamptz(3),
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  CONSTRAINT webhook_secrets_pkey PRIMARY KEY (workspace_id, endpoint_id, version),
  CONSTRAINT webhook_secrets_endpoint_fkey
    FOREIGN KEY (workspace_id, endpoint_id) REFERENCES webhook_endpoints (workspace_id, id) ON DELETE CASCADE
);

CREATE TABLE webhook_deliveries (
  id uuid NOT NULL,
  workspace_id uuid NOT NULL,
  endpoint_id uuid NOT NULL,
  -- What happened. The same event comes to an endpoint once, however often it is told here.
  event_id uuid NOT NULL,
  event_type text NOT NULL,
  execution_id uuid,
  agent_id uuid,
  -- The body, byte for byte as it is signed and sent at every attempt.
  payload text NOT NULL,
  is_test boolean NOT NULL DEFAULT false,
  status text NOT NULL,
  -- When it is due, or due again if whoever has claimed it dies; null once it has ended.
  next_attempt_at timestamptz(3),
  -- Whoever has claimed it. A result under another claim is refused.
  lease_id uuid,
  -- In all, and since it was last driven anew.
  attempts integer NOT NULL DEFAULT 0,
  round_attempts integer NOT NULL DEFAULT 0,
  -- Of the last attempt.
  response_status integer,
  error_code text,
  error_message text,
  ended_at timestamptz(3),
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  CONSTRAINT webhook_deliveries_pkey PRIMARY KEY (id),
  CONSTRAINT webhook_deliveries_workspace_id_id_key UNIQUE (workspace_id, id),
  CONSTRAINT webhook_deliveries_event_key UNIQUE (workspace_id, endpoint_id, event_id),
  CONSTRAINT webhook_deliveries_endpoint_fkey
    FOREIGN KEY (workspace_id, endpoint_id) REFERENCES webhook_endpoints (workspace_id, id) ON DELETE CASCADE,
  CONSTRAINT webhook_deliveries_status_check CHECK (status IN ('PENDING', 'DELIVERED', 'FAILED', 'DEAD_LETTERED')),
  CONSTRAINT webhook_deliveries_due_check CHECK ((status = 'PENDING') = (next_attempt_at IS NOT NULL))
);
-- What is due, by endpoint, so that an endpoint with a backlog hides nobody else's.
CREATE INDEX webhook_deliveries_due_idx ON webhook_deliveries (endpoint_id, next_attempt_at) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX webhook_deliveries_log_idx ON webhook_deliveries (workspace_id, endpoint_id, id);
CREATE INDEX webhook_deliveries_status_idx ON webhook_deliveries (workspace_id, endpoint_id, status, id);

CREATE TABLE webhook_attempts (
  workspace_id uuid NOT NULL,
  delivery_id uuid NOT NULL,
  -- From 1.
  number integer NOT NULL,
  started_at timestamptz(3) NOT NULL,
  duration_ms integer NOT NULL,
  request_headers json NOT NULL,
  response_status integer,
  response_headers json,
  response_body text,
  is_body_cut boolean NOT NULL DEFAULT false,
  error_code text,
  error_message text,
  CONSTRAINT webhook_attempts_pkey PRIMARY KEY (workspace_id, delivery_id, number),
  CONSTRAINT webhook_attempts_delivery_fkey
    FOREIGN KEY (workspace_id, delivery_id) REFERENCES webhook_deliveries (workspace_id, id) ON DELETE CASCADE
);

DO $$
DECLARE
  tenant_table text;
BEGIN
  FOREACH tenant_table IN ARRAY ARRAY['webhook_endpoints', 'webhook_secrets', 'webhook_deliveries', 'webhook_attempts'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format(
      'CREATE POLICY workspace_rows ON %I USING (workspace_id = heddle_workspace_id()) WITH CHECK (workspace_id = heddle_workspace_id())',
      tenant_table);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO heddle_app', tenant_table);
  END LOOP;
END
$$;

GRANT SELECT (id, workspace_id, endpoint_id, next_attempt_at), UPDATE (next_attempt_at, lease_id), DELETE ON webhook_deliveries TO heddle_system;
CREATE POLICY lookup ON webhook_deliveries FOR SELECT TO heddle_system USING (true);
CREATE POLICY claim ON webhook_deliveries FOR UPDATE TO heddle_system USING (true) WITH CHECK (true);
CREATE POLICY clean_up ON webhook_deliveries FOR DELETE TO heddle_system USING (true);

-- Claims what is due: at most so many of each endpoint, and none of those that the caller is busy with. The walk from one
-- endpoint with pending deliveries to the next costs an index probe each, whatever their backlogs.
CREATE FUNCTION heddle_claim_webhook_deliveries(
  moment timestamptz, lease interval, lease_id uuid, most integer, most_per_endpoint integer, busy uuid[]
) RETURNS TABLE (id uuid, workspace_id uuid, endpoint_id uuid)
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  at timestamptz := coalesce(moment, now());
BEGIN
  RETURN QUERY
  WITH RECURSIVE waiting AS (
    (SELECT d.endpoint_id AS endpoint FROM webhook_deliveries d WHERE d.next_attempt_at IS NOT NULL ORDER BY d.endpoint_id LIMIT 1)
    UNION ALL
    SELECT (SELECT d.endpoint_id FROM webhook_deliveries d
            WHERE d.next_attempt_at IS NOT NULL AND d.endpoint_id > w.endpoint ORDER BY d.endpoint_id LIMIT 1)
    FROM waiting w WHERE w.endpoint IS NOT NULL
  ), chosen AS (
    -- In no order, so that nobody's endpoint is always the last.
    SELECT w.endpoint FROM waiting w
    WHERE w.endpoint IS NOT NULL AND w.endpoint <> ALL (busy)
      AND EXISTS (SELECT FROM webhook_deliveries d WHERE d.endpoint_id = w.endpoint AND d.next_attempt_at <= at)
    ORDER BY random() LIMIT most
  ), due AS (
    SELECT picked.id FROM chosen c CROSS JOIN LATERAL (
      SELECT d.id FROM webhook_deliveries d WHERE d.endpoint_id = c.endpoint AND d.next_attempt_at <= at
      ORDER BY d.next_attempt_at LIMIT most_per_endpoint FOR UPDATE SKIP LOCKED
    ) picked LIMIT most
  )
  UPDATE webhook_deliveries d SET next_attempt_at = at + lease, lease_id = $3
  FROM due WHERE d.id = due.id
  RETURNING d.id, d.workspace_id, d.endpoint_id;
END
$$;

-- Removes deliveries that ended and are older than the moment. Attempts go with them.
CREATE FUNCTION heddle_sweep_webhook_deliveries(before timestamptz, most integer) RETURNS integer
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
  removed integer;
BEGIN
  DELETE FROM webhook_deliveries d WHERE d.id IN (
    SELECT old.id FROM webhook_deliveries old
    WHERE old.id < heddle_uuid_at(before) AND old.next_attempt_at IS NULL
    ORDER BY old.id LIMIT most FOR UPDATE SKIP LOCKED
  );
  GET DIAGNOSTICS removed = ROW_COUNT;
  RETURN removed;
END
$$;

GRANT CREATE ON SCHEMA public TO heddle_system;
DO $$
DECLARE
  given text;
BEGIN
  FOREACH given IN ARRAY ARRAY['heddle_claim_webhook_deliveries(timestamptz, interval, uuid, integer, integer, uuid[])',
    'heddle_sweep_webhook_deliveries(timestamptz, integer)'] LOOP
    EXECUTE 'REVOKE ALL ON FUNCTION ' || given || ' FROM PUBLIC';
    EXECUTE 'GRANT EXECUTE ON FUNCTION ' || given || ' TO heddle_app';
    EXECUTE 'ALTER FUNCTION ' || given || ' OWNER TO heddle_system';
  END LOOP;
END
$$;
REVOKE CREATE ON SCHEMA public FROM heddle_system;
