import { err, ok, type Result } from "../../base/result.ts";
import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";
import type { Command, Draft, Moment } from "../command.ts";
import { type HostIds, verifierId } from "../records.ts";
import type { EnrolledKey, State } from "../state.ts";
import { witDraft } from "../workflow/decide.ts";

/** An identity is renewed this long before it ends, seconds: time enough to see that it was not [ours]. */
export const RENEW_BEFORE_S = 30 * 86_400;

/** Whether a key is of one of the host's own parts, or of another domain's gateway: those nobody enrols anew by hand. */
export function isRenewable({ subject, use }: Pick<EnrolledKey, "subject" | "use">, ids: HostIds): boolean {
  if (use === "border") return true;
  const isOwn =
    subject === ids.logId ||
    subject === ids.pepId ||
    subject === verifierId(ids) ||
    subject.startsWith(`spiffe://${ids.domain}/meter/`);
  return use === "all" && isOwn;
}

/** The key that speaks for somebody now: the one that came last. Earlier ones verify what they signed, and run out. */
export function newestKeyOf(
  state: Pick<State, "keys">,
  { subject, use }: Pick<EnrolledKey, "subject" | "use">,
): EnrolledKey | undefined {
  return [...state.keys.values()].findLast((key) => key.subject === subject && key.use === use);
}

/**
 * States an identity again with a later end (XDA-61). The key stays: what it signed before verifies as it did, and whoever
 * pinned it goes on. Once it has lapsed it can still be stated again, and the log shows the time it was not in force.
 */
export function decideRenewal(
  state: State,
  { kid, lifetimeS }: Extract<Command, { kind: "renew" }>,
  ids: HostIds,
  moment: Moment,
): Result<Draft[], Refusal> {
  const key = state.keys.get(kid);
  if (key === undefined || !isRenewable(key, ids) || newestKeyOf(state, key)?.kid !== kid)
    return err(
      refusal("token_key_unknown", "no key of a part of this host, or of another domain's gateway, has this id"),
    );
  const until = moment.nowS + lifetimeS;
  if (key.exp - moment.nowS > RENEW_BEFORE_S || until <= key.exp)
    return err(refusal("identity_in_force", "this identity is in force for longer, or would end no later"));
  const { subject, name, jwk, use } = key;
  return ok([witDraft(ids, moment, { subject, name, jwk, ...(use === "border" ? { use } : {}) }, lifetimeS)]);
}
