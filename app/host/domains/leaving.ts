import { leavingProblem } from "../../protocol/audit/regime.ts";
import type { Refusal } from "../../protocol/jose/refusal.ts";
import type { DomainHost } from "./domain-hosts.ts";
import { recordsOf } from "./erasing.ts";

/**
 * XDA-8: why no file of a domain's log may be taken out of it, or null: its regime forbids it now, or did when one of its
 * records was made. Neither its digests nor its proofs leave then. Refusal: `xd_transfer_forbidden`.
 */
export async function logLeavingProblem(of: DomainHost): Promise<Refusal | null> {
  await of.ledger.catchUp();
  const now = leavingProblem([of.profile.reg]);
  if (now !== null) return now;
  for (const { claims } of await recordsOf(of)) {
    const then = leavingProblem(claims.reg ?? []);
    if (then !== null) return then;
  }
  return null;
}
