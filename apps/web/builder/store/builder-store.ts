import { canConnect, layoutDocument, type Operation, renameNode } from "@heddle/graph";
import type { NodeRegistry } from "@heddle/node-kit";
import type { AgentDocument, AgentEdge, AgentNode, AgentVariable, Json, Problem, RunEvent, RunLimits } from "@heddle/schema";
import { createStore, type StoreApi } from "zustand/vanilla";
import type { SaveStatus } from "../model/autosave.ts";
import { type Clip, clipOf, pasted } from "../model/clipboard.ts";
import { edgeIdOf, freshNodeId } from "../model/fresh-ids.ts";
import { placeBeside } from "../model/place-node.ts";
import { afterEvent, afterProblem, type RunFailure, type RunState, startedRun } from "../model/run-state.ts";
import * as edits from "./edits.ts";
import { emptyHistory, type History, recorded, redone, undone } from "./history.ts";

export type PanelTab = "configure" | "test" | "problems";
type Edge = Omit<AgentEdge, "id">;
type Point = { x: number; y: number };

/** Facts that follow from the document and are looked up often. */
interface Derived {
  nodesById: ReadonlyMap<string, AgentNode>;
  /** Nodes that are attached to another, and whether they are a step of the flow as well. */
  lentNodes: ReadonlyMap<string, "only" | "also">;
}

export interface BuilderState extends Derived {
  agentId: string;
  name: string;
  canEdit: boolean;
  document: AgentDocument;
  history: History;
  selectedNodes: ReadonlySet<string>;
  selectedEdges: ReadonlySet<string>;
  problems: readonly Problem[];
  problemsByNode: ReadonlyMap<string, { errors: number; warnings: number }>;
  tab: PanelTab;
  isPanelOpen: boolean;
  /** A node, and perhaps a field of it, that somebody asked to see. A new object for each request. */
  focus: { nodeId: string; field?: string } | undefined;
  run: RunState | undefined;
  saveStatus: SaveStatus;

  setName: (name: string) => void;
  select: (nodes: Iterable<string>, edges?: Iterable<string>) => void;
  setTab: (tab: PanelTab) => void;
  setPanelOpen: (isOpen: boolean) => void;
  reveal: (nodeId: string, field?: string) => void;
  setProblems: (problems: readonly Problem[]) => void;
  setSaveStatus: (status: SaveStatus) => void;

  /** Applies operations as one step of undo. Steps with the same `merge` key that follow each other become one. */
  apply: (operations: readonly Operation[], merge?: string) => void;
  undo: () => void;
  redo: () => void;
  /** Puts another document in place of this one; undo brings this one back. */
  replaceDocument: (document: AgentDocument) => void;

  /** Adds a node, beside the selected one and connected to it where that fits, and selects it. Gives its id. */
  addNode: (type: string, options?: { position?: Point; after?: { node: string; port: string } }) => string | undefined;
  /** Draws an edge; gives why not where it can't be. */
  connect: (edge: Edge) => string | undefined;
  remove: (nodes: Iterable<string>, edges?: Iterable<string>) => void;
  move: (positions: ReadonlyMap<string, Point>) => void;
  setParam: (nodeId: string, name: string, value: Json | undefined) => void;
  patchNode: (nodeId: string, changes: edits.NodeChanges, merge?: string) => void;
  renameNode: (nodeId: string, to: string) => void;
  setVariables: (variables: AgentVariable[]) => void;
  setLimits: (limits: RunLimits) => void;
  copy: () => Clip | undefined;
  paste: (clip: Clip) => void;
  tidy: () => void;

  startRun: (at: number) => void;
  runEvent: (event: RunEvent) => void;
  setExecution: (executionId: string) => void;
  setReconnecting: (isReconnecting: boolean) => void;
  endRun: (problem: RunFailure) => void;
  clearRun: () => void;
}

export type BuilderStore = StoreApi<BuilderState>;

export interface BuilderStoreOptions {
  agentId: string;
  name: string;
  document: AgentDocument;
  canEdit: boolean;
  registry: NodeRegistry;
}

