-- The tables and their keys. Keys that lead to a workspace's row carry the workspace, so that no row can point into
-- another one. Row-level security follows in a migration of its own.

CREATE TABLE users (
  id uuid NOT NULL,
  email text NOT NULL,
  email_verified boolean NOT NULL DEFAULT false,
  name text,
  image text,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  updated_at timestamptz(3) NOT NULL DEFAULT now(),
  CONSTRAINT users_pkey PRIMARY KEY (id),
  CONSTRAINT users_email_key UNIQUE (email)
);

CREATE TABLE sessions (
  id uuid NOT NULL,
  user_id uuid NOT NULL,
  token text NOT NULL,
  expires_at timestamptz(3) NOT NULL,
  ip_address text,
  user_agent text,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  updated_at timestamptz(3) NOT NULL DEFAULT now(),
  CONSTRAINT sessions_pkey PRIMARY KEY (id),
  CONSTRAINT sessions_token_key UNIQUE (token)
);
CREATE INDEX sessions_user_id_idx ON sessions (user_id);

CREATE TABLE accounts (
  id uuid NOT NULL,
  user_id uuid NOT NULL,
  account_id text NOT NULL,
  provider_id text NOT NULL,
  issuer text,
  access_token text,
  refresh_token text,
  id_token text,
  access_token_expires_at timestamptz(3),
  refresh_token_expires_at timestamptz(3),
  scope text,
  password text,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  updated_at timestamptz(3) NOT NULL DEFAULT now(),
  CONSTRAINT accounts_pkey PRIMARY KEY (id),
  CONSTRAINT accounts_provider_id_account_id_key UNIQUE (provider_id, account_id)
);
CREATE INDEX accounts_user_id_idx ON accounts (user_id);

CREATE TABLE verifications (
  id uuid NOT NULL,
  identifier text NOT NULL,
  value text NOT NULL,
  expires_at timestamptz(3) NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  updated_at timestamptz(3) NOT NULL DEFAULT now(),
  CONSTRAINT verifications_pkey PRIMARY KEY (id)
);
CREATE INDEX verifications_identifier_idx ON verifications (identifier);

CREATE TABLE rate_limits (
  key text NOT NULL,
  count integer NOT NULL,
  expires_at timestamptz(3) NOT NULL,
  CONSTRAINT rate_limits_pkey PRIMARY KEY (key)
);
CREATE INDEX rate_limits_expires_at_idx ON rate_limits (expires_at);

CREATE TABLE workspaces (
  id uuid NOT NULL,
  name text NOT NULL,
  owner_id uuid NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  updated_at timestamptz(3) NOT NULL DEFAULT now(),
  CONSTRAINT workspaces_pkey PRIMARY KEY (id)
);
CREATE INDEX workspaces_owner_id_idx ON workspaces (owner_id);

CREATE TABLE workspace_members (
  id uuid NOT NULL,
  workspace_id uuid NOT NULL,
  user_id uuid NOT NULL,
  role text NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  CONSTRAINT workspace_members_pkey PRIMARY KEY (id),
  CONSTRAINT workspace_members_workspace_id_user_id_key UNIQUE (workspace_id, user_id)
);
CREATE INDEX workspace_members_user_id_idx ON workspace_members (user_id);

CREATE TABLE invitations (
  id uuid NOT NULL,
  workspace_id uuid NOT NULL,
  email text NOT NULL,
  role text NOT NULL,
  token_hash bytea NOT NULL,
  invited_by uuid,
  expires_at timestamptz(3) NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  CONSTRAINT invitations_pkey PRIMARY KEY (id),
  CONSTRAINT invitations_token_hash_key UNIQUE (token_hash),
  CONSTRAINT invitations_workspace_id_email_key UNIQUE (workspace_id, email)
);

CREATE TABLE api_keys (
  id uuid NOT NULL,
  workspace_id uuid NOT NULL,
  name text NOT NULL,
  prefix text NOT NULL,
  key_hash bytea NOT NULL,
  scopes text[] NOT NULL,
  created_by uuid,
  last_used_at timestamptz(3),
  expires_at timestamptz(3),
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  CONSTRAINT api_keys_pkey PRIMARY KEY (id),
  CONSTRAINT api_keys_key_hash_key UNIQUE (key_hash)
);
CREATE INDEX api_keys_workspace_id_idx ON api_keys (workspace_id);

