import { useEffect, useState } from "react";
import type { TaskStatesStore } from "./task-states.ts";

const NONE = new Uint8Array(0);

/** The states at most every `everyMs`, for what has to look at all of them; nothing while `on` is false. */
export function useThrottledStates(store: TaskStatesStore, on: boolean, everyMs: number): Uint8Array {
  const [held, setHeld] = useState<Uint8Array>(NONE);
  useEffect(() => {
    if (!on) return;
    let timer: ReturnType<typeof setTimeout> | null = null;
    const take = (): void => setHeld(store.getState().states);
    take();
    const end = store.subscribe(() => {
      timer ??= setTimeout(() => {
        timer = null;
        take();
      }, everyMs);
    });
    return () => {
      end();
      if (timer !== null) clearTimeout(timer);
    };
  }, [store, on, everyMs]);
  return on ? (held.length === 0 ? store.getState().states : held) : NONE;
}