/** The state of one open agent. What changes the document goes through {@link BuilderState.apply}. */
export function createBuilderStore({ registry, document, ...facts }: BuilderStoreOptions): BuilderStore {
  return createStore<BuilderState>((set, get) => {
    const show = (next: AgentDocument, extra: Partial<BuilderState> = {}) => {
      const before = get();
      const derived = next === before.document ? { nodesById: before.nodesById, lentNodes: before.lentNodes } : deriveFrom(next);
      const nodes = derived.nodesById;
      set({
        ...derived,
        document: next,
        selectedNodes: keeping(extra.selectedNodes ?? before.selectedNodes, (id) => nodes.has(id)),
        selectedEdges: keeping(extra.selectedEdges ?? before.selectedEdges, (id) => next.edges.some((edge) => edge.id === id)),
        ...(extra.history === undefined ? {} : { history: extra.history }),
        ...(extra.tab === undefined ? {} : { tab: extra.tab }),
      });
    };
    const commit = (operations: readonly Operation[], merge?: string, extra: Partial<BuilderState> = {}) => {
      const state = get();
      if (!state.canEdit || operations.length === 0) return;
      const step = recorded(state.history, state.document, { operations, merge, at: Date.now() });
      show(step.document, { ...extra, history: step.history });
    };

    return {
      ...facts,
      document,
      ...deriveFrom(document),
      history: emptyHistory,
      selectedNodes: new Set(),
      selectedEdges: new Set(),
      problems: [],
      problemsByNode: new Map(),
      tab: "configure",
      isPanelOpen: true,
      focus: undefined,
      run: undefined,
      saveStatus: "saved",

      setName: (name) => set({ name }),
      select: (nodes, edges = []) => set({ selectedNodes: new Set(nodes), selectedEdges: new Set(edges) }),
      setTab: (tab) => set({ tab }),
      setPanelOpen: (isPanelOpen) => set({ isPanelOpen }),
      reveal: (nodeId, field) =>
        set({
          selectedNodes: new Set([nodeId]),
          selectedEdges: new Set(),
          focus: { nodeId, ...(field === undefined ? {} : { field }) },
          ...(field === undefined ? {} : { tab: "configure" as const, isPanelOpen: true }),
        }),
      setProblems: (problems) => set({ problems, problemsByNode: countByNode(problems) }),
      setSaveStatus: (saveStatus) => set({ saveStatus }),

      apply: (operations, merge) => commit(operations, merge),
      undo: () => {
        const step = undone(get().history, get().document);
        if (step !== undefined && get().canEdit) show(step.document, { history: step.history });
      },
      redo: () => {
        const step = redone(get().history, get().document);
        if (step !== undefined && get().canEdit) show(step.document, { history: step.history });
      },
      replaceDocument: (next) => commit(edits.replaceDocument(get().document, next)),

      addNode: (type, options = {}) => {
        const definition = registry.get(type);
        const state = get();
        if (definition === undefined || !state.canEdit) return undefined;
        const [onlySelected] = state.selectedNodes.size === 1 ? [...state.selectedNodes] : [];
        const anchor = options.after?.node ?? (options.position === undefined ? onlySelected : undefined);
        const id = freshNodeId(type.replace(/-trigger$/, "").replaceAll("-", "_"), new Set(state.nodesById.keys()));
        const draft = edits.newNode({ id, definition, names: state.document.nodes.map((node) => node.name) });
        const node = { ...draft, position: options.position ?? placeBeside(state.document, anchor, draft, registry) };
        const added = edits.addNode(node);
        const edge =
          anchor === undefined
            ? undefined
            : edits.wayInto(edits.applied(state.document, added), registry, anchor, options.after?.port, node);
        commit([...added, ...(edge === undefined ? [] : edits.addEdge(edge))], undefined, {
          selectedNodes: new Set([id]),
          selectedEdges: new Set(),
          tab: "configure",
          isPanelOpen: true,
        });
        return id;
      },
      connect: (edge) => {
        const whole: AgentEdge = { ...edge, id: edgeIdOf(edge) };
        const state = get();
        if (state.document.edges.some((candidate) => candidate.id === whole.id)) return undefined;
        const verdict = canConnect(state.document, registry, whole);
        if (!verdict.ok) return verdict.problem.message;
        commit(edits.addEdge(whole), undefined, { selectedEdges: new Set([whole.id]), selectedNodes: new Set() });
        return undefined;
      },
      remove: (nodes, edges = []) => commit(edits.remove(get().document, new Set(nodes), new Set(edges))),
      move: (positions) => commit(edits.moveNodes(get().document, positions)),
      setParam: (nodeId, name, value) => commit(edits.setParam(get().document, nodeId, name, value)),
      patchNode: (nodeId, changes, merge) => commit(edits.patchNode(get().document, nodeId, changes), merge),
      renameNode: (nodeId, to) =>
        commit(renameNode(get().document, registry, { from: nodeId, to }), undefined, { selectedNodes: new Set([to]) }),
      setVariables: (variables) => commit(edits.setVariables(get().document, variables), "variables"),
      setLimits: (limits) => commit(edits.setLimits(get().document, limits), "limits"),
      copy: () => {
        const { selectedNodes, document: current } = get();
        return selectedNodes.size === 0
          ? undefined
          : clipOf(
              current.nodes.filter((node) => selectedNodes.has(node.id)),
              current.edges,
            );
      },
      paste: (clip) => {
        const { nodes, edges } = pasted(clip, { taken: new Set(get().nodesById.keys()), offset: { x: 40, y: 40 }, registry });
        commit([...nodes.flatMap((node) => edits.addNode(node)), ...edges.flatMap((edge) => edits.addEdge(edge))], undefined, {
          selectedNodes: new Set(nodes.map((node) => node.id)),
          selectedEdges: new Set(),
        });
      },
      tidy: () => commit([layoutDocument(get().document, registry)]),

      startRun: (at) => set({ run: startedRun(at) }),
      runEvent: (event) => set(({ run }) => ({ run: run === undefined ? run : afterEvent(run, event) })),
      setExecution: (executionId) =>
        set(({ run }) => ({ run: run === undefined || run.executionId === executionId ? run : { ...run, executionId } })),
      setReconnecting: (isReconnecting) =>
        set(({ run }) => ({ run: run === undefined || run.isReconnecting === isReconnecting ? run : { ...run, isReconnecting } })),
      endRun: (problem) => set(({ run }) => ({ run: run === undefined ? run : afterProblem(run, problem) })),
      clearRun: () => set({ run: undefined }),
    };
  });
}

