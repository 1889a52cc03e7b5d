import * as z from "zod/mini";

/** What this browser remembers of the operator's choices; nothing of the log. */
const SCHEMAS = {
  "signalbox.theme": z.enum(["light", "dark", "system"]),
  "signalbox.single-keys": z.enum(["on", "off"]),
  "signalbox.lock-after": z.enum(["1", "5", "15", "30", "60"]),
  "signalbox.notify": z.enum(["on", "off", "declined"]),
  "signalbox.sound-stop": z.enum(["on", "off"]),
  "signalbox.sound-high": z.enum(["on", "off"]),
  "signalbox.sound-normal": z.enum(["on", "off"]),
  /** Epoch ms. */
  "signalbox.muted-until": z.string().check(z.regex(/^\d{1,15}$/)),
} as const;

type Name = keyof typeof SCHEMAS;
type ValueOf<N extends Name> = z.infer<(typeof SCHEMAS)[N]>;

/** A preference, or undefined when there is none, it is not one of ours, or storage is blocked. */
export function readPreference<N extends Name>(name: N): ValueOf<N> | undefined {
  try {
    const parsed = SCHEMAS[name].safeParse(localStorage.getItem(name));
    return parsed.success ? (parsed.data as ValueOf<N>) : undefined;
  } catch {
    return undefined;
  }
}

/** False when the browser does not keep it: the choice then holds until the page is left. */
export function writePreference<N extends Name>(name: N, value: ValueOf<N>): boolean {
  try {
    localStorage.setItem(name, value);
    return true;
  } catch {
    return false;
  }
}
