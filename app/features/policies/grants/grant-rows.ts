import type { GrantRow } from "../../../api/contract/policy.ts";
import type { MarkShape, MarkTone } from "../../../ui/mark.tsx";

/** A state in words; colour only where somebody should look. */
export const GRANT_LOOK: Readonly<
  Record<GrantRow["state"], { readonly shape: MarkShape; readonly tone: MarkTone; readonly label: string }>
> = {
  in_force: { shape: "dot", tone: "good", label: "in force" },
  used_up: { shape: "ring", tone: "neutral", label: "used up" },
  expired: { shape: "ring", tone: "neutral", label: "expired" },
  revoked: { shape: "cross", tone: "warning", label: "ended by hand" },
  void: { shape: "bar", tone: "neutral", label: "void" },
};

/** What a grant is at a moment: its time may be over since the host was asked. */
export const grantStateAt = (grant: GrantRow, nowS: number): GrantRow["state"] =>
  grant.state === "in_force" && nowS >= grant.until ? "expired" : grant.state;

/** Those in force, the one that ends first first; and the others, the newest first. */
export function grantsByState(grants: readonly GrantRow[], nowS: number) {
  const isInForce = (grant: GrantRow): boolean => grantStateAt(grant, nowS) === "in_force";
  return {
    inForce: grants.filter(isInForce).toSorted((a, b) => a.until - b.until || b.seq - a.seq),
    ended: grants.filter((grant) => !isInForce(grant)).toSorted((a, b) => b.seq - a.seq),
  };
}
