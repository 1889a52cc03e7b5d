import type { GateRow } from "../../../api/contract/gate.ts";

/** Why a waiting request is not in somebody's queue at the moment. */
export type Aside = "shelved" | "deferred";

/**
 * Put away by somebody for everybody, or by this person for themselves, and not back yet: `nowS` is looked at here, so that
 * what returns is in the queue the second it does, whatever was read from the log before.
 */
export function asideOf(row: GateRow, subject: string | null, nowS: number): Aside | null {
  // What a log from before has of such a request puts nothing away.
  if (row.state !== "pending" || row.stopClass) return null;
  if (row.shelf !== null && nowS < row.shelf.until) return "shelved";
  const own = row.deferrals.find(({ by }) => by === subject);
  return own !== undefined && nowS < own.until ? "deferred" : null;
}
