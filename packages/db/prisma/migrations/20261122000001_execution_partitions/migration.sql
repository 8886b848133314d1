-- Executions and their traces live in one partition a month, by the time in the first 48 bits of a UUIDv7. So the id alone
-- finds the partition, and old months are dropped, not deleted row by row.

CREATE TABLE executions_default PARTITION OF executions DEFAULT;
CREATE TABLE execution_traces_default PARTITION OF execution_traces DEFAULT;

-- The smallest UUIDv7 of a moment.
CREATE FUNCTION heddle_uuid_at(moment timestamptz) RETURNS uuid
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN (
    substr(lpad(to_hex(floor(extract(epoch FROM moment) * 1000)::bigint), 12, '0'), 1, 8) || '-' ||
    substr(lpad(to_hex(floor(extract(epoch FROM moment) * 1000)::bigint), 12, '0'), 9, 4) || '-0000-0000-000000000000'
  )::uuid;

-- A fresh UUIDv7, for rows that the database makes by itself.
CREATE FUNCTION heddle_uuid() RETURNS uuid
  LANGUAGE sql VOLATILE PARALLEL SAFE
  RETURN encode(
    set_bit(
      set_bit(
        overlay(
          uuid_send(gen_random_uuid())
          PLACING substring(int8send(floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3)
          FROM 1 FOR 6
        ),
        52, 1
      ),
      53, 1
    ),
    'hex'
  )::uuid;

-- Makes the partitions of this month and the coming ones where they are missing. Rows of such a month that went into the
-- default partition move over. A partition does not inherit its parent's row policies: with security on and no policy
-- of its own, it shows nothing to whoever names it directly.
CREATE FUNCTION heddle_ensure_partitions(months integer DEFAULT 3) RETURNS integer
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC'
AS $$
DECLARE
  parent text;
  id_column text;
  child text;
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
      CONTINUE WHEN to_regclass(child) IS NOT NULL;
      PERFORM pg_advisory_xact_lock(hashtext('heddle_ensure_partitions'));
      CONTINUE WHEN to_regclass(child) IS NOT NULL;
      id_column := CASE parent WHEN 'executions' THEN 'id' ELSE 'execution_id' END;
      EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', child, parent);
      EXECUTE format('ALTER TABLE %I NO FORCE ROW LEVEL SECURITY', parent || '_default');
      EXECUTE format(
        'WITH moved AS (DELETE FROM %1$I WHERE %2$I >= %3$L AND %2$I < %4$L RETURNING *) INSERT INTO %5$I SELECT * FROM moved',
        parent || '_default', id_column, lower_bound, upper_bound, child);
      EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', parent, child, lower_bound, upper_bound);
      EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', parent || '_default');
      EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', child);
      EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', child);
      EXECUTE format('REVOKE ALL ON %I FROM PUBLIC', child);
      made := made + 1;
    END LOOP;
  END LOOP;
  RETURN made;
END
$$;
REVOKE ALL ON FUNCTION heddle_ensure_partitions(integer) FROM PUBLIC;

ALTER TABLE executions_default ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE execution_traces_default ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

SELECT heddle_ensure_partitions();
