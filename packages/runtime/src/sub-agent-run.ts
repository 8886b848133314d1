import { HeddleError, type ErrorInfo, type Json, type StepRecord } from "@heddle/schema";
import { Activation } from "./activation.ts";
import { admitValue } from "./admit-value.ts";
import type { CompiledAgent } from "./compiled-agent.ts";
import { EnvelopeRun } from "./envelope-run.ts";
import { Frame, type FrameOwner } from "./frame.ts";
import { loadHandlers } from "./load-handlers.ts";
import { asHeddleError } from "./record-outcome.ts";
import { scopeFor, type StepPlan } from "./step-plan.ts";

/** How many agents may be inside one another, the outermost not counted. Agents that call one another in a circle end here. */
const MAX_DEPTH = 5;

/** Another agent at work inside a step: as a node of the flow, or as a tool. */
export class SubAgentRun extends EnvelopeRun implements FrameOwner {
  #frame: Frame | undefined;
  #agentId = "";

  ended(frame: Frame, result: Json): void {
    this.rounds = frame.roundsInside;
    this.succeed(result, this.plan.node.outputPorts);
  }

  failed(_frame: Frame, error: ErrorInfo): void {
    const { nodeId, ...rest } = error;
    const details = { ...error.details, agentId: this.#agentId, ...(nodeId === undefined ? {} : { failedNodeId: nodeId }) };
    this.fail({ ...rest, nodeId: this.plan.node.id, details });
  }

  protected override work(): void {
    const { run, plan } = this;
    const depth = plan.frame.activation.depth + 1;
    if (depth > MAX_DEPTH) {
      throw new HeddleError("depth_limit", `Agents may run inside one another ${MAX_DEPTH} deep, and this would be one more.`, {
        details: { maxDepth: MAX_DEPTH },
        hint: "Do agents call one another in a circle?",
      });
    }
    const { agentId, input } = plan.node.params.resolve(scopeFor(plan));
    if (typeof agentId !== "string" || agentId === "") throw new HeddleError("param_invalid", "The node names no agent to run.");
    this.#agentId = agentId;
    const given = admitValue(input ?? firstArrival(plan) ?? null, run.budget.maxValueBytes);
    run.scheduler.awaitLoading(
      this.#load(agentId).then(
        (agent) => this.attempt(() => this.#enter(agent, given, depth)),
        (error: unknown) => this.fail(asHeddleError(run, plan, error)),
      ),
    );
  }

  protected override close(reason: HeddleError): void {
    if (this.#frame === undefined) return;
    this.rounds = this.#frame.roundsInside;
    this.run.scheduler.close(this.#frame, reason);
  }

  /** The agent's deployed version: the one that the run first met, whatever is deployed since. */
  async #load(agentId: string): Promise<CompiledAgent> {
    const { run, plan } = this;
    const { agents, handlers } = run.options;
    if (agents === undefined) throw new HeddleError("not_configured", "Agents can't run other agents here.");
    const key = `${plan.key}/agent`;
    const recorded = plan.records?.get(key) ?? plan.frame.activation.records?.get(key) ?? run.journal.find(key)?.record;
    const known = recorded?.status === "completed" && typeof recorded.output === "number" ? recorded.output : undefined;
    const startedAt = run.now();
    const { agent, version } = await agents.load(agentId, known);
    await loadHandlers(handlers, agent.handlerTypes);
    if (known === undefined && !this.isOver) await this.#fix({ key, startedAt, version });
    return agent;
  }

  async #fix({ key, startedAt, version }: { key: string; startedAt: number; version: number }): Promise<void> {
    const { run, plan } = this;
    const durationMs = run.since(startedAt);
    const record: StepRecord = {
      key,
      nodeId: plan.node.id,
      startedAt,
      durationMs,
      attempts: 1,
      status: "completed",
      output: version,
      ports: [],
    };
    await new Promise<void>((resolve) => {
      run.journal.append(record, resolve);
    });
    (plan.records ?? plan.frame.activation.records)?.set(key, record);
  }

  #enter(agent: CompiledAgent, input: Json, depth: number): void {
    const { run, plan } = this;
    if (this.isOver || run.isOver) return;
    const { activation: around, isInRound, isVital } = plan.frame;
    const activation = new Activation({
      agent,
      input,
      facts: { ...around.facts, agentId: this.#agentId },
      maxStateBytes: run.budget.maxCollectedBytes,
      keyPrefix: `${plan.key}/agent/`,
      depth,
      records: plan.records ?? around.records,
      host: plan.host ?? around.host,
    });
    const trigger = agent.triggers.find((node) => !node.isDisabled) ?? agent.triggers[0];
    this.#frame = new Frame({
      activation,
      level: agent,
      owner: this,
      scope: activation.scope(),
      path: "",
      isInRound,
      isVital: isVital && plan.kind === "flow" && plan.node.onError === "fail",
    });
    run.scheduler.open(this.#frame, (root) => (root === trigger ? {} : undefined));
  }
}

function firstArrival({ arrivals }: StepPlan): Json | undefined {
  return Object.values(arrivals)[0]?.[0]?.value;
}
