-- The queue is the rows that are PENDING and due. Workers take those of one workspace at a time, by priority and age; what
-- was lost with its owner, or has waited long enough, becomes PENDING again first.
ALTER TABLE executions
  -- When a worker took the run; null for runs of the process that got the call.
  ADD COLUMN claimed_at timestamptz(3),
  -- Owners in a row that vanished without having recorded a step.
  ADD COLUMN crashes smallint NOT NULL DEFAULT 0;

CREATE INDEX executions_queue_idx ON executions (workspace_id, priority DESC, lease_expires_at) WHERE status = 'PENDING';
CREATE INDEX executions_held_idx ON executions (workspace_id, status, lease_expires_at) WHERE status IN ('RUNNING', 'WAITING');
DROP INDEX executions_unfinished_idx;
