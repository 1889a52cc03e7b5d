import type { Trust } from "../../protocol/identity/trust-statement.ts";
import type { FactOf, LoggedFact } from "../fact.ts";
import type { TrustedItem } from "../identity/trusted-item.ts";
import type { State } from "../state.ts";

export type ResultFact = FactOf<"ear+jwt"> | FactOf<"bench-result+jwt">;

/** The statement about another domain's verifier. */
export type VerifierPin = TrustedItem & { readonly trust: Extract<Trust, { kind: "verifier" }> };

/** Appraisals of one agent by one verifier that are kept, at most: none of them pushes out another's word. */
const MAX_ASSERTED_EARS = 8;

const isPin = (item: TrustedItem): item is VerifierPin => item.trust.kind === "verifier";

/** The newest statement that pins a verifier, also where it is over. */
export const pinOf = (state: Pick<State, "trust">, iss: string): VerifierPin | undefined =>
  [...state.trust.values()].filter(isPin).findLast(({ trust }) => trust.subject === iss);

/** Whom a result is about; null stands for an appraisal that does not say. */
export function subjectsOf(fact: ResultFact): readonly (string | null)[] {
  if (fact.typ === "bench-result+jwt") return [fact.claims.subject];
  return [...new Set(Object.values(fact.claims.submods).map((one) => one["agent.behavior"]?.subject ?? null))];
}

/**
 * Notes a result of a pinned verifier of another domain beside everything that is known here, and says whether it is one: it
 * moves no state, no trust and no benchmark of this log (BEH-27).
 */
export function noteAsserted(state: State, { seq, receivedAt: at }: LoggedFact, fact: ResultFact): boolean {
  const { iss, jti } = fact.claims;
  const pin = pinOf(state, iss)?.jti;
  if (pin === undefined) return false;
  const { asserted } = state.behavior;
  for (const subject of subjectsOf(fact)) {
    const notes = [...(asserted.get(subject ?? "") ?? []), { typ: fact.typ, jti, iss, pin, seq, at }];
    const ears = notes.filter((one) => one.typ === "ear+jwt" && one.iss === iss);
    // Of benchmarks none is forgotten: they do not expire, and one is taken once.
    asserted.set(subject ?? "", ears.length <= MAX_ASSERTED_EARS ? notes : notes.filter((one) => one !== ears[0]));
  }
  return true;
}
