"use client";
import { AuditCard } from "@/components/settings/audit-card";
import { PasswordCard } from "@/components/settings/password-card";
import { ProfileCard } from "@/components/settings/profile-card";
import { SessionsCard } from "@/components/settings/sessions-card";
import { SettingsTabs } from "@/components/settings/settings-tabs";
import { WorkspaceCard } from "@/components/settings/workspace-card";
import { Page, PageHeader } from "@/components/ui/page-header";
import { useWorkspace } from "@/lib/workspace";

export default function SettingsPage() {
  const { workspace, canAdminister } = useWorkspace();
  return (
    <Page width="narrow">
      <PageHeader title="Settings" description="Of your account and of this workspace." />
      <SettingsTabs />
      <div className="flex flex-col gap-4">
        <ProfileCard />
        <PasswordCard />
        <SessionsCard />
        <WorkspaceCard key={workspace.id} />
        {canAdminister && <AuditCard />}
      </div>
    </Page>
  );
}
