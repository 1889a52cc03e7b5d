import { useStore } from "zustand";
import { createStore } from "zustand/vanilla";
import { isTyping } from "../ui/use-keys.ts";
import { readPreference, writePreference } from "./preferences.ts";

const setting = createStore<{ on: boolean }>(() => ({ on: readPreference("signalbox.single-keys") !== "off" }));

/**
 * Single-letter shortcuts can be turned off (C7, WCAG 2.1.4): then a letter without Control, Meta or Alt reaches nobody but
 * text fields and lists that find their items by letters. Call once, before any other listener is there.
 */
export function guardSingleKeys(target: Window): void {
  target.addEventListener(
    "keydown",
    (event) => {
      if (setting.getState().on || event.key.length !== 1 || event.key === " ") return;
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (event.target instanceof Element && event.target.closest('[role="listbox"],[role="menu"]') !== null) return;
      event.stopImmediatePropagation();
    },
    { capture: true },
  );
}

export function setSingleKeys(on: boolean): void {
  writePreference("signalbox.single-keys", on ? "on" : "off");
  setting.setState({ on });
}

export function useSingleKeys(): boolean {
  return useStore(setting, (state) => state.on);
}
