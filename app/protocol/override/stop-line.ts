import type { OverrideScope } from "./claims.ts";

/** A stop that was pressed and whose signal is on its way: `jti` is that of the signal. */
export interface Press {
  readonly jti: string;
  readonly scope: OverrideScope;
}

/**
 * The page's end of the stop line (OVR-42): memory that it shares with the enforcement point of its own tab. What is raised
 * on it is seen there before the next effect, however much is queued before the signed signal.
 */
export interface StopLine {
  /** In force for the enforcement point when it returns; `lower`, called once or more, takes it back. */
  raise(press: Press): () => void;
}

/** How the memory is laid out: how many are raised; then by slot 0, or stamp and length of what it holds; then the slots. */
export const LINE = { slots: 64, slotBytes: 1024, wordsAt: 1, bytesAt: 1024, lengthBits: 11 } as const;

export const LINE_BYTES = LINE.bytesAt + LINE.slots * LINE.slotBytes;

/** Presses beyond its slots, or with a scope too long for one, are not raised: their signal stops as it does without a line. */
export function createStopLine(memory: SharedArrayBuffer, lowered: () => void): StopLine {
  const words = new Int32Array(memory, 0, LINE.bytesAt / 4);
  const bytes = new Uint8Array(memory, LINE.bytesAt);
  const inUse = new Set<number>();
  let stamp = 0;
  return {
    raise: ({ jti, scope }) => {
      const written = new TextEncoder().encode(JSON.stringify({ jti, scope }));
      const slot = Array.from({ length: LINE.slots }, (_, at) => at).find((at) => !inUse.has(at));
      if (slot === undefined || written.length > LINE.slotBytes) return () => undefined;
      inUse.add(slot);
      stamp += 1;
      bytes.set(written, slot * LINE.slotBytes);
      Atomics.store(words, LINE.wordsAt + slot, (stamp << LINE.lengthBits) | written.length);
      Atomics.add(words, 0, 1);
      let isRaised = true;
      return () => {
        if (!isRaised) return;
        isRaised = false;
        inUse.delete(slot);
        Atomics.store(words, LINE.wordsAt + slot, 0);
        Atomics.sub(words, 0, 1);
        lowered();
      };
    },
  };
}