CREATE TABLE agents (
  id uuid NOT NULL,
  workspace_id uuid NOT NULL,
  name text NOT NULL,
  description text,
  icon text,
  config json NOT NULL,
  template_id text,
  version integer NOT NULL DEFAULT 0,
  revision integer NOT NULL DEFAULT 1,
  status text NOT NULL DEFAULT 'DRAFT',
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  updated_at timestamptz(3) NOT NULL DEFAULT now(),
  CONSTRAINT agents_pkey PRIMARY KEY (id),
  CONSTRAINT agents_workspace_id_id_key UNIQUE (workspace_id, id)
);

CREATE TABLE agent_versions (
  id uuid NOT NULL,
  workspace_id uuid NOT NULL,
  agent_id uuid NOT NULL,
  number integer NOT NULL,
  config json NOT NULL,
  config_hash text NOT NULL,
  created_by uuid,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  CONSTRAINT agent_versions_pkey PRIMARY KEY (id),
  CONSTRAINT agent_versions_workspace_id_agent_id_number_key UNIQUE (workspace_id, agent_id, number)
);

CREATE TABLE deployments (
  id uuid NOT NULL,
  workspace_id uuid NOT NULL,
  agent_id uuid NOT NULL,
  version integer NOT NULL,
  url text,
  status text NOT NULL,
  config_hash text NOT NULL,
  deployed_by uuid,
  deployed_at timestamptz(3) NOT NULL DEFAULT now(),
  CONSTRAINT deployments_pkey PRIMARY KEY (id),
  CONSTRAINT deployments_workspace_id_id_key UNIQUE (workspace_id, id)
);
CREATE INDEX deployments_workspace_id_agent_id_idx ON deployments (workspace_id, agent_id);

CREATE TABLE agent_tests (
  id uuid NOT NULL,
  workspace_id uuid NOT NULL,
  agent_id uuid NOT NULL,
  name text NOT NULL,
  input json NOT NULL,
  expected_output json,
  assert json,
  result json,
  passed boolean,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  CONSTRAINT agent_tests_pkey PRIMARY KEY (id)
);
CREATE INDEX agent_tests_workspace_id_agent_id_idx ON agent_tests (workspace_id, agent_id);

CREATE TABLE templates (
  id uuid NOT NULL,
  workspace_id uuid,
  name text NOT NULL,
  description text NOT NULL,
  category text NOT NULL,
  config json NOT NULL,
  icon text,
  featured boolean NOT NULL DEFAULT false,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  CONSTRAINT templates_pkey PRIMARY KEY (id)
);
CREATE INDEX templates_workspace_id_idx ON templates (workspace_id);

CREATE TABLE executions (
  id uuid NOT NULL,
  workspace_id uuid NOT NULL,
  agent_id uuid NOT NULL,
  deployment_id uuid,
  version integer,
  config json,
  conversation_id text,
  trigger text NOT NULL,
  actor text,
  input json NOT NULL,
  output json,
  error json,
  status text NOT NULL,
  tokens_used integer,
  input_tokens integer,
  output_tokens integer,
  cost_usd double precision,
  latency integer,
  steps integer,
  started_at timestamptz(3) NOT NULL DEFAULT now(),
  completed_at timestamptz(3),
  lease_owner uuid,
  lease_epoch integer NOT NULL DEFAULT 0,
  lease_expires_at timestamptz(3),
  cancel_requested_at timestamptz(3),
  CONSTRAINT executions_pkey PRIMARY KEY (workspace_id, id)
) PARTITION BY RANGE (id);
CREATE INDEX executions_workspace_id_agent_id_id_idx ON executions (workspace_id, agent_id, id);

CREATE TABLE execution_traces (
  workspace_id uuid NOT NULL,
  execution_id uuid NOT NULL,
  key text NOT NULL,
  node_id text NOT NULL,
  type text NOT NULL,
  data json NOT NULL,
  timestamp timestamptz(3) NOT NULL,
  CONSTRAINT execution_traces_pkey PRIMARY KEY (workspace_id, execution_id, key)
) PARTITION BY RANGE (execution_id);

