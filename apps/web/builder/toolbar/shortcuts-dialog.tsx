"use client";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { Kbd } from "@/components/ui/kbd";

const SHORTCUTS: readonly [string, string][] = [
  ["Search nodes to add", "/"],
  ["Test", "T"],
  ["Connect the selected node to…", "C"],
  ["Move the selected nodes", "← ↑ ↓ →"],
  ["Undo, redo", "⌘Z, ⇧⌘Z"],
  ["Copy, cut, paste, duplicate", "⌘C, ⌘X, ⌘V, ⌘D"],
  ["Select all", "⌘A"],
  ["Delete", "⌫"],
  ["Tidy up", "⇧T"],
  ["Fit to view", "⇧1"],
  ["Commands", "⌘K"],
  ["This list", "?"],
];

export function ShortcutsDialog({ isOpen, onOpenChange }: { isOpen: boolean; onOpenChange: (isOpen: boolean) => void }) {
  return (
    <Dialog open={isOpen} onOpenChange={onOpenChange}>
      <DialogContent title="Keyboard shortcuts" description="Tab goes from node to node on the canvas; Enter selects." size="sm">
        <dl className="flex flex-col">
          {SHORTCUTS.map(([what, keys]) => (
            <div key={what} className="flex h-8 items-center justify-between gap-4 border-b border-line text-sm last:border-0">
              <dt>{what}</dt>
              <dd>
                <Kbd>{keys}</Kbd>
              </dd>
            </div>
          ))}
        </dl>
      </DialogContent>
    </Dialog>
  );
}
