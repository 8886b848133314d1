export { compileAgent } from "./compile-agent.ts";
export type { CompiledAgent, CompiledNode } from "./compiled-agent.ts";
export type {
  AnsweredWait,
  ExecutionControl,
  ExecutionJournal,
  ExecutionState,
  JournaledRequest,
  JournaledWait,
  LeasedJournal,
  TakenRun,
  WaitAnswer,
} from "./execution-journal.ts";
export { MemoryExecutions, type MemoryExecutionsOptions, type SavedExecutions } from "./memory-executions.ts";
export { MemoryJournal } from "./memory-journal.ts";
export type { AgentPort, Clock, Journal, Limits, RunOptions, WaitPort } from "./ports.ts";
export { runAgent } from "./run-agent.ts";
export { streamAgent } from "./stream-agent.ts";
export { systemClock, systemRandom } from "./system-ports.ts";
