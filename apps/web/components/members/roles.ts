import type { Role } from "@heddle/schema";

/** The roles with what each may do, mightiest first. */
export const ROLES: readonly { value: Role; label: string; help: string }[] = [
  { value: "OWNER", label: "Owner", help: "Everything, deleting the workspace included" },
  { value: "ADMIN", label: "Administrator", help: "Members, API keys, credentials and settings" },
  { value: "MEMBER", label: "Member", help: "Builds, tests and deploys agents" },
  { value: "VIEWER", label: "Viewer", help: "Looks at everything, changes nothing" },
];
