/** PostgreSQL settings by name. */
export type ServerSettings = Record<string, string>;

/** Small at rest, and as durable as PostgreSQL can be. */
export const SERVER_SETTINGS: ServerSettings = {
  listen_addresses: "",
  unix_socket_permissions: "0700",
  max_connections: "60",
  shared_buffers: "32MB",
  work_mem: "4MB",
  maintenance_work_mem: "48MB",
  temp_buffers: "2MB",
  huge_pages: "off",
  jit: "off",
  max_parallel_workers_per_gather: "0",
  max_worker_processes: "2",
  // PostgreSQL 18's default keeps three processes for reading ahead.
  io_method: "sync",
  fsync: "on",
  synchronous_commit: "on",
  // Nothing replicates from this server, so the log need not carry what replicas want.
  wal_level: "minimal",
  max_wal_senders: "0",
  max_logical_replication_workers: "0",
  min_wal_size: "64MB",
  max_wal_size: "512MB",
  timezone: "UTC",
  log_timezone: "UTC",
  log_checkpoints: "off",
  // People's data must not get into the log: no statements, no values, no failing rows.
  log_min_messages: "warning",
  log_min_error_statement: "panic",
  log_error_verbosity: "terse",
  log_parameter_max_length_on_error: "0",
};
