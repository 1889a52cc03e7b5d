import { useStore } from "zustand";
import { createStore } from "zustand/vanilla";
import { readPreference, writePreference } from "./preferences.ts";

/** What a notice or a sound is about: a stop that was not obeyed, what cannot wait or be undone, and the rest (A2). */
export type Priority = "stop" | "high" | "normal";
export const PRIORITIES: readonly Priority[] = ["stop", "high", "normal"];

export interface NotifySettings {
  /** `declined`: the offer was put away and is not made again. Null: never said. */
  readonly choice: "on" | "off" | "declined" | null;
  /** Off until somebody turns one on. */
  readonly sounds: Readonly<Record<Priority, boolean>>;
  /** Epoch ms until which requests make no notification and nothing makes a sound; 0 when not muted. */
  readonly mutedUntilMs: number;
}

/** One shift: a mute always ends, at the latest then (A3, A8). */
export const LONGEST_MUTE_MS = 8 * 3_600_000;

const SOUND_NAMES = {
  stop: "signalbox.sound-stop",
  high: "signalbox.sound-high",
  normal: "signalbox.sound-normal",
} as const;

function read(): NotifySettings {
  const isOn = (priority: Priority): boolean => readPreference(SOUND_NAMES[priority]) === "on";
  return {
    choice: readPreference("signalbox.notify") ?? null,
    sounds: { stop: isOn("stop"), high: isOn("high"), normal: isOn("normal") },
    mutedUntilMs: Number(readPreference("signalbox.muted-until") ?? 0),
  };
}

export const notifySettings = createStore<NotifySettings>(read);

export const useNotifySettings = (): NotifySettings => useStore(notifySettings);

export function setNotify(choice: "on" | "off" | "declined"): void {
  notifySettings.setState({ choice });
  writePreference("signalbox.notify", choice);
}

export function setSound(priority: Priority, isOn: boolean): void {
  notifySettings.setState(({ sounds }) => ({ sounds: { ...sounds, [priority]: isOn } }));
  writePreference(SOUND_NAMES[priority], isOn ? "on" : "off");
}

/** Mutes until then; 0 ends a mute. */
export function muteUntil(epochMs: number): void {
  const mutedUntilMs = Math.round(epochMs);
  notifySettings.setState({ mutedUntilMs });
  writePreference("signalbox.muted-until", String(mutedUntilMs));
}

/** Ms of mute left. What lies further ahead than a mute may last, after a change of the clock say, is none. */
export function muteLeft(mutedUntilMs: number, nowMs: number): number {
  const leftMs = mutedUntilMs - nowMs;
  return leftMs > 0 && leftMs <= LONGEST_MUTE_MS ? leftMs : 0;
}

/** Another tab may be the one that notifies: what is chosen in one holds in all. */
export function followSettings(): () => void {
  const reread = (): void => notifySettings.setState(read());
  window.addEventListener("storage", reread);
  return () => window.removeEventListener("storage", reread);
}
