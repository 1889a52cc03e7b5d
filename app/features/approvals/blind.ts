import type { GateDetail } from "./gate-detail.ts";

/**
 * Whether what others decided stays hidden from somebody: a request that takes several people waits, and they have not decided
 * themselves (D3). Also how many approvals are there: a first one is a verdict.
 */
export function isBlind({ row, decisions }: GateDetail, subject: string | undefined): boolean {
  const several = row.approvals.required > 1 || row.roles.length > 1 || row.escalated.length > 0;
  return several && row.state === "pending" && !decisions.some(({ claims }) => claims.iss === subject);
}
