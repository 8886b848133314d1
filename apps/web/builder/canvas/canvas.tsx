"use client";
import "@xyflow/react/dist/base.css";
import "./canvas.css";
import {
  applyNodeChanges,
  Background,
  BackgroundVariant,
  type Connection,
  type Edge,
  type EdgeChange,
  type FinalConnectionState,
  type NodeChange,
  ReactFlow,
  SelectionMode,
  useReactFlow,
} from "@xyflow/react";
import {
  type DragEvent,
  type MouseEvent as ReactMouseEvent,
  type RefObject,
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { toast } from "sonner";
import { firstViewport } from "../model/first-viewport.ts";
import { edgeOfHandles, flowEdgesOf, flowNodesOf } from "../model/flow-elements.ts";
import { nodeShapeOf } from "../model/node-shape.ts";
import { NODE_DRAG_TYPE } from "../palette/palette-item";
import { useBuilder, useBuilderStore, useRegistry } from "../store/builder-context";
import { EmptyCanvas } from "./empty-canvas";
import { type CardNode, NodeCard } from "./node-card";
import { NodeMenu, type NodeMenuTarget } from "./node-menu";
import { QuickAdd, type QuickAddTarget } from "./quick-add";
import { useContainerDrag } from "./use-container-drag";
import { useInsideRequest } from "./use-inside-request";

const nodeTypes = { card: NodeCard };
const SNAP: [number, number] = [8, 8];

/** The graph. Moves become operations when a drag ends; everything else at once. */
export function Canvas() {
  const store = useBuilderStore();
  const registry = useRegistry();
  const flow = useReactFlow<CardNode>();
  const canEdit = useBuilder((state) => state.canEdit);
  const documentNodes = useBuilder((state) => state.document.nodes);
  const documentEdges = useBuilder((state) => state.document.edges);
  const selectedNodes = useBuilder((state) => state.selectedNodes);
  const selectedEdges = useBuilder((state) => state.selectedEdges);
  const run = useBuilder((state) => state.run);
  const problems = useBuilder((state) => state.problems);
  const boxes = useBuilder((state) => state.boxes);
  const [nodes, setNodes] = useState<CardNode[]>(() => flowNodesOf([], documentNodes, { selected: selectedNodes, registry, boxes }));
  const [quickAdd, setQuickAdd] = useState<QuickAddTarget>();
  const [menu, setMenu] = useState<NodeMenuTarget>();
  const frame = useRef<HTMLDivElement>(null);

  const [shown, setShown] = useState({ documentNodes, selectedNodes });
  if (shown.documentNodes !== documentNodes || shown.selectedNodes !== selectedNodes) {
    setShown({ documentNodes, selectedNodes });
    setNodes(flowNodesOf(nodes, documentNodes, { selected: selectedNodes, registry, boxes }));
  }
  const drag = useContainerDrag(setNodes);
  const inside = useInsideRequest();
  const broken = useMemo(() => new Set(problems.flatMap((problem) => (problem.edgeId === undefined ? [] : [problem.edgeId]))), [problems]);
  const edges = useMemo(() => flowEdgesOf(documentEdges, selectedEdges, run, broken), [documentEdges, selectedEdges, run, broken]);
  useFocusRequests(frame);

  const onNodesChange = useCallback(
    (changes: NodeChange<CardNode>[]) => {
      setNodes((before) =>
        applyNodeChanges(drag.followed(changes.filter((change) => change.type === "position" || change.type === "dimensions")), before),
      );
      const picked = changes.filter((change) => change.type === "select");
      if (picked.length > 0) {
        const next = new Set(store.getState().selectedNodes);
        for (const change of picked) {
          if (change.selected) next.add(change.id);
          else next.delete(change.id);
        }
        store.getState().select(next, store.getState().selectedEdges);
      }
      // Arrow keys move without a drag.
      const moved = changes.filter((change) => change.type === "position" && change.dragging === false && change.position !== undefined);
      if (moved.length > 0)
        drag.settle(
          new Map(
            moved.flatMap((change) =>
              change.type === "position" && change.position !== undefined ? [[change.id, change.position] as const] : [],
            ),
          ),
        );
    },
    [store, drag],
  );

  const onEdgesChange = useCallback(
    (changes: EdgeChange[]) => {
      const picked = changes.filter((change) => change.type === "select");
      if (picked.length === 0) return;
      const next = new Set(store.getState().selectedEdges);
      for (const change of picked) {
        if (change.selected) next.add(change.id);
        else next.delete(change.id);
      }
      store.getState().select(store.getState().selectedNodes, next);
    },
    [store],
  );

  const onConnect = useCallback(
    (connection: Connection) => {
      const edge = edgeOfHandles(connection);
      const refusal = edge === undefined ? "These two don't go together." : store.getState().connect(edge);
      if (refusal !== undefined) toast.error(refusal);
    },
    [store],
  );
  // What doesn't fit can be dropped all the same, so that the refusal can say why; only what makes no sense is not offered.
  const isValidConnection = useCallback(
    (connection: Connection | Edge) =>
      connection.source !== connection.target &&
      edgeOfHandles({ ...connection, sourceHandle: connection.sourceHandle ?? null, targetHandle: connection.targetHandle ?? null }) !==
        undefined,
    [],
  );

  const toCanvas = (event: { clientX: number; clientY: number }) => {
    const box = frame.current?.getBoundingClientRect();
    return {
      screen: { x: event.clientX - (box?.left ?? 0), y: event.clientY - (box?.top ?? 0) },
      flow: flow.screenToFlowPosition({ x: event.clientX, y: event.clientY }),
    };
  };
  const onConnectEnd = (event: MouseEvent | TouchEvent, state: FinalConnectionState) => {
    if (!canEdit || state.isValid === true || state.toNode !== null || state.fromNode === null || state.fromHandle?.type !== "source")
      return;
    const point = "changedTouches" in event ? event.changedTouches[0] : event;
    const port = state.fromHandle.id?.startsWith("out:") === true ? state.fromHandle.id.slice(4) : undefined;
    if (point !== undefined && port !== undefined) setQuickAdd({ ...toCanvas(point), after: { node: state.fromNode.id, port } });
  };
  const onDrop = (event: DragEvent) => {
    const type = event.dataTransfer.getData(NODE_DRAG_TYPE);
    if (type === "") return;
    event.preventDefault();
    const { x, y } = flow.screenToFlowPosition({ x: event.clientX - 124, y: event.clientY - 28 });
    store.getState().setDropTarget(undefined);
    store.getState().addNode(type, { position: { x: Math.round(x / 8) * 8, y: Math.round(y / 8) * 8 } });
  };
  const openMenu = (event: ReactMouseEvent, nodeId: string) => {
    event.preventDefault();
    if (!store.getState().selectedNodes.has(nodeId)) store.getState().select([nodeId]);
    setMenu({ nodeId, ...toCanvas(event).screen });
  };

  return (
    <div
      ref={frame}
      className="heddle-canvas relative h-full min-h-0 w-full"
      onDrop={onDrop}
      onDragOver={(event) => {
        if (event.dataTransfer.types.includes(NODE_DRAG_TYPE)) {
          event.preventDefault();
          event.dataTransfer.dropEffect = "copy";
          drag.hover(flow.screenToFlowPosition({ x: event.clientX, y: event.clientY }));
        }
      }}
      onDragLeave={() => store.getState().setDropTarget(undefined)}
    >
      <ReactFlow<CardNode>
        id="agent"
        aria-label="Agent graph"
        nodes={nodes}
        edges={edges}
        nodeTypes={nodeTypes}
        onNodesChange={onNodesChange}
        onEdgesChange={onEdgesChange}
        onConnect={onConnect}
        onConnectEnd={onConnectEnd}
        isValidConnection={isValidConnection}
        onNodeContextMenu={(event, node) => openMenu(event, node.id)}
        onDoubleClick={(event) => {
          if (canEdit && event.target instanceof Element && event.target.classList.contains("react-flow__pane"))
            setQuickAdd(toCanvas(event));
        }}
        onNodeClick={(event) => {
          if (!event.shiftKey && !event.metaKey && !event.ctrlKey) store.getState().setTab("configure");
        }}
        onNodeDoubleClick={(event, node) => {
          const isFrame = boxes.has(node.id) && event.target instanceof Element && event.target.closest("[data-head]") === null;
          if (isFrame && canEdit) setQuickAdd({ ...toCanvas(event) });
          else store.getState().reveal(node.id, "");
        }}
        onNodeDragStart={drag.begin}
        onNodeDrag={drag.onDrag}
        onNodeDragStop={drag.end}
        onSelectionDragStart={drag.begin}
        onSelectionDragStop={drag.end}
        elevateNodesOnSelect={false}
        nodesDraggable={canEdit}
        nodesConnectable={canEdit}
        deleteKeyCode={null}
        multiSelectionKeyCode={["Shift", "Meta", "Control"]}
        selectionMode={SelectionMode.Partial}
        panOnScroll
        zoomOnDoubleClick={false}
        snapToGrid
        snapGrid={SNAP}
        minZoom={0.05}
        maxZoom={2}
        connectionRadius={28}
        onlyRenderVisibleElements
        onInit={(instance) => void instance.setViewport(firstViewport(instance.getNodesBounds(nodes), frame.current))}
        disableKeyboardA11y={!canEdit}
        proOptions={{ hideAttribution: true }}
      >
        <Background variant={BackgroundVariant.Dots} gap={16} size={1.25} color="var(--canvas-dot)" />
      </ReactFlow>
      {documentNodes.length === 0 && <EmptyCanvas />}
      {quickAdd !== undefined && <QuickAdd target={quickAdd} onClose={() => setQuickAdd(undefined)} />}
      {inside !== undefined && <QuickAdd target={inside.target} onClose={inside.close} />}
      <NodeMenu target={menu} onClose={() => setMenu(undefined)} />
    </div>
  );
}

/** Brings into view what somebody asked to see: from the problems, the trace, the palette. What is in view stays where it is. */
function useFocusRequests(frame: RefObject<HTMLDivElement | null>): void {
  const focus = useBuilder((state) => state.focus);
  const store = useBuilderStore();
  const registry = useRegistry();
  const { setCenter, getViewport } = useReactFlow();
  useEffect(() => {
    const node = focus === undefined ? undefined : store.getState().nodesById.get(focus.nodeId);
    const box = frame.current;
    if (node === undefined || box === null) return;
    const { width, height } = nodeShapeOf(node, registry.get(node.type));
    const { x, y, zoom } = getViewport();
    const left = node.position.x * zoom + x;
    const top = node.position.y * zoom + y;
    const isInView = left >= 0 && top >= 0 && left + width * zoom <= box.clientWidth && top + height * zoom <= box.clientHeight;
    if (!isInView || zoom < 0.4)
      void setCenter(node.position.x + width / 2, node.position.y + height / 2, { zoom: Math.max(zoom, 0.7), duration: 200 });
  }, [focus, store, registry, frame, setCenter, getViewport]);
}
