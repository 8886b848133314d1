"use client";
import type { AgentDetail, AgentDocument } from "@heddle/schema";
import { useRouter } from "next/navigation";
import { useEffect, useMemo, useRef } from "react";
import { toast } from "sonner";
import { toProblem } from "@/lib/problem";
import { toastError } from "@/lib/toast-error";
import { useTRPCClient } from "@/lib/trpc";
import { Autosave } from "../model/autosave.ts";
import { readBackup, writeBackup } from "../model/draft-backup.ts";
import { isSameJson } from "../model/is-same-json.ts";
import { createDraftSaver } from "../model/save-draft.ts";
import type { BuilderStore } from "./builder-store.ts";
import type { Saving } from "./saving-context";

/** Saves the open agent while it is edited, and keeps on this machine what is not saved yet. */
export function useAutosave(store: BuilderStore, agent: AgentDetail): Saving {
  const client = useTRPCClient();
  const router = useRouter();
  const saver = useRef<Autosave<AgentDocument>>(undefined);

  useEffect(() => {
    const autosave = new Autosave<AgentDocument>(
      {
        read: () => store.getState().document,
        save: createDraftSaver({
          update: async (config, revision) => (await client.agent.update.mutate({ id: agent.id, config, revision })).revision,
          read: () => client.agent.byId.query({ id: agent.id }),
          isConflict: (error) => kindOf(error) === "conflict",
          isUncertain: (error) => kindOf(error) === "offline",
        }),
        classify: kindOf,
        onStatus: (status, error) => {
          store.getState().setSaveStatus(status);
          if (status === "failed") toastError(error);
        },
        onBackup: (backup) => writeBackup(localStorage, agent.id, backup),
        schedule: (run, ms) => {
          const timer = setTimeout(run, ms);
          return () => clearTimeout(timer);
        },
      },
      agent.revision,
    );
    saver.current = autosave;

    const backup = readBackup(localStorage, agent.id);
    if (backup !== undefined && isSameJson(backup.draft, agent.config)) writeBackup(localStorage, agent.id, undefined);
    else if (backup !== undefined && store.getState().canEdit) {
      store.getState().replaceDocument(backup.draft);
      // On top of what it was made from it is saved again; if somebody saved since, the server says so and nothing is overwritten.
      autosave.rebase(backup.revision, false);
      toast.info("Changes that were not saved last time are back.", { description: "Undo takes them away again." });
    }

    const unsubscribe = store.subscribe((state, before) => {
      if (state.document !== before.document) autosave.changed();
    });
    const onLeave = () => {
      if (document.visibilityState === "hidden") void autosave.flush();
    };
    const onOnline = () => void autosave.flush();
    document.addEventListener("visibilitychange", onLeave);
    window.addEventListener("online", onOnline);
    return () => {
      unsubscribe();
      document.removeEventListener("visibilitychange", onLeave);
      window.removeEventListener("online", onOnline);
      void autosave.flush();
      autosave.stop();
    };
  }, [store, client, agent]);

  return useMemo<Saving>(
    () => ({
      flush: async () => (await saver.current?.flush()) ?? "saved",
      retry: () => void saver.current?.flush(),
      keepAsCopy: async () => {
        const { name, document } = store.getState();
        const copy = await client.agent.create.mutate({
          workspaceId: agent.workspaceId,
          name: `${name} (my copy)`.slice(0, 120),
          config: document,
        });
        writeBackup(localStorage, agent.id, undefined);
        saver.current?.stop();
        router.replace(`/builder?agent=${copy.id}`);
      },
      loadTheirs: async () => {
        const theirs = await client.agent.byId.query({ id: agent.id });
        store.getState().replaceDocument(theirs.config);
        store.getState().setName(theirs.name);
        saver.current?.rebase(theirs.revision, true);
        toast.info("This is what was saved. Undo brings yours back.");
      },
    }),
    [store, client, agent, router],
  );
}

function kindOf(error: unknown): "offline" | "conflict" | "failed" {
  const { status, code } = toProblem(error);
  return code === "conflict" ? "conflict" : status === 0 || status >= 500 ? "offline" : "failed";
}
