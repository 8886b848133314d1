import { type ReactNode, Suspense } from "react";
import { BuilderSkeleton } from "@/builder/builder-skeleton";
import { WorkspaceProvider } from "@/lib/workspace";

/** Full-screen tools of a workspace, without the sidebar. */
export default function StudioLayout({ children }: { children: ReactNode }) {
  return (
    <WorkspaceProvider fallback={<BuilderSkeleton />}>
      <Suspense fallback={<BuilderSkeleton />}>{children}</Suspense>
    </WorkspaceProvider>
  );
}
