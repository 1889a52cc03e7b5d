import { must } from "../../base/assert.ts";
import { trustDomainOf } from "../../protocol/audit/trust-domain.ts";
import type { Trust } from "../../protocol/identity/trust-statement.ts";
import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";
import type { Draft, Moment } from "../command.ts";
import type { HostIds } from "../records.ts";
import type { State } from "../state.ts";
import { witDraft } from "../workflow/decide.ts";
import { isHuman } from "./human.ts";

type Pin = Extract<Trust, { kind: "verifier" }>;

/** Nobody is trusted for ever: whoever still is, is looked at again within a year [ours]. */
const MAX_PIN_S = 366 * 86_400;

/**
 * What is wrong with pinning a verifier (BEH-S4), or null. It is another domain's, speaks about nobody here, and its keys are
 * nobody else's: a key that is enrolled for something else would be bound to another id.
 */
export function pinRefusal(state: State, pin: Pin, { domain }: HostIds, nowS: number): Refusal | null {
  const { subject, about, keys, not_after: notAfter } = pin;
  const own = domain.toLowerCase();
  if (trustDomainOf(subject) === null || isHuman(subject))
    return refusal("trust_malformed", "a verifier has an id in a trust domain, and is no person", { claim: "trust" });
  if (trustDomainOf(subject) === own || about.includes(own))
    return refusal(
      "trust_own_domain",
      "what agents of this domain do is appraised here, and by nobody else's verifier",
      {
        claim: "trust",
      },
    );
  if (notAfter <= nowS || notAfter > nowS + MAX_PIN_S)
    return refusal("trust_expiry", "a verifier is pinned until a day within a year from now", { claim: "trust" });
  const taken = keys.find(({ kid = "" }) => {
    const known = state.keys.get(kid);
    return known !== undefined && (known.subject !== subject || known.use !== "verifier");
  });
  return taken === undefined
    ? null
    : refusal("trust_key_taken", "a key of it is enrolled here already, as somebody else's", { claim: "trust" });
}

/** The log says whose the keys are, so that whoever verifies the log finds them in it; they are good for results alone. */
export function pinDrafts({ subject, keys, not_after: notAfter }: Pin, ids: HostIds, moment: Moment): Draft[] {
  const name = must(trustDomainOf(subject), "it was looked at");
  const lifetimeS = notAfter - moment.nowS;
  return keys.map((jwk) =>
    witDraft(ids, moment, { subject, name: `verifier of ${name}`, jwk, use: "verifier" }, lifetimeS),
  );
}
