import type { OverrideClaims } from "../../protocol/override/claims.ts";
import { rolesOf } from "../identity/roles.ts";
import type { State } from "../state.ts";

/** What decides which of two signals may undo the other, highest first (override.md section c, Precedence). */
export interface Standing {
  readonly level: OverrideClaims["level"];
  /** Of the operator when the signal came: OVR-26. */
  readonly rank: number;
  readonly priority: number;
  readonly iat: number;
}

const LEVELS: readonly OverrideClaims["level"][] = ["advisory", "mandatory", "emergency"];

/** Ranks of operators (OVR-26) [ours]: the highest of the roles somebody holds; every other role has none. */
const RANK: Readonly<Record<string, number>> = { operator: 1, duty_manager: 2 };

export function rankOf(state: State, operator: string, nowS: number): number {
  return Math.max(0, ...rolesOf(state, operator, nowS).map((role) => RANK[role] ?? 0));
}

export function standingOf(claims: Pick<OverrideClaims, "level" | "priority" | "iat">, rank: number): Standing {
  return { level: claims.level, rank, priority: claims.priority, iat: claims.iat };
}

/**
 * Whether `later` is too low to undo `earlier`. Where all is equal the order of the log decides, so that the last
 * tie-break of the table, the higher `jti`, is for signals that no log has put in order.
 */
export function isOutranked(later: Standing, earlier: Standing): boolean {
  const order = [
    LEVELS.indexOf(later.level) - LEVELS.indexOf(earlier.level),
    later.rank - earlier.rank,
    later.priority - earlier.priority,
    later.iat - earlier.iat,
  ];
  return (order.find((difference) => difference !== 0) ?? 0) < 0;
}
