import type { ErrorInfo, Json } from "@heddle/schema";
import type { Abandonable } from "./active-run.ts";
import type { Activation } from "./activation.ts";
import type { Scope } from "./compiled-part.ts";
import type { CompiledLevel, CompiledNode } from "./compiled-agent.ts";
import type { ArrivalsByPort } from "./step-context.ts";

/** Who a frame belongs to: the run, a container of which it is a round, or a node that runs another agent. */
export interface FrameOwner {
  /** Nothing in the frame can go on any more; `result` is what its last output node, or its last leaf, gave. */
  ended(frame: Frame, result: Json): void;
  /** A node in it failed and said that this is the end. */
  failed(frame: Frame, error: ErrorInfo): void;
  /** Something in it had begun at this time, ms since the epoch, under an earlier owner of the run. */
  began(at: number): void;
}

/**
 * The nodes of one level at work: a run has one frame for the top of its document, a loop one for each round under way.
 * A frame is dropped as soon as it has ended, so a loop's rounds take the memory of one.
 */
export class Frame {
  readonly activation: Activation;
  readonly level: CompiledLevel;
  readonly owner: FrameOwner;
  /** What step keys carry after `#`: empty, `3`, `3.0` … */
  readonly path: string;
  readonly isInRound: boolean;
  /** Whether a failure that ends the frame ends the run. */
  readonly isVital: boolean;
  /** By {@link CompiledNode.index}. */
  readonly #turns: Turn[];
  readonly scope: Scope;
  /** How often each go-to went back. */
  jumps: Map<CompiledNode, number> | undefined;
  /** Rounds of containers in it that have ended. */
  roundsInside = 0;
  /** Nodes whose turn has come and that have not ended. */
  pending = 0;
  isOver = false;
  reply: { value: Json } | undefined;
  lastLeaf: Json = null;
  /** The ports that the last leaf was left by. */
  lastPorts: readonly string[] = [];

  constructor(parts: {
    activation: Activation;
    level: CompiledLevel;
    owner: FrameOwner;
    scope: Scope;
    path: string;
    isInRound: boolean;
    isVital: boolean;
  }) {
    this.activation = parts.activation;
    this.level = parts.level;
    this.owner = parts.owner;
    this.scope = parts.scope;
    this.path = parts.path;
    this.isInRound = parts.isInRound;
    this.isVital = parts.isVital;
    this.#turns = parts.level.nodes.map((node) => newTurn(node.incoming.length, 1));
  }

  turn(node: CompiledNode): Turn {
    const turn = this.#turns[node.index];
    if (turn === undefined) throw new RangeError(`${node.id} is not scheduled`);
    return turn;
  }

  /** Gives a node another turn; who still holds the old one finds it abandoned. */
  renew(node: CompiledNode, unresolved: number): Turn {
    const turn = newTurn(unresolved, this.turn(node).generation + 1);
    this.#turns[node.index] = turn;
    return turn;
  }

  keyOf(node: CompiledNode): string {
    return `${this.activation.keyPrefix}${node.id}#${this.suffixOf(node)}`;
  }

  /** What the node's key carries after `#`; rounds inside it add to this. */
  suffixOf(node: CompiledNode): string {
    const { generation } = this.turn(node);
    return generation === 1 ? this.path : `${this.path}~${generation}`;
  }

  /** Makes a finished node visible to expressions. */
  publish(node: CompiledNode, result: { output?: Json; error?: unknown }): void {
    this.scope[node.id] = result;
  }

  /** Makes what the trigger hands on the input that all nodes see: with defaults, and with what only the trigger knows. */
  handOn(input: Json): void {
    this.activation.input = input;
    this.scope.input = input;
  }

  /** What it has come to, once it has ended. */
  get result(): Json {
    return this.reply === undefined ? this.lastLeaf : this.reply.value;
  }

  /** Gives up all that is still going in it. */
  close(give: (turn: Turn) => void): void {
    this.isOver = true;
    for (const turn of this.#turns) if (turn.status === "ready" || turn.status === "running") give(turn);
    this.pending = 0;
  }
}

/** One run of a node in a frame, or its prospect of one. */
export interface Turn {
  /** `abandoned`: nobody waits for it any more. */
  status: "waiting" | "ready" | "running" | "done" | "skipped" | "abandoned";
  /** Incoming edges of which it is not known yet whether a value will come. */
  unresolved: number;
  /** Values that came. */
  arrived: number;
  arrivals: ArrivalsByPort | undefined;
  /** What is under way. */
  work: Work | undefined;
  /** From 1; a go-to that leads back adds one. */
  readonly generation: number;
}

/** Something that a node does, to be started and perhaps given up. */
export interface Work extends Abandonable {
  start(): void;
}

function newTurn(unresolved: number, generation: number): Turn {
  return { status: "waiting", unresolved, arrived: 0, arrivals: undefined, work: undefined, generation };
}
