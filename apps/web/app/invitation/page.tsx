import type { Metadata } from "next";
import { Suspense } from "react";
import { AcceptInvitation } from "@/components/invite/accept-invitation";

export const metadata: Metadata = { title: "Invitation" };

export default function InvitePage() {
  return (
    <Suspense>
      <AcceptInvitation />
    </Suspense>
  );
}