CREATE TABLE conversations (
  id uuid NOT NULL,
  workspace_id uuid NOT NULL,
  agent_id uuid NOT NULL,
  key text NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  updated_at timestamptz(3) NOT NULL DEFAULT now(),
  CONSTRAINT conversations_pkey PRIMARY KEY (id),
  CONSTRAINT conversations_workspace_id_id_key UNIQUE (workspace_id, id),
  CONSTRAINT conversations_workspace_id_agent_id_key_key UNIQUE (workspace_id, agent_id, key)
);

CREATE TABLE conversation_messages (
  id uuid NOT NULL,
  workspace_id uuid NOT NULL,
  conversation_id uuid NOT NULL,
  role text NOT NULL,
  content text NOT NULL,
  idempotency_key text NOT NULL,
  position integer NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  CONSTRAINT conversation_messages_pkey PRIMARY KEY (id),
  CONSTRAINT conversation_messages_workspace_id_conversation_id_idempotency_key_position_key UNIQUE (workspace_id, conversation_id, idempotency_key, position)
);
CREATE INDEX conversation_messages_workspace_id_conversation_id_id_idx ON conversation_messages (workspace_id, conversation_id, id);

CREATE TABLE memory_entries (
  workspace_id uuid NOT NULL,
  scope text NOT NULL,
  owner text NOT NULL,
  key text NOT NULL,
  value json NOT NULL,
  expires_at timestamptz(3),
  updated_at timestamptz(3) NOT NULL DEFAULT now(),
  CONSTRAINT memory_entries_pkey PRIMARY KEY (workspace_id, scope, owner, key)
);

CREATE TABLE idempotency_records (
  workspace_id uuid NOT NULL,
  scope text NOT NULL,
  key text NOT NULL,
  request_hash bytea NOT NULL,
  execution_id uuid,
  status integer,
  response json,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  expires_at timestamptz(3) NOT NULL,
  CONSTRAINT idempotency_records_pkey PRIMARY KEY (workspace_id, scope, key)
);
CREATE INDEX idempotency_records_expires_at_idx ON idempotency_records (expires_at);

CREATE TABLE datasets (
  id uuid NOT NULL,
  workspace_id uuid NOT NULL,
  name text NOT NULL,
  version integer NOT NULL DEFAULT 1,
  columns text[] NOT NULL,
  text_column text NOT NULL,
  label_column text,
  row_count integer NOT NULL,
  labels json NOT NULL,
  rejected json NOT NULL,
  source text,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  updated_at timestamptz(3) NOT NULL DEFAULT now(),
  CONSTRAINT datasets_pkey PRIMARY KEY (id),
  CONSTRAINT datasets_workspace_id_id_key UNIQUE (workspace_id, id),
  CONSTRAINT datasets_workspace_id_name_key UNIQUE (workspace_id, name)
);

CREATE TABLE dataset_rows (
  workspace_id uuid NOT NULL,
  dataset_id uuid NOT NULL,
  id integer NOT NULL,
  text text NOT NULL,
  label text,
  CONSTRAINT dataset_rows_pkey PRIMARY KEY (workspace_id, dataset_id, id)
);

CREATE TABLE classifiers (
  workspace_id uuid NOT NULL,
  dataset_id uuid NOT NULL,
  version integer NOT NULL,
  status text NOT NULL,
  progress double precision NOT NULL DEFAULT 0,
  stage text,
  accuracy double precision,
  confusions json,
  error json,
  artefact bytea,
  model text,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  updated_at timestamptz(3) NOT NULL DEFAULT now(),
  CONSTRAINT classifiers_pkey PRIMARY KEY (workspace_id, dataset_id, version)
);

CREATE TABLE knowledge_bases (
  id uuid NOT NULL,
  workspace_id uuid NOT NULL,
  name text NOT NULL,
  revision integer NOT NULL DEFAULT 0,
  source text,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  updated_at timestamptz(3) NOT NULL DEFAULT now(),
  CONSTRAINT knowledge_bases_pkey PRIMARY KEY (id),
  CONSTRAINT knowledge_bases_workspace_id_id_key UNIQUE (workspace_id, id),
  CONSTRAINT knowledge_bases_workspace_id_name_key UNIQUE (workspace_id, name)
);

