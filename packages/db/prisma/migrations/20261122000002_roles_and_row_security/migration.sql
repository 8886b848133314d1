-- Who may touch what. None of these roles owns a table or may bypass row-level security:
--   heddle_app      what serves requests: a workspace's rows, once app.workspace_id names the workspace
--   heddle_auth     sign-in: people, sessions, passwords, and nothing of any workspace
--   heddle_journal  executions and traces of all workspaces, so that one statement can commit many runs
--   heddle_system   owns the functions that find a tenant before one is known; nobody logs in as it
-- Roles belong to the whole server, so another database may have made them already.
DO $$
DECLARE
  wanted text;
BEGIN
  FOREACH wanted IN ARRAY ARRAY['heddle_app', 'heddle_auth', 'heddle_journal', 'heddle_system'] LOOP
    BEGIN
      EXECUTE format('CREATE ROLE %I NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS', wanted);
    EXCEPTION WHEN duplicate_object OR unique_violation THEN
      NULL;
    END;
    -- The owner may act as them, and gains nothing from them unless it does.
    IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
      EXECUTE format('GRANT %I TO CURRENT_USER WITH INHERIT FALSE, SET TRUE', wanted);
    END IF;
  END LOOP;
END
$$;

REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO heddle_app, heddle_auth, heddle_journal, heddle_system;

-- The workspace and the person of the current transaction. After a transaction that set one, it is '' and not null.
CREATE FUNCTION heddle_workspace_id() RETURNS uuid
  LANGUAGE sql STABLE PARALLEL SAFE
  RETURN NULLIF(current_setting('app.workspace_id', true), '')::uuid;
CREATE FUNCTION heddle_user_id() RETURNS uuid
  LANGUAGE sql STABLE PARALLEL SAFE
  RETURN NULLIF(current_setting('app.user_id', true), '')::uuid;

-- Every table with a workspace: its rows are those of the current workspace, for reading and for writing.
DO $$
DECLARE
  tenant_table text;
BEGIN
  FOR tenant_table IN
    SELECT c.relname
    FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'workspace_id'
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
  LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format(
      'CREATE POLICY workspace_rows ON %I USING (workspace_id = heddle_workspace_id()) WITH CHECK (workspace_id = heddle_workspace_id())',
      tenant_table);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO heddle_app', tenant_table);
  END LOOP;
END
$$;

-- A workspace, and who is in it, is also seen by its members before they have entered it.
ALTER TABLE workspaces ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON workspaces TO heddle_app;
CREATE POLICY workspace_rows ON workspaces USING (id = heddle_workspace_id()) WITH CHECK (id = heddle_workspace_id());
CREATE POLICY own_memberships ON workspace_members FOR SELECT USING (user_id = heddle_user_id());
CREATE POLICY own_workspaces ON workspaces FOR SELECT
  USING (EXISTS (SELECT FROM workspace_members m WHERE m.workspace_id = workspaces.id AND m.user_id = heddle_user_id()));

-- Published templates belong to nobody.
CREATE POLICY shared_templates ON templates FOR SELECT USING (workspace_id IS NULL);

-- People: heddle_app sees the names of the current workspace's members and of the person who asks.
ALTER TABLE users ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE sessions ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE accounts ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE verifications ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE rate_limits ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON users, sessions, accounts, verifications, rate_limits TO heddle_auth;
CREATE POLICY sign_in ON users TO heddle_auth USING (true) WITH CHECK (true);
CREATE POLICY sign_in ON sessions TO heddle_auth USING (true) WITH CHECK (true);
CREATE POLICY sign_in ON accounts TO heddle_auth USING (true) WITH CHECK (true);
CREATE POLICY sign_in ON verifications TO heddle_auth USING (true) WITH CHECK (true);
CREATE POLICY sign_in ON rate_limits TO heddle_auth USING (true) WITH CHECK (true);
GRANT SELECT ON users TO heddle_app;
CREATE POLICY colleagues ON users FOR SELECT TO heddle_app
  USING (id = heddle_user_id()
    OR EXISTS (SELECT FROM workspace_members m WHERE m.user_id = users.id AND m.workspace_id = heddle_workspace_id()));

-- The audit log only grows, and runs are written by the journal; requests may ask for a cancel and read.
REVOKE UPDATE, DELETE ON audit_events FROM heddle_app;
REVOKE DELETE ON audit_heads FROM heddle_app;
REVOKE INSERT, UPDATE, DELETE ON executions, execution_traces FROM heddle_app;
GRANT UPDATE (cancel_requested_at) ON executions TO heddle_app;
GRANT SELECT, INSERT, UPDATE ON executions, execution_traces TO heddle_journal;
CREATE POLICY journal ON executions TO heddle_journal USING (true) WITH CHECK (true);
CREATE POLICY journal ON execution_traces TO heddle_journal USING (true) WITH CHECK (true);
GRANT EXECUTE ON FUNCTION heddle_ensure_partitions(integer) TO heddle_journal;
