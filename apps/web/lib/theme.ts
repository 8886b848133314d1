"use client";
import { useSyncExternalStore } from "react";
import { THEME_KEY } from "./theme-script";

export type Theme = "system" | "light" | "dark";

const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  const media = window.matchMedia("(prefers-color-scheme: dark)");
  const changed = () => {
    apply(current());
    listener();
  };
  listeners.add(listener);
  media.addEventListener("change", changed);
  window.addEventListener("storage", changed);
  return () => {
    listeners.delete(listener);
    media.removeEventListener("change", changed);
    window.removeEventListener("storage", changed);
  };
}

function current(): Theme {
  const stored = localStorage.getItem(THEME_KEY);
  return stored === "light" || stored === "dark" ? stored : "system";
}

function apply(theme: Theme): void {
  const isDark = theme === "dark" || (theme === "system" && window.matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.classList.toggle("dark", isDark);
}

/** Remembers and shows a theme. */
export function setTheme(theme: Theme): void {
  localStorage.setItem(THEME_KEY, theme);
  apply(theme);
  for (const listener of listeners) listener();
}

/** The chosen theme. */
export function useTheme(): Theme {
  return useSyncExternalStore(subscribe, current, () => "system");
}