CREATE TABLE knowledge_documents (
  id uuid NOT NULL,
  workspace_id uuid NOT NULL,
  knowledge_base_id uuid NOT NULL,
  name text NOT NULL,
  media_type text NOT NULL,
  bytes integer NOT NULL,
  status text NOT NULL,
  error json,
  content text NOT NULL,
  passage_count integer NOT NULL DEFAULT 0,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  CONSTRAINT knowledge_documents_pkey PRIMARY KEY (id),
  CONSTRAINT knowledge_documents_workspace_id_id_key UNIQUE (workspace_id, id)
);
CREATE INDEX knowledge_documents_workspace_id_knowledge_base_id_idx ON knowledge_documents (workspace_id, knowledge_base_id);

CREATE TABLE knowledge_passages (
  workspace_id uuid NOT NULL,
  document_id uuid NOT NULL,
  chunk integer NOT NULL,
  knowledge_base_id uuid NOT NULL,
  section text,
  text text NOT NULL,
  vector bytea NOT NULL,
  model text NOT NULL,
  CONSTRAINT knowledge_passages_pkey PRIMARY KEY (workspace_id, document_id, chunk)
);
CREATE INDEX knowledge_passages_workspace_id_knowledge_base_id_idx ON knowledge_passages (workspace_id, knowledge_base_id);

CREATE TABLE workspace_keys (
  workspace_id uuid NOT NULL,
  version integer NOT NULL,
  wrapped bytea NOT NULL,
  wrapped_by text NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  CONSTRAINT workspace_keys_pkey PRIMARY KEY (workspace_id, version)
);

CREATE TABLE credentials (
  id uuid NOT NULL,
  workspace_id uuid NOT NULL,
  name text NOT NULL,
  type text NOT NULL,
  fields json NOT NULL,
  allowed_hosts text[] NOT NULL,
  sealed bytea NOT NULL,
  key_version integer NOT NULL,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  updated_at timestamptz(3) NOT NULL DEFAULT now(),
  CONSTRAINT credentials_pkey PRIMARY KEY (id),
  CONSTRAINT credentials_workspace_id_id_key UNIQUE (workspace_id, id),
  CONSTRAINT credentials_workspace_id_name_key UNIQUE (workspace_id, name)
);

CREATE TABLE audit_events (
  id uuid NOT NULL,
  workspace_id uuid NOT NULL,
  sequence integer NOT NULL,
  actor text NOT NULL,
  action text NOT NULL,
  target text,
  details json,
  at timestamptz(3) NOT NULL,
  hash bytea NOT NULL,
  CONSTRAINT audit_events_pkey PRIMARY KEY (id),
  CONSTRAINT audit_events_workspace_id_sequence_key UNIQUE (workspace_id, sequence)
);

CREATE TABLE audit_heads (
  workspace_id uuid NOT NULL,
  sequence integer NOT NULL,
  hash bytea NOT NULL,
  CONSTRAINT audit_heads_pkey PRIMARY KEY (workspace_id)
);

ALTER TABLE sessions ADD CONSTRAINT sessions_user_id_fkey
  FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE;
ALTER TABLE accounts ADD CONSTRAINT accounts_user_id_fkey
  FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE;
