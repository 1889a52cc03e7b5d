import { useStore } from "zustand";
import { createStore } from "zustand/vanilla";
import { readPreference, writePreference } from "./preferences.ts";

export type Theme = "light" | "dark" | "system";

const chosen = createStore<{ theme: Theme }>(() => ({ theme: readPreference("signalbox.theme") ?? "system" }));
const systemIsDark = (): MediaQueryList => window.matchMedia("(prefers-color-scheme: dark)");

function apply(): void {
  const { theme } = chosen.getState();
  const dark = theme === "dark" || (theme === "system" && systemIsDark().matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
}

/** Follows the system's theme while that is the choice; public/boot.js has applied it before the first paint. */
export function followTheme(): void {
  apply();
  systemIsDark().addEventListener("change", apply);
}

export function setTheme(theme: Theme): void {
  writePreference("signalbox.theme", theme);
  chosen.setState({ theme });
  apply();
}

export function useTheme(): Theme {
  return useStore(chosen, (state) => state.theme);
}
