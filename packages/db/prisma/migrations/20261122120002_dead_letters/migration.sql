-- Runs that a worker took and that failed for good, kept for 14 days with all that is needed to try them again. No foreign
-- key leads from here, as none leads from executions: what fails a moment after its agent was deleted must still end.
CREATE TABLE dead_letters (
  workspace_id uuid NOT NULL,
  execution_id uuid NOT NULL,
  agent_id uuid NOT NULL,
  deployment_id uuid,
  version integer,
  config json,
  conversation_id text,
  trigger text NOT NULL,
  trigger_node text,
  input json NOT NULL,
  error json NOT NULL,
  attempts smallint NOT NULL,
  died_at timestamptz(3) NOT NULL DEFAULT now(),
  expires_at timestamptz(3) NOT NULL DEFAULT now() + interval '14 days',
  -- The execution that tries it again. Set before that is accepted, so that two redrives lead to one run.
  redriven_as uuid,
  redriven_at timestamptz(3),
  redriven_by text,
  CONSTRAINT dead_letters_pkey PRIMARY KEY (workspace_id, execution_id)
);
CREATE INDEX dead_letters_died_at_idx ON dead_letters (workspace_id, died_at DESC, execution_id DESC);
CREATE INDEX dead_letters_agent_idx ON dead_letters (workspace_id, agent_id);
CREATE INDEX dead_letters_expires_at_idx ON dead_letters (expires_at);

ALTER TABLE dead_letters ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY workspace_rows ON dead_letters USING (workspace_id = heddle_workspace_id()) WITH CHECK (workspace_id = heddle_workspace_id());
CREATE POLICY journal ON dead_letters TO heddle_journal USING (true) WITH CHECK (true);
CREATE POLICY clean_up ON dead_letters FOR DELETE TO heddle_system USING (true);
CREATE POLICY lookup ON dead_letters FOR SELECT TO heddle_system USING (true);
GRANT SELECT, DELETE, UPDATE (redriven_as, redriven_at, redriven_by) ON dead_letters TO heddle_app;
GRANT SELECT, INSERT, DELETE ON dead_letters TO heddle_journal;
GRANT SELECT (workspace_id, agent_id), DELETE ON dead_letters TO heddle_system;

-- Written by the statement that writes the outcome: a run can't fail and leave no letter.
CREATE FUNCTION heddle_bury_execution() RETURNS trigger
  LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$
BEGIN
  INSERT INTO dead_letters (workspace_id, execution_id, agent_id, deployment_id, version, config, conversation_id, trigger, trigger_node,
    input, error, attempts)
  VALUES (NEW.workspace_id, NEW.id, NEW.agent_id, NEW.deployment_id, NEW.version, NEW.config, NEW.conversation_id, NEW.trigger,
    NEW.trigger_node, NEW.input, coalesce(NEW.error, '{}'), NEW.attempt + 1)
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END
$$;
CREATE TRIGGER bury_execution AFTER UPDATE OF status ON executions
  FOR EACH ROW WHEN (NEW.status = 'FAILED' AND NEW.claimed_at IS NOT NULL AND NEW.trigger <> 'test')
  EXECUTE FUNCTION heddle_bury_execution();

-- An agent's letters go with it.
GRANT CREATE ON SCHEMA public TO heddle_system;
SET LOCAL ROLE heddle_system;
CREATE FUNCTION heddle_delete_dead_letters() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
  DELETE FROM dead_letters d WHERE d.workspace_id = OLD.workspace_id AND d.agent_id = OLD.id;
  RETURN NULL;
END
$$;
RESET ROLE;
REVOKE CREATE ON SCHEMA public FROM heddle_system;
CREATE TRIGGER delete_dead_letters AFTER DELETE ON agents FOR EACH ROW EXECUTE FUNCTION heddle_delete_dead_letters();
