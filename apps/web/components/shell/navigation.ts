import {
  Bot,
  Database,
  History,
  KeyRound,
  LayoutTemplate,
  Library,
  type LucideIcon,
  Rocket,
  Settings,
  ShieldCheck,
  UserCheck,
  Users,
  Webhook,
} from "lucide-react";

export interface NavigationItem {
  href: string;
  label: string;
  icon: LucideIcon;
}

export const APPROVALS = "/approvals";

/** The places of a workspace, in the order of the sidebar. */
export const WORK_PLACES: readonly NavigationItem[] = [
  { href: "/agents", label: "Agents", icon: Bot },
  { href: "/templates", label: "Templates", icon: LayoutTemplate },
  { href: "/datasets", label: "Data sets", icon: Database },
  { href: "/knowledge", label: "Knowledge", icon: Library },
  { href: "/deployments", label: "Deployments", icon: Rocket },
  { href: "/executions", label: "Executions", icon: History },
  { href: APPROVALS, label: "Approvals", icon: UserCheck },
];

export const ADMIN_PLACES: readonly NavigationItem[] = [
  { href: "/members", label: "Members", icon: Users },
  { href: "/api-keys", label: "API keys", icon: KeyRound },
  { href: "/credentials", label: "Credentials", icon: ShieldCheck },
  { href: "/webhooks", label: "Webhooks", icon: Webhook },
  { href: "/settings", label: "Settings", icon: Settings },
];

/** Whether a path is a place or below it. */
export function isAt(pathname: string, href: string): boolean {
  return pathname === href || pathname.startsWith(`${href}/`);
}
