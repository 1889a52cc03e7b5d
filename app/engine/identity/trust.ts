import { err, ok, type Result } from "../../base/result.ts";
import type { Trust } from "../../protocol/identity/trust-statement.ts";
import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";
import type { Verified } from "../../protocol/jose/verify-token.ts";
import type { Draft, Moment } from "../command.ts";
import type { FactOf } from "../fact.ts";
import { type HostIds, tokenDraft } from "../records.ts";
import type { State } from "../state.ts";
import { pinDrafts, pinRefusal } from "./pin-verifier.ts";
import { MAY_TRUST, roleProblem } from "./roles.ts";

/** Statements in force at once, at most [ours]: each anchor is looked through for each certificate. */
export const MAX_TRUSTED = 256;
/** Oldest authentication a statement may rest on, seconds: as for a grant of roles (COM-17). */
const TRUST_AUTH_AGE_S = 900;

/** XA-63: whom to believe about identities is a safety officer's to say, as what somebody may do is. */
export function decideTrust(
  state: State,
  token: Verified<unknown>,
  fact: FactOf<"trust-statement+jwt">,
  ids: HostIds,
  moment: Moment,
): Result<Draft[], Refusal> {
  const { iss, trust, ends, auth_time: authTime } = fact.claims;
  const denied = roleProblem(state, iss, MAY_TRUST, moment.nowS, {
    code: "role_unauthorized",
    what: "saying who is trusted",
    claim: "role",
  });
  if (denied !== null) return err(denied);
  if (moment.nowS - authTime > TRUST_AUTH_AGE_S || authTime > moment.nowS + 30)
    return err(
      refusal("role_auth_stale", "the safety officer's authentication is older than 900 s: authenticate again", {
        claim: "auth_time",
      }),
    );
  if (ends !== undefined) {
    const item = state.trust.get(ends);
    return item === undefined || item.ended !== null
      ? err(refusal("trust_unknown", "no such statement is in force", { claim: "ends" }))
      : ok([tokenDraft(token, fact)]);
  }
  const wrong = trust?.kind === "verifier" ? pinRefusal(state, trust, ids, moment.nowS) : null;
  if (wrong !== null) return err(wrong);
  const inForce = [...state.trust.values()].filter(({ ended, trust: said }) => ended === null && !isOver(said, moment));
  if (inForce.length >= MAX_TRUSTED)
    return err(refusal("trust_limit", `${MAX_TRUSTED} statements are in force: end one before the next`));
  const place = trust === undefined ? "" : placeOf(trust);
  const same = inForce.find((item) => placeOf(item.trust) === place);
  const pinned = trust?.kind === "verifier" ? pinDrafts(trust, ids, moment) : [];
  return same === undefined
    ? ok([tokenDraft(token, fact), ...pinned])
    : err(refusal("trust_known", `entry ${same.seq} says this already: end that first`, { claim: "trust" }));
}

const isOver = (trust: Trust, { nowS }: Moment): boolean => trust.kind === "verifier" && trust.not_after <= nowS;

/** What a statement is about: of two about the same nobody could tell which holds. */
function placeOf(trust: Trust): string {
  switch (trust.kind) {
    case "x509_anchor":
      return JSON.stringify([trust.kind, trust.domain, trust.certificate]);
    case "x509_certificate":
      return JSON.stringify([trust.kind, trust.certificate]);
    case "oauth_client":
      return JSON.stringify([trust.kind, trust.issuer, trust.client_id]);
    case "jwks":
      return JSON.stringify([trust.kind, trust.jwks_uri]);
    case "verifier":
      return JSON.stringify([trust.kind, trust.subject]);
  }
}
