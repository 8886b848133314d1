-- What must be found before a workspace is known. Each function answers one question, and its owner may read only the
-- columns that the question needs.

DO $$
DECLARE
  looked_up text;
BEGIN
  FOREACH looked_up IN ARRAY ARRAY['agents', 'deployments', 'executions', 'datasets', 'knowledge_bases', 'knowledge_documents',
    'credentials', 'api_keys', 'invitations', 'classifiers', 'workspace_members', 'workspace_keys'] LOOP
    EXECUTE format('CREATE POLICY lookup ON %I FOR SELECT TO heddle_system USING (true)', looked_up);
  END LOOP;
END
$$;
GRANT SELECT (workspace_id, id) ON agents, deployments, executions, datasets, knowledge_bases, knowledge_documents, credentials TO heddle_system;
GRANT SELECT (workspace_id, id, name, key_hash, scopes, expires_at, created_by) ON api_keys TO heddle_system;
GRANT SELECT (workspace_id, id, email, role, token_hash, expires_at) ON invitations TO heddle_system;
GRANT SELECT (workspace_id, dataset_id, version, status) ON classifiers TO heddle_system;
GRANT SELECT (status) ON knowledge_documents TO heddle_system;
GRANT SELECT (workspace_id, user_id, role) ON workspace_members TO heddle_system;
GRANT SELECT (workspace_id, version, wrapped_by) ON workspace_keys TO heddle_system;

-- Where a thing is, if the person is a member there.
CREATE FUNCTION heddle_locate(kind text, thing uuid, person uuid) RETURNS TABLE (workspace_id uuid, role text)
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
#variable_conflict use_column
BEGIN
  CASE kind
    WHEN 'workspace' THEN RETURN QUERY SELECT m.workspace_id, m.role FROM workspace_members m WHERE m.user_id = person AND m.workspace_id = thing;
    WHEN 'agent' THEN RETURN QUERY SELECT m.workspace_id, m.role FROM agents t JOIN workspace_members m USING (workspace_id) WHERE t.id = thing AND m.user_id = person;
    WHEN 'deployment' THEN RETURN QUERY SELECT m.workspace_id, m.role FROM deployments t JOIN workspace_members m USING (workspace_id) WHERE t.id = thing AND m.user_id = person;
    WHEN 'execution' THEN RETURN QUERY SELECT m.workspace_id, m.role FROM workspace_members m JOIN executions t USING (workspace_id) WHERE t.id = thing AND m.user_id = person;
    WHEN 'dataset' THEN RETURN QUERY SELECT m.workspace_id, m.role FROM datasets t JOIN workspace_members m USING (workspace_id) WHERE t.id = thing AND m.user_id = person;
    WHEN 'knowledgeBase' THEN RETURN QUERY SELECT m.workspace_id, m.role FROM knowledge_bases t JOIN workspace_members m USING (workspace_id) WHERE t.id = thing AND m.user_id = person;
    WHEN 'knowledgeDocument' THEN RETURN QUERY SELECT m.workspace_id, m.role FROM knowledge_documents t JOIN workspace_members m USING (workspace_id) WHERE t.id = thing AND m.user_id = person;
    WHEN 'credential' THEN RETURN QUERY SELECT m.workspace_id, m.role FROM credentials t JOIN workspace_members m USING (workspace_id) WHERE t.id = thing AND m.user_id = person;
    WHEN 'apiKey' THEN RETURN QUERY SELECT m.workspace_id, m.role FROM api_keys t JOIN workspace_members m USING (workspace_id) WHERE t.id = thing AND m.user_id = person;
  END CASE;
END
$$;

CREATE FUNCTION heddle_find_api_key(hash bytea)
  RETURNS TABLE (id uuid, workspace_id uuid, name text, scopes text[], expires_at timestamptz, created_by uuid)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
  SELECT k.id, k.workspace_id, k.name, k.scopes, k.expires_at, k.created_by FROM api_keys k WHERE k.key_hash = hash
$$;

-- For public endpoints: a webhook names nothing but the deployment.
CREATE FUNCTION heddle_deployment_workspace(deployment uuid) RETURNS uuid
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
  SELECT d.workspace_id FROM deployments d WHERE d.id = deployment
$$;

