import type { NodeHandler } from "@heddle/node-kit";
import { HeddleError, type RunOutcome, type RunSuspension } from "@heddle/schema";
import { ActiveRun } from "./active-run.ts";
import type { CompiledAgent, CompiledNode } from "./compiled-agent.ts";
import { loadHandlers } from "./load-handlers.ts";
import type { RunOptions } from "./ports.ts";

/**
 * Executes a compiled agent, from its start or from where its journal ends. A function of document and journal: it
 * touches the world by its ports only. What a run's nodes do wrong is its outcome. A run of which nothing can go on before
 * a time, a request or a person is put away: it has no outcome yet, and is resumed with what the wait came to.
 * @throws HeddleError when there is no outcome: invalid_request for a trigger that does not exist, unavailable when
 * the journal fails or a handler can't be loaded, or what the signal was aborted with (see {@link RunOptions.signal})
 */
export function runAgent(agent: CompiledAgent, options: RunOptions): Promise<RunOutcome | RunSuspension> {
  try {
    const trigger = chooseTrigger(agent, options);
    const handlers = loadHandlers(options.handlers, agent.handlerTypes);
    if (handlers instanceof Promise) return handlers.then((loaded) => execute(agent, loaded, trigger, options));
    return execute(agent, handlers, trigger, options);
  } catch (error) {
    return Promise.reject(error);
  }
}

function execute(
  agent: CompiledAgent,
  handlers: ReadonlyMap<string, NodeHandler>,
  trigger: CompiledNode,
  options: RunOptions,
): Promise<RunOutcome | RunSuspension> {
  return new Promise((resolve, reject) => {
    const run = new ActiveRun(agent, handlers, options, (end) => {
      if ("outcome" in end) resolve(end.outcome);
      else if ("suspension" in end) resolve(end.suspension);
      else reject(end.reason);
    });
    try {
      run.begin();
      if (!run.isOver) run.scheduler.start(trigger);
      if (!run.isOver) run.listen();
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
