import { type Box, canConnect, dissolveContainer, layoutDocument, type Operation, renameNode, withInsides } from "@heddle/graph";
import type { NodeRegistry } from "@heddle/node-kit";
import type { AgentDocument, AgentEdge, AgentNode, AgentVariable, Json, Problem, RunEvent, RunLimits, StateField } from "@heddle/schema";
import { createStore, type StoreApi } from "zustand/vanilla";
import type { SaveStatus } from "../model/autosave.ts";
import { type Clip, clipOf, pasted } from "../model/clipboard.ts";
import { canLiveInside, containerAt, containerBoxes, homeFor, makeRoom, rehome } from "../model/containers.ts";
import { edgeIdOf, freshNodeId } from "../model/fresh-ids.ts";
import { HEAD_HEIGHT, NODE_WIDTH } from "../model/node-shape.ts";
import { placeBeside } from "../model/place-node.ts";
import { afterEvents, afterProblem, type RunFailure, type RunState, startedRun } from "../model/run-state.ts";
import * as edits from "./edits.ts";
import { type Drop, dropped, followed } from "./drops.ts";
import { emptyHistory, type History, recorded, redone, undone } from "./history.ts";

export type PanelTab = "configure" | "test" | "problems";
type Edge = Omit<AgentEdge, "id">;
type Point = { x: number; y: number };

/** Facts that follow from the document and are looked up often. */
interface Derived {
  nodesById: ReadonlyMap<string, AgentNode>;
  /** Nodes that are attached to another, and whether they are a step of the flow as well. */
  lentNodes: ReadonlyMap<string, "only" | "also">;
  /** Where containers are drawn. */
  boxes: ReadonlyMap<string, Box>;
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
  /** The container that what is being dragged would go into. */
  dropTarget: string | undefined;

  setName: (name: string) => void;
  select: (nodes: Iterable<string>, edges?: Iterable<string>) => void;
  setTab: (tab: PanelTab) => void;
  setPanelOpen: (isOpen: boolean) => void;
  reveal: (nodeId: string, field?: string) => void;
  setProblems: (problems: readonly Problem[]) => void;
  setSaveStatus: (status: SaveStatus) => void;
  setDropTarget: (id: string | undefined) => void;

  /** Applies operations as one step of undo. Steps with the same `merge` key that follow each other become one. */
  apply: (operations: readonly Operation[], merge?: string) => void;
  undo: () => void;
  redo: () => void;
  /** Puts another document in place of this one; undo brings this one back. */
  replaceDocument: (document: AgentDocument) => void;

  /**
   * Adds a node and selects it: at a place, or beside the selected one and connected to it where that fits, or in the
   * container that is selected or asked for. Gives its id.
   */
  addNode: (type: string, options?: { position?: Point; after?: { node: string; port: string }; inside?: string }) => string | undefined;
  /** Draws an edge; gives why not where it can't be. */
  connect: (edge: Edge) => string | undefined;
  remove: (nodes: Iterable<string>, edges?: Iterable<string>) => void;
  /** Moves nodes; containers with what is in them. After a drag, nodes go into the container that they were let go on, or out. */
  move: (positions: ReadonlyMap<string, Point>, isDrop?: boolean) => Drop;
  /** Moves nodes into a container, or to the level above their own, and finds them a place there. */
  moveInto: (ids: Iterable<string>, container: string | undefined) => Drop;
  /** Takes a container away and keeps what is in it. */
  dissolve: (nodeId: string) => void;
  setParam: (nodeId: string, name: string, value: Json | undefined) => void;
  patchNode: (nodeId: string, changes: edits.NodeChanges, merge?: string) => void;
  renameNode: (nodeId: string, to: string) => void;
  setVariables: (variables: AgentVariable[]) => void;
  setState: (fields: StateField[]) => void;
  setLimits: (limits: RunLimits) => void;
  copy: () => Clip | undefined;
  paste: (clip: Clip) => void;
  tidy: () => void;

