"use client";
import { useCallback, useEffect, useState } from "react";
import { CommandPalette } from "@/components/shell/command-palette";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "@/components/ui/tabs";
import { cn } from "@/lib/cn";
import { Canvas } from "./canvas/canvas";
import { Inspector } from "./inspector/inspector";
import { Palette } from "./palette/palette";
import { ConnectDialog } from "./panels/connect-dialog";
import { ProblemsPanel } from "./panels/problems-panel";
import { TestPanel } from "./run/test-panel";
import { useBuilder, useBuilderStore } from "./store/builder-context";
import type { PanelTab } from "./store/builder-store.ts";
import { ShortcutsDialog } from "./toolbar/shortcuts-dialog";
import { Toolbar } from "./toolbar/toolbar";
import { useBuilderCommands } from "./use-builder-commands";
import { useShortcuts } from "./use-shortcuts";

/** Toolbar above; nodes, canvas and panel beside each other. Where it is narrow, the side parts lie over the canvas when asked for. */
export function BuilderFrame() {
  const store = useBuilderStore();
  const canEdit = useBuilder((state) => state.canEdit);
  const [isPaletteOpen, setIsPaletteOpen] = useState(() => window.innerWidth >= 1024);
  const isPanelOpen = useBuilder((state) => state.isPanelOpen);
  const setPanelOpen = useBuilder((state) => state.setPanelOpen);
  const [isHelpOpen, setIsHelpOpen] = useState(false);
  useEffect(() => setPanelOpen(window.innerWidth >= 768), [setPanelOpen]);

  const focusPalette = useCallback(() => {
    setIsPaletteOpen(true);
    setTimeout(() => document.getElementById("palette-search")?.focus(), 30);
  }, []);
  const openTest = useCallback(() => {
    if (!store.getState().canEdit) return;
    store.getState().setTab("test");
    setPanelOpen(true);
    setTimeout(() => document.querySelector<HTMLElement>("#chat-message, #run-input")?.focus(), 30);
  }, [store, setPanelOpen]);
  const openHelp = useCallback(() => setIsHelpOpen(true), []);
  useShortcuts({ focusPalette, openTest, openHelp });
  useBuilderCommands({ focusPalette, openTest, openHelp });

  return (
    <div className="flex h-dvh flex-col overflow-hidden bg-background">
      <Toolbar isPaletteOpen={isPaletteOpen && canEdit} onTogglePalette={() => setIsPaletteOpen(!isPaletteOpen)} onTest={openTest} />
      <main className="relative flex min-h-0 flex-1">
        {isPaletteOpen && canEdit && (
          <aside
            aria-label="Add nodes"
            className="w-56 shrink-0 border-r border-line bg-surface max-lg:absolute max-lg:inset-y-0 max-lg:left-0 max-lg:z-20 max-lg:shadow-lg"
          >
            <Palette />
          </aside>
        )}
        <div className="min-w-0 flex-1">
          <Canvas />
        </div>
        {isPanelOpen && <Panel />}
      </main>
      <ConnectDialog />
      <CommandPalette />
      <ShortcutsDialog isOpen={isHelpOpen} onOpenChange={setIsHelpOpen} />
    </div>
  );
}

function Panel() {
  const store = useBuilderStore();
  const tab = useBuilder((state) => state.tab);
  const canEdit = useBuilder((state) => state.canEdit);
  const errors = useBuilder((state) => state.problems.filter((problem) => problem.severity === "error").length);
  const warnings = useBuilder((state) => state.problems.length) - errors;
  return (
    <aside
      aria-label="Panel"
      className="flex w-90 shrink-0 flex-col border-l border-line bg-surface max-md:absolute max-md:inset-y-0 max-md:right-0 max-md:z-20 max-md:w-full max-md:max-w-md max-md:shadow-lg"
    >
      <Tabs value={tab} onValueChange={(next) => store.getState().setTab(next as PanelTab)} className="flex min-h-0 flex-1 flex-col">
        <div className="flex items-center border-b border-line px-4">
          <TabsList className="flex-1 border-0">
            <TabsTrigger value="configure" className="h-10">
              Configure
            </TabsTrigger>
            {canEdit && (
              <TabsTrigger value="test" className="h-10">
                Test
              </TabsTrigger>
            )}
            <TabsTrigger value="problems" className="h-10">
              Problems
              {errors + warnings > 0 && (
                <span
                  className={cn(
                    "tabular flex h-4 min-w-4 items-center justify-center rounded-full px-1 text-[10px] font-semibold",
                    errors > 0 ? "bg-bad-soft text-bad" : "bg-warn-soft text-warn",
                  )}
                >
                  {errors > 0 ? errors : warnings}
                </span>
              )}
            </TabsTrigger>
          </TabsList>
        </div>
        <div id="builder-panel" className={cn("min-h-0 flex-1", tab !== "test" && "overflow-y-auto")}>
          <TabsContent value="configure" className="pt-0">
            <Inspector />
          </TabsContent>
          <TabsContent value="test" className="h-full pt-0">
            <TestPanel />
          </TabsContent>
          <TabsContent value="problems" className="pt-0">
            <ProblemsPanel />
          </TabsContent>
        </div>
      </Tabs>
    </aside>
  );
}
