-- Drops one partition whose every row is past its days, with the steps that lie beside it, and tells which. A partition
-- with runs that have not ended is kept until they have. What is locked for longer than a moment is left for the next
-- time: whoever waits for a table's lock makes all that come after it wait too. (To detach concurrently would need the
-- owner's connection, which no process keeps.)
CREATE FUNCTION heddle_drop_expired_partition(passed_over text[] DEFAULT '{}') RETURNS TABLE (name text, outcome text)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' SET lock_timeout = '300ms'
AS $$
DECLARE
  leaf record;
  has_unfinished boolean;
  steps text;
BEGIN
  FOR leaf IN
    SELECT child.relname AS name, month.relname AS month FROM pg_inherits i
    JOIN pg_class month ON month.oid = i.inhrelid AND month.relkind = 'p'
    JOIN pg_inherits j ON j.inhparent = month.oid
    JOIN pg_class child ON child.oid = j.inhrelid
    WHERE i.inhparent = 'executions'::regclass AND child.relname ~ '^executions_\d{4}_\d{2}_\d+$'
      AND to_date(substr(month.relname, 12), 'YYYY_MM') + interval '1 month'
        + make_interval(days => substring(child.relname FROM '\d+$')::integer) <= now()
      AND child.relname <> ALL (passed_over)
    ORDER BY child.relname
  LOOP
    name := leaf.name;
    steps := replace(leaf.name, 'executions_', 'execution_traces_');
    BEGIN
      EXECUTE format('ALTER TABLE %I NO FORCE ROW LEVEL SECURITY', leaf.name);
      EXECUTE format('SELECT EXISTS (SELECT FROM %I WHERE status IN (''PENDING'', ''RUNNING'', ''WAITING''))', leaf.name) INTO has_unfinished;
      EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', leaf.name);
      IF has_unfinished THEN
        outcome := 'unfinished';
      ELSE
        EXECUTE format('DROP TABLE IF EXISTS %I', steps);
        EXECUTE format('DROP TABLE %I', leaf.name);
        outcome := 'dropped';
      END IF;
    EXCEPTION WHEN lock_not_available THEN
      outcome := 'busy';
    END;
    RETURN NEXT;
    RETURN;
  END LOOP;
END
$$;
REVOKE ALL ON FUNCTION heddle_drop_expired_partition(text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION heddle_drop_expired_partition(text[]) TO heddle_journal;

-- What a partition takes along: what its runs waited for. And what has run out by its own date.
GRANT DELETE ON execution_waits TO heddle_journal;
GRANT SELECT (workspace_id, expires_at), DELETE ON idempotency_records, memory_entries TO heddle_journal;
CREATE POLICY run_out ON idempotency_records TO heddle_journal USING (expires_at < now()) WITH CHECK (false);
CREATE POLICY run_out ON memory_entries TO heddle_journal USING (expires_at < now()) WITH CHECK (false);
