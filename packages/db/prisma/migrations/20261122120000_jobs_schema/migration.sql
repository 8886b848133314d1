-- Where hints wait when the queue is PostgreSQL: a schema of its own, which heddle_jobs owns, because pg-boss makes and
-- changes its tables itself. The role owns nothing else and may read nothing of any workspace.
DO $$
BEGIN
  BEGIN
    CREATE ROLE heddle_jobs NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
  EXCEPTION WHEN duplicate_object OR unique_violation THEN
    NULL;
  END;
  -- The owner may act as it, and gains nothing from it unless it does.
  IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
    EXECUTE 'GRANT heddle_jobs TO CURRENT_USER WITH INHERIT FALSE, SET TRUE';
  END IF;
END
$$;

CREATE SCHEMA heddle_jobs AUTHORIZATION heddle_jobs;
