-- What each worker has taken from the queue lately, so that none runs ahead of another that could take it. Not logged: after
-- a crash of the server they begin anew, and a claim costs no write to the disk.
CREATE UNLOGGED TABLE queue_workers (
  owner uuid NOT NULL,
  load double precision NOT NULL,
  busy double precision NOT NULL,
  asked_at timestamptz(3) NOT NULL,
  CONSTRAINT queue_workers_pkey PRIMARY KEY (owner)
);
ALTER TABLE queue_workers ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON queue_workers TO heddle_journal;
CREATE POLICY workers ON queue_workers TO heddle_journal USING (true) WITH CHECK (true);