function deriveFrom(document: AgentDocument): Derived {
  const flowing = new Set(document.edges.flatMap((edge) => (edge.kind === "flow" ? [edge.source.node, edge.target.node] : [])));
  const lent = document.edges.filter((edge) => edge.kind === "attachment").map((edge) => edge.source.node);
  return {
    nodesById: new Map(document.nodes.map((node) => [node.id, node])),
    lentNodes: new Map(lent.map((id) => [id, flowing.has(id) ? "also" : "only"])),
  };
}

/** The same set where nothing has to go, so that nothing is drawn anew. */
function keeping(ids: ReadonlySet<string>, exists: (id: string) => boolean): ReadonlySet<string> {
  return [...ids].every(exists) ? ids : new Set([...ids].filter(exists));
}

function countByNode(problems: readonly Problem[]): ReadonlyMap<string, { errors: number; warnings: number }> {
  const counts = new Map<string, { errors: number; warnings: number }>();
  for (const { nodeId, severity } of problems) {
    if (nodeId === undefined) continue;
    const count = counts.get(nodeId) ?? { errors: 0, warnings: 0 };
    counts.set(nodeId, severity === "error" ? { ...count, errors: count.errors + 1 } : { ...count, warnings: count.warnings + 1 });
  }
  return counts;
}
