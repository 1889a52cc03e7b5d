import { err, type Result } from "../../base/result.ts";
import type { Engine, Received, SubmitError } from "../../engine/engine.ts";
import { roleProblem } from "../../engine/identity/roles.ts";
import { settlementClaimsSchema } from "../../protocol/audit/accounting/settlement.ts";
import { partyOf } from "../../protocol/audit/accounting/settlement-state.ts";
import { parseCompact } from "../../protocol/jose/compact.ts";
import { refusal } from "../../protocol/jose/refusal.ts";
import { receivedFromPerson } from "./introduced.ts";
import type { RecordSeat } from "./trail-seat.ts";

/**
 * What a person of the console signed about the accounts of one of its domains, as that domain's log takes it (XDA-82): its
 * people are those of all its domains [ours], and what they may be is what the console's log says. Of a settlement it takes
 * what the domain itself says: what the other side says is in that side's log first (`bringMessages`). Refusals: those of common
 * token verification, `accounting_unauthorized`, `settlement_wrong_party`.
 */
export async function receivedFromFinance(
  console: Pick<Engine, "read" | "keyOf">,
  host: RecordSeat["host"],
  compact: string,
): Promise<Result<Received, SubmitError>> {
  const parsed = parseCompact(compact);
  if (!parsed.ok) return parsed;
  // Read before it is verified, and then verified as exactly these bytes.
  const { iss, role } = parsed.value.payload;
  const message = settlementClaimsSchema.safeParse(parsed.value.payload);
  const { domain } = host.engine.ids;
  if (message.success && partyOf(message.data) !== domain)
    return err(refusal("settlement_wrong_party", `in this phase ${partyOf(message.data)} speaks`, { claim: "iss" }));
  const nowS = Math.floor(host.ports.clock.nowMs() / 1000);
  const about = { code: "accounting_unauthorized", what: "this", claim: "role" };
  const denied = await console.read((state) => roleProblem(state, String(iss), [String(role)], nowS, about));
  return denied === null ? receivedFromPerson(console, host, compact) : err(denied);
}
