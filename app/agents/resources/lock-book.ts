import { ok, type Result } from "../../base/result.ts";
import { overlaps } from "../../protocol/cascade/checkpoint.ts";
import { CONFIRM_WITHIN_S } from "../../protocol/cascade/rollback-state.ts";
import { all } from "./resource-book.ts";
import type { KeptParticipant, ResourceDesk, StoredValues, StoreProblem } from "./resource-store.ts";
import { ROLLBACK } from "./stored-effects.ts";

/** What participants remember of rollbacks, and with it what is locked. */
export type LockBook = Pick<ResourceDesk, "keep" | "kept" | "lockedBy">;

/** `isOver`: whether a rollback holds nothing any more, whatever its participants say. */
export function createLockBook(
  values: StoredValues,
  nowMs: () => number,
  isOver: (rbId: string) => Promise<boolean>,
): LockBook {
  const nowS = (): number => Math.floor(nowMs() / 1000);
  /** Names of what participants keep: asked for with every write, and written by nobody else. */
  let rollbacks: Set<string> | null = null;
  const participants = async (prefix: string): Promise<Result<readonly KeptParticipant[], StoreProblem>> => {
    const keys = rollbacks === null ? await values.keys(ROLLBACK) : null;
    if (keys?.ok === false) return keys;
    rollbacks ??= new Set(keys?.value ?? []);
    const names = [...rollbacks].filter((key) => key.startsWith(prefix));
    const found = await all(
      names.map(async (key): Promise<Result<KeptParticipant | null, StoreProblem>> => {
        const kept = await values.get(key);
        // Only `keep` writes under this prefix.
        return kept.ok ? ok((kept.value ?? null) as KeptParticipant | null) : kept;
      }),
    );
    return found.ok ? ok(found.value.filter((kept) => kept !== null)) : found;
  };
  /** Without a word for so long, and nothing under way: its participant lets go, or is not there to do it (C5). */
  const isQuiet = ({ state }: KeptParticipant): boolean =>
    state.underway.length === 0 && nowS() - state.quietSinceS >= CONFIRM_WITHIN_S;

  return {
    keep: async (agent, kept) => {
      const key = `${ROLLBACK}${agent}/${kept.state.rbId}`;
      // Nobody holds longer by a time that has not come.
      const quietSinceS = Math.min(kept.state.quietSinceS, nowS());
      const put = await values.put(key, { ...kept, state: { ...kept.state, quietSinceS } } satisfies KeptParticipant);
      if (put.ok) rollbacks?.add(key);
      return put;
    },
    kept: (agent) => participants(`${ROLLBACK}${agent}/`),
    lockedBy: async (rbId, resources) => {
      const kept = await participants(ROLLBACK);
      if (!kept.ok) return kept;
      const holds = (held: KeptParticipant): boolean =>
        held.state.rbId !== rbId &&
        !isQuiet(held) &&
        held.state.locks.some((lock) => resources.some((resource) => overlaps(lock, resource)));
      for (const { state } of kept.value.filter(holds)) if (!(await isOver(state.rbId))) return ok(state.rbId);
      return ok(null);
    },
  };
}