CREATE FUNCTION heddle_find_invitation(hash bytea)
  RETURNS TABLE (id uuid, workspace_id uuid, email text, role text, expires_at timestamptz)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
  SELECT i.id, i.workspace_id, i.email, i.role, i.expires_at FROM invitations i WHERE i.token_hash = hash
$$;

-- Background work that a stopped process left behind.
CREATE FUNCTION heddle_unfinished_work() RETURNS TABLE (kind text, workspace_id uuid, id uuid)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
  SELECT 'classifier', c.workspace_id, c.dataset_id FROM classifiers c WHERE c.status IN ('queued', 'training')
  UNION ALL
  SELECT 'knowledgeDocument', d.workspace_id, d.id FROM knowledge_documents d WHERE d.status = 'indexing'
$$;

-- Data keys that another key wraps than the current one.
CREATE FUNCTION heddle_keys_to_rewrap(current_key text) RETURNS TABLE (workspace_id uuid, version integer)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
  SELECT k.workspace_id, k.version FROM workspace_keys k WHERE k.wrapped_by <> current_key
$$;

-- A person never exists without a workspace of their own, whichever way they signed up.
GRANT INSERT ON workspaces, workspace_members TO heddle_system;
CREATE POLICY sign_up ON workspaces FOR INSERT TO heddle_system WITH CHECK (true);
CREATE POLICY sign_up ON workspace_members FOR INSERT TO heddle_system WITH CHECK (true);
CREATE FUNCTION heddle_make_personal_workspace() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
  workspace uuid := heddle_uuid();
BEGIN
  INSERT INTO workspaces (id, name, owner_id)
    VALUES (workspace, left(coalesce(nullif(trim(NEW.name), ''), split_part(NEW.email, '@', 1)), 100) || '''s workspace', NEW.id);
  INSERT INTO workspace_members (id, workspace_id, user_id, role) VALUES (heddle_uuid(), workspace, NEW.id, 'OWNER');
  RETURN NULL;
END
$$;
CREATE TRIGGER make_personal_workspace AFTER INSERT ON users
  FOR EACH ROW EXECUTE FUNCTION heddle_make_personal_workspace();

-- An agent's executions go with it.
GRANT SELECT (agent_id), DELETE ON executions TO heddle_system;
GRANT SELECT (workspace_id, execution_id), DELETE ON execution_traces TO heddle_system;
CREATE POLICY clean_up ON executions FOR DELETE TO heddle_system USING (true);
CREATE POLICY clean_up ON execution_traces FOR DELETE TO heddle_system USING (true);
CREATE POLICY lookup ON execution_traces FOR SELECT TO heddle_system USING (true);
CREATE FUNCTION heddle_delete_executions() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
  WITH gone AS (
    DELETE FROM executions e WHERE e.workspace_id = OLD.workspace_id AND e.agent_id = OLD.id RETURNING e.id
  )
  DELETE FROM execution_traces t USING gone WHERE t.workspace_id = OLD.workspace_id AND t.execution_id = gone.id;
  RETURN NULL;
END
$$;
CREATE TRIGGER delete_executions AFTER DELETE ON agents
  FOR EACH ROW EXECUTE FUNCTION heddle_delete_executions();

-- To give a function away, its new owner must be able to make one here; only for this moment.
GRANT CREATE ON SCHEMA public TO heddle_system;
DO $$
DECLARE
  given text;
BEGIN
  FOREACH given IN ARRAY ARRAY['heddle_locate(text, uuid, uuid)', 'heddle_find_api_key(bytea)', 'heddle_deployment_workspace(uuid)',
    'heddle_find_invitation(bytea)', 'heddle_unfinished_work()', 'heddle_keys_to_rewrap(text)',
    'heddle_make_personal_workspace()', 'heddle_delete_executions()'] LOOP
    EXECUTE 'REVOKE ALL ON FUNCTION ' || given || ' FROM PUBLIC';
    IF given NOT IN ('heddle_make_personal_workspace()', 'heddle_delete_executions()') THEN
      EXECUTE 'GRANT EXECUTE ON FUNCTION ' || given || ' TO heddle_app';
    END IF;
    EXECUTE 'ALTER FUNCTION ' || given || ' OWNER TO heddle_system';
  END LOOP;
END
$$;
REVOKE CREATE ON SCHEMA public FROM heddle_system;
