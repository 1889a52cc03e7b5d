import * as z from "zod";
import { overrideScopeSchema } from "./claims.ts";
import { LINE, type Press } from "./stop-line.ts";

const pressSchema = z.object({ jti: z.string(), scope: overrideScopeSchema });

/** The enforcement point's end of the stop line: read before every effect, without a turn of any loop. */
export interface PressedStops {
  pressed(): readonly Press[];
  /** A press was taken back by its page: its signal was answered. */
  onLowered(listener: () => void): () => void;
}

export function readStopLine(memory: SharedArrayBuffer): PressedStops & { lowered(): void } {
  const words = new Int32Array(memory, 0, LINE.bytesAt / 4);
  const bytes = new Uint8Array(memory, LINE.bytesAt);
  const listeners = new Set<() => void>();

  /** What a slot holds; null when it holds nothing. The page may fill it anew while it is copied: then it is read again. */
  const read = (slot: number): Press | null => {
    for (;;) {
      const word = Atomics.load(words, LINE.wordsAt + slot);
      if (word === 0) return null;
      const start = slot * LINE.slotBytes;
      const copy = bytes.slice(start, start + (word & ((1 << LINE.lengthBits) - 1)));
      if (Atomics.load(words, LINE.wordsAt + slot) === word)
        return pressSchema.parse(JSON.parse(new TextDecoder().decode(copy)));
    }
  };

  return {
    pressed: () => {
      if (Atomics.load(words, 0) === 0) return [];
      return Array.from({ length: LINE.slots }, (_, slot) => read(slot)).filter((press) => press !== null);
    },
    onLowered: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    lowered: () => {
      for (const listener of listeners) listener();
    },
  };
}
