"use client";
import { BookOpen, LogOut, Settings } from "lucide-react";
import Link from "next/link";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuLabel,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from "@/components/ui/dropdown-menu";
import { rest } from "@/lib/rest";
import { toastError } from "@/lib/toast-error";
import { useWorkspace } from "@/lib/workspace";
import { Monogram } from "./monogram";

/** Who is signed in, and the way out. */
export function AccountMenu() {
  const { me } = useWorkspace();
  const name = me.name ?? me.email;
  const signOut = () => {
    rest("/api/auth/logout", { body: {} }).then(() => window.location.assign("/sign-in"), toastError);
  };
  return (
    <DropdownMenu>
      <DropdownMenuTrigger asChild>
        <button
          type="button"
          className="flex h-8 min-w-0 flex-1 items-center gap-2 rounded-md px-2 text-left text-muted hover:bg-hover hover:text-fg data-[state=open]:bg-hover"
        >
          <Monogram name={name} className="rounded-full" />
          <span className="min-w-0 flex-1 truncate text-sm">{name}</span>
          <span className="sr-only">Account</span>
        </button>
      </DropdownMenuTrigger>
      <DropdownMenuContent side="top" className="w-56">
        <DropdownMenuLabel className="truncate">{me.email}</DropdownMenuLabel>
        <DropdownMenuItem asChild>
          <Link href="/settings">
            <Settings aria-hidden />
            Settings
          </Link>
        </DropdownMenuItem>
        <DropdownMenuItem asChild>
          <Link href="/docs/api">
            <BookOpen aria-hidden />
            API reference
          </Link>
        </DropdownMenuItem>
        <DropdownMenuSeparator />
        <DropdownMenuItem onSelect={signOut}>
          <LogOut aria-hidden />
          Sign out
        </DropdownMenuItem>
      </DropdownMenuContent>
    </DropdownMenu>
  );
}
