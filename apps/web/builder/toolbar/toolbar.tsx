"use client";
import { useReactFlow, useStore } from "@xyflow/react";
import {
  ChevronLeft,
  CircleHelp,
  Ellipsis,
  ListTree,
  Maximize,
  Minus,
  PanelLeft,
  PanelRight,
  Play,
  Plus,
  Redo2,
  Rocket,
  Undo2,
} from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import { ThemeMenu } from "@/components/shell/theme-menu";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { DropdownMenu, DropdownMenuContent, DropdownMenuItem, DropdownMenuTrigger } from "@/components/ui/dropdown-menu";
import { Tooltip } from "@/components/ui/tooltip";
import { useBuilder, useBuilderStore } from "../store/builder-context";
import { AgentName } from "./agent-name";
import { DeployDialog } from "./deploy-dialog";
import { SaveState } from "./save-state";
import { ShortcutsDialog } from "./shortcuts-dialog";

export interface ToolbarProps {
  isPaletteOpen: boolean;
  onTogglePalette: () => void;
  onTest: () => void;
}

/** The one toolbar: where one is, how it is saved, undo, the view, and the two things to do next. */
export function Toolbar({ isPaletteOpen, onTogglePalette, onTest }: ToolbarProps) {
  const store = useBuilderStore();
  const canEdit = useBuilder((state) => state.canEdit);
  const canUndo = useBuilder((state) => state.history.past.length > 0);
  const canRedo = useBuilder((state) => state.history.future.length > 0);
  const isPanelOpen = useBuilder((state) => state.isPanelOpen);
  const [isDeploying, setIsDeploying] = useState(false);
  const [isHelpOpen, setIsHelpOpen] = useState(false);
  const { fitView } = useReactFlow();
  return (
    <header className="z-30 flex h-12 shrink-0 items-center gap-1 border-b border-line bg-surface px-2">
      <Tooltip content="All agents">
        <Button asChild variant="ghost" size="icon">
          <Link href="/agents" aria-label="All agents">
            <ChevronLeft aria-hidden />
          </Link>
        </Button>
      </Tooltip>
      {canEdit && (
        <Tooltip content={isPaletteOpen ? "Hide nodes" : "Show nodes"}>
          <Button
            variant="ghost"
            size="icon"
            aria-label={isPaletteOpen ? "Hide nodes" : "Show nodes"}
            aria-pressed={isPaletteOpen}
            onClick={onTogglePalette}
          >
            <PanelLeft aria-hidden />
          </Button>
        </Tooltip>
      )}
      <div className="ml-1 flex min-w-0 flex-1 items-center gap-2">
        <AgentName />
        {canEdit ? <SaveState /> : <Badge>View only</Badge>}
      </div>

      {canEdit && (
        <div className="hidden items-center sm:flex">
          <Tooltip content="Undo" shortcut="⌘Z">
            <Button variant="ghost" size="icon" aria-label="Undo" disabled={!canUndo} onClick={() => store.getState().undo()}>
              <Undo2 aria-hidden />
            </Button>
          </Tooltip>
          <Tooltip content="Redo" shortcut="⇧⌘Z">
            <Button variant="ghost" size="icon" aria-label="Redo" disabled={!canRedo} onClick={() => store.getState().redo()}>
              <Redo2 aria-hidden />
            </Button>
          </Tooltip>
          <span aria-hidden className="mx-1 h-5 w-px bg-line" />
        </div>
      )}
      <div className="hidden items-center md:flex">
        {canEdit && (
          <Tooltip content="Tidy up" shortcut="⇧T">
            <Button variant="ghost" size="icon" aria-label="Tidy up" onClick={() => store.getState().tidy()}>
              <ListTree aria-hidden />
            </Button>
          </Tooltip>
        )}
        <Zoom />
        <Tooltip content="Fit to view" shortcut="⇧1">
          <Button
            variant="ghost"
            size="icon"
            aria-label="Fit to view"
            onClick={() => void fitView({ padding: 0.08, maxZoom: 1, duration: 200 })}
          >
            <Maximize aria-hidden />
          </Button>
        </Tooltip>
        <span aria-hidden className="mx-1 h-5 w-px bg-line" />
      </div>
      <div className="hidden lg:block">
        <ThemeMenu />
      </div>
      <DropdownMenu>
        <DropdownMenuTrigger asChild>
          <Button variant="ghost" size="icon" aria-label="More">
            <Ellipsis aria-hidden />
          </Button>
        </DropdownMenuTrigger>
        <DropdownMenuContent align="end">
          {canEdit && (
            <>
              <DropdownMenuItem className="sm:hidden" disabled={!canUndo} onSelect={() => store.getState().undo()}>
                <Undo2 aria-hidden />
                Undo
              </DropdownMenuItem>
              <DropdownMenuItem className="sm:hidden" disabled={!canRedo} onSelect={() => store.getState().redo()}>
                <Redo2 aria-hidden />
                Redo
              </DropdownMenuItem>
              <DropdownMenuItem className="md:hidden" onSelect={() => store.getState().tidy()}>
                <ListTree aria-hidden />
                Tidy up
              </DropdownMenuItem>
            </>
          )}
          <DropdownMenuItem className="md:hidden" onSelect={() => void fitView({ padding: 0.08, maxZoom: 1 })}>
            <Maximize aria-hidden />
            Fit to view
          </DropdownMenuItem>
          <DropdownMenuItem onSelect={() => setIsHelpOpen(true)} shortcut="?">
            <CircleHelp aria-hidden />
            Keyboard shortcuts
          </DropdownMenuItem>
        </DropdownMenuContent>
      </DropdownMenu>
      <Tooltip content={isPanelOpen ? "Hide panel" : "Show panel"}>
        <Button
          variant="ghost"
          size="icon"
          aria-label={isPanelOpen ? "Hide panel" : "Show panel"}
          aria-pressed={isPanelOpen}
          onClick={() => store.getState().setPanelOpen(!isPanelOpen)}
        >
          <PanelRight aria-hidden />
        </Button>
      </Tooltip>
      {canEdit && (
        <>
          <Button onClick={onTest} className="ml-1">
            <Play aria-hidden />
            Test
          </Button>
          <Button variant="primary" aria-label="Deploy" className="ml-1" onClick={() => setIsDeploying(true)}>
            <Rocket aria-hidden />
            <span className="hidden sm:inline">Deploy</span>
          </Button>
        </>
      )}
      <DeployDialog isOpen={isDeploying} onOpenChange={setIsDeploying} />
      <ShortcutsDialog isOpen={isHelpOpen} onOpenChange={setIsHelpOpen} />
    </header>
  );
}

function Zoom() {
  const { zoomIn, zoomOut, zoomTo } = useReactFlow();
  const zoom = useStore((state) => Math.round(state.transform[2] * 100));
  return (
    <div className="flex items-center">
      <Tooltip content="Zoom out">
        <Button variant="ghost" size="icon" aria-label="Zoom out" onClick={() => void zoomOut({ duration: 120 })}>
          <Minus aria-hidden />
        </Button>
      </Tooltip>
      <Tooltip content="Zoom to 100 %">
        <Button
          variant="ghost"
          size="sm"
          className="tabular w-12 px-0"
          aria-label={`Zoom is ${zoom} %; set to 100 %`}
          onClick={() => void zoomTo(1, { duration: 120 })}
        >
          {zoom} %
        </Button>
      </Tooltip>
      <Tooltip content="Zoom in">
        <Button variant="ghost" size="icon" aria-label="Zoom in" onClick={() => void zoomIn({ duration: 120 })}>
          <Plus aria-hidden />
        </Button>
      </Tooltip>
    </div>
  );
}
