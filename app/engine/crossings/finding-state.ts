import type { FindingKind } from "../../protocol/audit/crossing-handling.ts";

/** A crossing or a gap that somebody looks after, or that the host has told of (N11). Times in epoch seconds. */
export interface FindingState {
  kind: FindingKind;
  /** What the host found last, and when it said so. */
  flagged: { code: string; at: number; seq: number } | null;
  assigned: { to: string; by: string; note: string | null; at: number; seq: number } | null;
  /** Of which code it was resolved: found as something else it is open again. */
  resolved: { code: string; by: string; reason: string; at: number; seq: number } | null;
}
