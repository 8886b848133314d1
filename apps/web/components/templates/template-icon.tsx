import { Headset, Inbox, LayoutTemplate, LifeBuoy, type LucideIcon, Tags } from "lucide-react";

const ICONS: Readonly<Record<string, LucideIcon>> = { headset: Headset, inbox: Inbox, "life-buoy": LifeBuoy, tags: Tags };

/** The icon that a template names; a plain one where it is unknown. */
export function TemplateIcon({ name, className }: { name: string; className?: string }) {
  const Icon = ICONS[name] ?? LayoutTemplate;
  return <Icon className={className} aria-hidden />;
}
