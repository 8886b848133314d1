-- A run that begins to wait is told to whoever waits for that, in the statement that suspends it. Runs that never wait
-- never come here.
CREATE FUNCTION heddle_tell_waiting() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
  INSERT INTO execution_outbox (workspace_id, execution_id, event)
  SELECT NEW.workspace_id, NEW.id, 'execution.waiting'
  WHERE EXISTS (SELECT FROM execution_subscribers s WHERE s.workspace_id = NEW.workspace_id AND 'execution.waiting' = ANY (s.events))
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END
$$;

CREATE TRIGGER tell_waiting AFTER UPDATE OF status ON executions
  FOR EACH ROW WHEN (NEW.status = 'WAITING' AND OLD.status IS DISTINCT FROM 'WAITING')
  EXECUTE FUNCTION heddle_tell_waiting();

GRANT INSERT ON execution_outbox TO heddle_system;
GRANT SELECT (execution_id, event) ON execution_outbox TO heddle_system;
CREATE POLICY tell ON execution_outbox FOR INSERT TO heddle_system WITH CHECK (true);

GRANT CREATE ON SCHEMA public TO heddle_system;
REVOKE ALL ON FUNCTION heddle_tell_waiting() FROM PUBLIC;
ALTER FUNCTION heddle_tell_waiting() OWNER TO heddle_system;
REVOKE CREATE ON SCHEMA public FROM heddle_system;
