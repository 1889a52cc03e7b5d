import { ok, type Result } from "../../base/result.ts";
import type { Ladder } from "../../engine/past/ladder.ts";
import type { Refusal } from "../../protocol/jose/refusal.ts";

/** A ladder that is being made, by one climb that everybody shares: each waits for as much of it as it needs. */
export interface Climb {
  readonly ladder: Ladder;
  /** Once the ladder has so many entries. */
  to(size: number): Promise<Result<void, Refusal>>;
}

/** Folds on up to `to`; `between` is called after every slice of the work. */
export type Folding = (to: number, between: () => Promise<void>) => Promise<Result<void, Refusal>>;

/** `others` holds the climb where something is to be done before it. */
export function createClimb(ladder: Ladder, fold: Folding, others: () => Promise<void>): Climb {
  let wanted = 0;
  let climbing: Promise<Result<void, Refusal>> | null = null;
  const waiting = new Set<{ readonly size: number; readonly reached: () => void }>();
  const tell = (): void => {
    for (const one of waiting) {
      if (one.size > ladder.size()) continue;
      waiting.delete(one);
      one.reached();
    }
  };
  const climb = async (): Promise<Result<void, Refusal>> => {
    // More may be wanted meanwhile.
    while (ladder.size() < wanted) {
      const folded = await fold(wanted, () => {
        tell();
        return others();
      });
      if (folded.ok) continue;
      wanted = 0;
      return folded;
    }
    return ok(undefined);
  };
  return {
    ladder,
    to: async (size) => {
      wanted = Math.max(wanted, size);
      while (ladder.size() < size) {
        climbing ??= climb().finally(() => {
          climbing = null;
        });
        const reached = new Promise<Result<void, Refusal>>((resolve) => {
          waiting.add({ size, reached: () => resolve(ok(undefined)) });
        });
        const came = await Promise.race([climbing, reached]);
        if (!came.ok) return came;
      }
      return ok(undefined);
    },
  };
}
