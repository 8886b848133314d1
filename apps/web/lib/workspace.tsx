"use client";
import type { UserResource, WorkspaceResource } from "@heddle/schema";
import { useQuery } from "@tanstack/react-query";
import { createContext, type ReactNode, use, useCallback, useMemo, useState } from "react";
import { ErrorState } from "@/components/ui/error-state";
import { isSignedOut } from "./problem";
import { useTRPC } from "./trpc";

const KEY = "heddle.workspace";

export interface WorkspaceContext {
  me: UserResource;
  workspace: WorkspaceResource;
  workspaces: WorkspaceResource[];
  /** Makes another workspace the current one, here and on the next visit. */
  switchTo: (workspaceId: string) => void;
  /** MEMBER and above. Viewers look, and change nothing. */
  canEdit: boolean;
  /** ADMIN and above. */
  canAdminister: boolean;
}

const Context = createContext<WorkspaceContext | undefined>(undefined);

/** The person and the workspace that the page is about. */
export function useWorkspace(): WorkspaceContext {
  const context = use(Context);
  if (context === undefined) throw new Error("useWorkspace needs a WorkspaceProvider above it");
  return context;
}

/** Loads who is signed in and their workspaces; shows `fallback` meanwhile. The signed-out are sent to sign in. */
export function WorkspaceProvider({ fallback, children }: { fallback: ReactNode; children: ReactNode }) {
  const trpc = useTRPC();
  const me = useQuery(trpc.account.me.queryOptions());
  const list = useQuery(trpc.workspace.list.queryOptions({ limit: 200 }));
  const [chosenId, setChosenId] = useState(() => (typeof window === "undefined" ? null : readChoice()));
  const switchTo = useCallback((workspaceId: string) => {
    localStorage.setItem(KEY, workspaceId);
    setChosenId(workspaceId);
  }, []);

  const workspaces = list.data?.items;
  const workspace = workspaces?.find((candidate) => candidate.id === chosenId) ?? workspaces?.[0];
  const value = useMemo<WorkspaceContext | undefined>(() => {
    if (me.data === undefined || workspaces === undefined || workspace === undefined) return undefined;
    return {
      me: me.data,
      workspace,
      workspaces,
      switchTo,
      canEdit: workspace.role !== "VIEWER",
      canAdminister: workspace.role === "OWNER" || workspace.role === "ADMIN",
    };
  }, [me.data, workspace, workspaces, switchTo]);

  const error = me.error ?? list.error;
  if (value === undefined && error !== null && !isSignedOut(error)) {
    return <ErrorState error={error} className="min-h-dvh justify-center" onRetry={() => Promise.all([me.refetch(), list.refetch()])} />;
  }
  if (value === undefined) return fallback;
  return <Context value={value}>{children}</Context>;
}

/** A link may name the workspace it is about; otherwise the last one stays. */
function readChoice(): string | null {
  const named = new URLSearchParams(window.location.search).get("workspace");
  if (named !== null) localStorage.setItem(KEY, named);
  return named ?? localStorage.getItem(KEY);
}