ALTER TABLE workspace_members ADD CONSTRAINT workspace_members_workspace_id_fkey
  FOREIGN KEY (workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE;
ALTER TABLE workspace_members ADD CONSTRAINT workspace_members_user_id_fkey
  FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE;
ALTER TABLE invitations ADD CONSTRAINT invitations_workspace_id_fkey
  FOREIGN KEY (workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE;
ALTER TABLE api_keys ADD CONSTRAINT api_keys_workspace_id_fkey
  FOREIGN KEY (workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE;
ALTER TABLE agents ADD CONSTRAINT agents_workspace_id_fkey
  FOREIGN KEY (workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE;
ALTER TABLE agent_versions ADD CONSTRAINT agent_versions_workspace_id_agent_id_fkey
  FOREIGN KEY (workspace_id, agent_id) REFERENCES agents (workspace_id, id) ON DELETE CASCADE;
ALTER TABLE deployments ADD CONSTRAINT deployments_workspace_id_agent_id_fkey
  FOREIGN KEY (workspace_id, agent_id) REFERENCES agents (workspace_id, id) ON DELETE CASCADE;
ALTER TABLE deployments ADD CONSTRAINT deployments_workspace_id_agent_id_version_fkey
  FOREIGN KEY (workspace_id, agent_id, version) REFERENCES agent_versions (workspace_id, agent_id, number) ON DELETE CASCADE;
ALTER TABLE agent_tests ADD CONSTRAINT agent_tests_workspace_id_agent_id_fkey
  FOREIGN KEY (workspace_id, agent_id) REFERENCES agents (workspace_id, id) ON DELETE CASCADE;
ALTER TABLE conversations ADD CONSTRAINT conversations_workspace_id_fkey
  FOREIGN KEY (workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE;
ALTER TABLE conversation_messages ADD CONSTRAINT conversation_messages_workspace_id_conversation_id_fkey
  FOREIGN KEY (workspace_id, conversation_id) REFERENCES conversations (workspace_id, id) ON DELETE CASCADE;
ALTER TABLE memory_entries ADD CONSTRAINT memory_entries_workspace_id_fkey
  FOREIGN KEY (workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE;
ALTER TABLE datasets ADD CONSTRAINT datasets_workspace_id_fkey
  FOREIGN KEY (workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE;
ALTER TABLE dataset_rows ADD CONSTRAINT dataset_rows_workspace_id_dataset_id_fkey
  FOREIGN KEY (workspace_id, dataset_id) REFERENCES datasets (workspace_id, id) ON DELETE CASCADE;
ALTER TABLE classifiers ADD CONSTRAINT classifiers_workspace_id_dataset_id_fkey
  FOREIGN KEY (workspace_id, dataset_id) REFERENCES datasets (workspace_id, id) ON DELETE CASCADE;
ALTER TABLE knowledge_bases ADD CONSTRAINT knowledge_bases_workspace_id_fkey
  FOREIGN KEY (workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE;
ALTER TABLE knowledge_documents ADD CONSTRAINT knowledge_documents_workspace_id_knowledge_base_id_fkey
  FOREIGN KEY (workspace_id, knowledge_base_id) REFERENCES knowledge_bases (workspace_id, id) ON DELETE CASCADE;
ALTER TABLE knowledge_passages ADD CONSTRAINT knowledge_passages_workspace_id_document_id_fkey
  FOREIGN KEY (workspace_id, document_id) REFERENCES knowledge_documents (workspace_id, id) ON DELETE CASCADE;
ALTER TABLE workspace_keys ADD CONSTRAINT workspace_keys_workspace_id_fkey
  FOREIGN KEY (workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE;
ALTER TABLE credentials ADD CONSTRAINT credentials_workspace_id_fkey
  FOREIGN KEY (workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE;
ALTER TABLE workspaces ADD CONSTRAINT workspaces_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES users (id);

ALTER TABLE workspace_members ADD CONSTRAINT workspace_members_role_check CHECK (role IN ('OWNER', 'ADMIN', 'MEMBER', 'VIEWER'));
ALTER TABLE invitations ADD CONSTRAINT invitations_role_check CHECK (role IN ('ADMIN', 'MEMBER', 'VIEWER'));
ALTER TABLE api_keys ADD CONSTRAINT api_keys_scopes_check CHECK (scopes <@ ARRAY['read', 'write', 'deploy']);
ALTER TABLE agents ADD CONSTRAINT agents_status_check CHECK (status IN ('DRAFT', 'PUBLISHED', 'ARCHIVED'));
ALTER TABLE deployments ADD CONSTRAINT deployments_status_check CHECK (status IN ('ACTIVE', 'INACTIVE', 'ERROR'));
ALTER TABLE classifiers ADD CONSTRAINT classifiers_status_check CHECK (status IN ('queued', 'training', 'ready', 'failed'));
ALTER TABLE knowledge_documents ADD CONSTRAINT knowledge_documents_status_check CHECK (status IN ('indexing', 'ready', 'failed'));
ALTER TABLE executions ADD CONSTRAINT executions_status_check
  CHECK (status IN ('PENDING', 'RUNNING', 'WAITING', 'COMPLETED', 'FAILED', 'CANCELLED'));

-- What the sweep reads: runs whose owner has stopped renewing its lease.
CREATE INDEX executions_unfinished_idx ON executions (lease_expires_at) WHERE status IN ('PENDING', 'RUNNING');
