-- Lists by status, newest first. Runs that completed are most of all: their list is that of all runs, and the run that is
-- written as completed at once pays for neither index.
CREATE INDEX executions_status_idx ON executions (workspace_id, status, id) WHERE status <> 'COMPLETED';
CREATE INDEX executions_agent_status_idx ON executions (workspace_id, agent_id, status, id) WHERE status <> 'COMPLETED';