  startRun: (at: number) => void;
  runEvents: (events: readonly RunEvent[]) => void;
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
      const derived = next === before.document ? before : deriveFrom(next, registry, before.boxes);
      const nodes = derived.nodesById;
      set({
        nodesById: nodes,
        lentNodes: derived.lentNodes,
        boxes: derived.boxes,
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
      ...deriveFrom(document, registry),
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
      dropTarget: undefined,

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
      setDropTarget: (dropTarget) => {
        if (get().dropTarget !== dropTarget) set({ dropTarget });
      },

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
        const { parent, anchorId, position } = placeOf({ ...state, registry }, type, onlySelected, options);
        const id = freshNodeId(type.replace(/-trigger$/, "").replaceAll("-", "_"), new Set(state.nodesById.keys()));
        const fresh = edits.newNode({ id, definition, names: state.document.nodes.map((node) => node.name) });
        const draft = parent === undefined ? fresh : { ...fresh, parent };
        const node = { ...draft, position: position ?? placeBeside(state.document, anchorId, draft, registry) };
        const anchor = options.position === undefined || options.after !== undefined ? anchorId : undefined;
        const added = [...edits.addNode(node)];
        const room = makeRoom(state.boxes, edits.applied(state.document, added), registry, parent);
        added.push(...edits.moveNodes(state.document, room));
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
      move: (positions, isDrop = false) => {
        const state = get();
        if (!state.canEdit) return { lostEdges: 0 };
        const { document: current, boxes } = state;
        const { operations, ...drop } = dropped({
          document: current,
          boxes,
          registry,
          positions: followed(current, boxes, positions),
          isDrop,
        });
        commit(operations);
        return drop;
      },
      moveInto: (ids, container) => {
        const { document: current, boxes, canEdit } = get();
        const moved = new Set(ids);
        const home = rehome(current, registry, moved, container);
        if (!home.ok) return { lostEdges: 0, refusal: home.message };
        const [first] = moved;
        const node = edits.applied(current, home.operations).nodes.find((candidate) => candidate.id === first);
        if (!canEdit || node === undefined) return { lostEdges: 0 };
        const left = get().nodesById.get(node.id)?.parent;
        const place = placeBeside(current, container === undefined ? left : undefined, node, registry);
        const shift = { x: place.x - node.position.x, y: place.y - node.position.y };
        const positions = new Map(
          [...withInsides(current, moved)].flatMap((id) => {
            const at = get().nodesById.get(id)?.position;
            return at === undefined ? [] : [[id, { x: at.x + shift.x, y: at.y + shift.y }] as const];
          }),
        );
        const operations = [...home.operations, ...edits.moveNodes(current, positions)];
        const room = makeRoom(boxes, edits.applied(current, operations), registry, container);
        commit([...operations, ...edits.moveNodes(current, room)]);
        return { lostEdges: home.lostEdges };
      },
      dissolve: (nodeId) => {
        const inside = [...withInsides(get().document, [nodeId])].filter((id) => get().nodesById.get(id)?.parent === nodeId);
        commit(dissolveContainer(get().document, nodeId), undefined, { selectedNodes: new Set(inside), selectedEdges: new Set() });
      },
      setParam: (nodeId, name, value) => commit(edits.setParam(get().document, nodeId, name, value)),
      patchNode: (nodeId, changes, merge) => commit(edits.patchNode(get().document, nodeId, changes), merge),
      renameNode: (nodeId, to) =>
        commit(renameNode(get().document, registry, { from: nodeId, to }), undefined, { selectedNodes: new Set([to]) }),
      setVariables: (variables) => commit(edits.setVariables(get().document, variables), "variables"),
      setState: (fields) => commit(edits.setState(get().document, fields), "state"),
      setLimits: (limits) => commit(edits.setLimits(get().document, limits), "limits"),
      copy: () => {
        const { selectedNodes, document: current } = get();
        if (selectedNodes.size === 0) return undefined;
        const copied = withInsides(current, selectedNodes);
        return clipOf(
          current.nodes.filter((node) => copied.has(node.id)),
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
      runEvents: (events) => set(({ run }) => ({ run: run === undefined ? run : afterEvents(run, events) })),
      setExecution: (executionId) =>
        set(({ run }) => ({ run: run === undefined || run.executionId === executionId ? run : { ...run, executionId } })),
      setReconnecting: (isReconnecting) =>
        set(({ run }) => ({ run: run === undefined || run.isReconnecting === isReconnecting ? run : { ...run, isReconnecting } })),
      endRun: (problem) => set(({ run }) => ({ run: run === undefined ? run : afterProblem(run, problem) })),
      clearRun: () => set({ run: undefined }),
    };
  });
}

/** Where a new node goes. What can't live in a container goes beside the outermost one, wherever it was asked for. */
function placeOf(
  { document, boxes, nodesById, registry }: Pick<BuilderState, "document" | "boxes" | "nodesById"> & { registry: NodeRegistry },
  type: string,
  selected: string | undefined,
  { position, after, inside }: NonNullable<Parameters<BuilderState["addNode"]>[1]>,
): { parent: string | undefined; anchorId: string | undefined; position: Point | undefined } {
  const isAtHome = canLiveInside(registry, type);
  if (after !== undefined) {
    const parent = nodesById.get(after.node)?.parent;
    return parent === undefined || isAtHome
      ? { parent, anchorId: after.node, position }
      : { ...homeFor(document, registry, type, after.node), position: undefined };
  }
  if (position !== undefined) {
    const parent = inside ?? containerAt({ x: position.x + NODE_WIDTH / 2, y: position.y + HEAD_HEIGHT / 2 }, { document, boxes });
    return parent === undefined || isAtHome
      ? { parent, anchorId: undefined, position }
      : { ...homeFor(document, registry, type, parent), position: undefined };
  }
  return { ...homeFor(document, registry, type, inside ?? selected), position };
}

function deriveFrom(document: AgentDocument, registry: NodeRegistry, before: ReadonlyMap<string, Box> = new Map()): Derived {
  const flowing = new Set(document.edges.flatMap((edge) => (edge.kind === "flow" ? [edge.source.node, edge.target.node] : [])));
  const lent = document.edges.filter((edge) => edge.kind === "attachment").map((edge) => edge.source.node);
  return {
    nodesById: new Map(document.nodes.map((node) => [node.id, node])),
    lentNodes: new Map(lent.map((id) => [id, flowing.has(id) ? "also" : "only"])),
    boxes: new Map([...containerBoxes(document, registry)].map(([id, box]) => [id, sameBox(before.get(id), box) ?? box])),
  };
}

/** The box as it was where it is the same, so that its frame is not drawn anew. */
function sameBox(before: Box | undefined, box: Box): Box | undefined {
  const isSame =
    before !== undefined && before.x === box.x && before.y === box.y && before.width === box.width && before.height === box.height;
  return isSame ? before : undefined;
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
