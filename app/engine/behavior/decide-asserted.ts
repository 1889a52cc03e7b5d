import { err, ok, type Result } from "../../base/result.ts";
import { trustDomainOf } from "../../protocol/audit/trust-domain.ts";
import { resultContradiction } from "../../protocol/behavior/result-contradiction.ts";
import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";
import type { Verified } from "../../protocol/jose/verify-token.ts";
import type { Draft, Moment } from "../command.ts";
import { type HostIds, tokenDraft, verifierId } from "../records.ts";
import type { State } from "../state.ts";
import { pinOf, type ResultFact, subjectsOf, type VerifierPin } from "./asserted.ts";

/** Whom results of one verifier are kept about, and its results of benchmarks, at most [ours]: it fills nobody else's place. */
const MAX_SUBJECTS = 1000;
const MAX_BENCH_RESULTS = 2000;

/**
 * A result that somebody brings (BEH-27, BEH-S4). This domain's own are in the log already. One of another domain's verifier is
 * taken where a safety officer has pinned the key that signed it, for the agents of the domains named there, and noted as what
 * that verifier asserts. Refusals: `ear_unknown`, `bench_unknown`, `ear_verifier_not_pinned`, `bench_verifier_not_pinned`,
 * `ear_out_of_scope`, `bench_out_of_scope`, `ear_contradicts`, `bench_contradicts`, `ear_limit`, `bench_limit`,
 * `token_replayed`.
 */
export function decideResult(
  state: State,
  token: Verified<unknown>,
  fact: ResultFact,
  ids: HostIds,
  moment: Moment,
): Result<Draft[], Refusal> {
  const of = fact.typ === "ear+jwt" ? "ear" : "bench";
  const { iss, jti } = fact.claims;
  if (iss === (of === "ear" ? verifierId(ids) : ids.pepId))
    return err(refusal(`${of}_unknown`, "this result is not in the log of who is said to have given it", { jti }));
  const pin = pinOf(state, iss);
  const unpinned = pinProblem(pin, token.key.kid, fact.claims.iat, moment.nowS);
  if (pin === undefined || unpinned !== null)
    return err(refusal(`${of}_verifier_not_pinned`, unpinned ?? NOBODY, { claim: "iss" }));
  const subjects = subjectsOf(fact);
  const beside = subjects.find((subject) => !isAbout(pin, subject, ids));
  if (beside !== undefined)
    return err(
      refusal(
        `${of}_out_of_scope`,
        beside === null
          ? "it does not say whose conduct it is about"
          : `it speaks of ${beside}, and its verifier is heard about agents of ${pin.trust.about.join(", ")} alone`,
        { claim: of === "ear" ? "submods" : "subject" },
      ),
    );
  const contradiction = resultContradiction(fact);
  if (contradiction !== null) return err(refusal(`${of}_contradicts`, contradiction));
  const { asserted } = state.behavior;
  const known = subjects.flatMap((subject) => asserted.get(subject ?? "") ?? []);
  if (known.some((one) => one.iss === iss && one.jti === jti))
    return err(refusal("token_replayed", "this token id was used before", { jti }));
  const isFull = isShareFull(asserted, fact, subjects);
  return isFull
    ? err(refusal(`${of}_limit`, "as many results of this verifier are kept as this log keeps of one"))
    : ok([tokenDraft(token, fact)]);
}

function isShareFull(
  asserted: State["behavior"]["asserted"],
  { typ, claims: { iss } }: ResultFact,
  subjects: readonly (string | null)[],
): boolean {
  const told = new Set(subjects.map((subject) => subject ?? ""));
  let benches = 0;
  for (const [subject, notes] of asserted) {
    const own = notes.filter((note) => note.iss === iss);
    if (own.length > 0) told.add(subject);
    benches += own.filter((note) => note.typ === "bench-result+jwt").length;
  }
  return told.size > MAX_SUBJECTS || (typ === "bench-result+jwt" && benches >= MAX_BENCH_RESULTS);
}

const NOBODY = "whoever gives this result is no verifier that is trusted here";

/** Why a pin does not speak for a token that comes now, or null. What came before its end stays as it was. */
function pinProblem(pin: VerifierPin | undefined, kid: string, iat: number, nowS: number): string | null {
  if (pin === undefined) return NOBODY;
  if (pin.ended !== null) return `that this verifier is trusted was ended in entry ${pin.ended.seq}`;
  if (Math.max(iat, nowS) > pin.trust.not_after) return "that this verifier is trusted has run out";
  return pin.trust.keys.some((key) => key.kid === kid) ? null : "its verifier is not trusted under this key any more";
}

/** Nobody else's verifier speaks about this domain's own agents, whatever a statement says. */
function isAbout({ trust }: VerifierPin, subject: string | null, { domain }: HostIds): boolean {
  const named = subject === null ? null : trustDomainOf(subject);
  return named !== null && named !== domain.toLowerCase() && trust.about.includes(named);
}
