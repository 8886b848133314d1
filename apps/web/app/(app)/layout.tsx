import { type ReactNode, Suspense } from "react";
import { AppShell } from "@/components/shell/app-shell";
import { PageSkeleton, ShellSkeleton } from "@/components/shell/shell-skeleton";
import { WorkspaceProvider } from "@/lib/workspace";

/** Pages of a workspace. Suspense is what lets them read the query string in a static export. */
export default function WorkspaceLayout({ children }: { children: ReactNode }) {
  return (
    <WorkspaceProvider fallback={<ShellSkeleton />}>
      <AppShell>
        <Suspense fallback={<PageSkeleton />}>{children}</Suspense>
      </AppShell>
    </WorkspaceProvider>
  );
}
