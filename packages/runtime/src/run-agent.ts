import type { NodeHandler } from "@heddle/node-kit";
import { HeddleError, type RunOutcome } from "@heddle/schema";
import { ActiveRun } from "./active-run.ts";
import type { CompiledAgent, CompiledNode } from "./compiled-agent.ts";
import { loadHandlers } from "./load-handlers.ts";
import type { RunOptions } from "./ports.ts";
import { Scheduler } from "./scheduler.ts";

/**
 * Executes a compiled agent, from its start or from where its journal ends. A function of document and journal: it
 * touches the world by its ports only. What a run's nodes do wrong is its outcome.
 * @throws HeddleError when there is no outcome: invalid_request for a trigger that does not exist, unavailable when
 * the journal fails or a handler can't be loaded, or what the signal was aborted with (see {@link RunOptions.signal})
 */
export async function runAgent(agent: CompiledAgent, options: RunOptions): Promise<RunOutcome> {
  const trigger = chooseTrigger(agent, options);
  const handlers = loadHandlers(options.handlers, agent.handlerTypes);
  return execute(agent, handlers instanceof Promise ? await handlers : handlers, trigger, options);
}

function execute(
  agent: CompiledAgent,
  handlers: ReadonlyMap<string, NodeHandler>,
  trigger: CompiledNode,
  options: RunOptions,
): Promise<RunOutcome> {
  return new Promise((resolve, reject) => {
    const run = new ActiveRun(agent, handlers, options, (end) => ("outcome" in end ? resolve(end.outcome) : reject(end.reason)));
    try {
      run.begin();
      if (!run.isOver) new Scheduler(run).start(trigger);
    } catch (fault) {
      run.crash(fault);
    }
  });
}

function chooseTrigger(agent: CompiledAgent, options: RunOptions): CompiledNode {
  const { triggers } = agent;
  const { recorded } = options.journal;
  const chosen =
    options.trigger === undefined
      ? (triggers.find((node) => recorded.some((step) => step.nodeId === node.id)) ??
        triggers.find((node) => !node.isDisabled) ??
        triggers[0])
      : triggers.find((node) => node.id === options.trigger);
  if (chosen === undefined) throw new HeddleError("invalid_request", `The agent has no trigger "${options.trigger ?? ""}".`);
  return chosen;
}
