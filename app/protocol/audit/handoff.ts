import { err, type Result } from "../../base/result.ts";
import { type Refusal, refusal } from "../jose/refusal.ts";
import { type Outcome, passed, runSteps, type Step, tellSteps, type VerificationStep } from "../jose/steps.ts";
import type { Verified } from "../jose/verify-token.ts";
import type { CountersignClaims, HandoffClaims } from "./handoff-claims.ts";
import { type TransferTerms, transferProblem } from "./regime.ts";
import { trustDomainOf } from "./trust-domain.ts";

/** What a receiving domain asks of what comes in. */
export interface BorderPolicy extends TransferTerms {
  readonly domain: string;
  /** Domains whose trails are taken at all. */
  readonly trusted: readonly string[];
  /** The least level of a trail that comes in. */
  readonly minLevel: 1 | 2 | 3;
}

/** X1 after common token verification: each line is one check of the text, in its order. */
function borderSteps({ claims }: Pick<Verified<HandoffClaims>, "claims">, policy: BorderPolicy): readonly Step[] {
  const rows: readonly (readonly [string, () => Refusal | null])[] = [
    ["from a domain that is trusted here", () => domainProblem(claims, policy)],
    ["its trail has the level asked for here", () => levelProblem(claims, policy)],
    ["its regimes let it in, and its data classes are taken here", () => transferProblem(claims.reg, policy)],
  ];
  return rows.map(([check, problem], at) => ({
    step: at + 1,
    check,
    procedure: "X1",
    run: (): Outcome => {
      const found = problem();
      return found === null ? passed : err(found);
    },
  }));
}

/** X1: what a receiving gateway says of a verified handoff. Refusals: `xd_untrusted_domain`, `xd_level`, `xd_transfer_forbidden`. */
export async function checkHandoff(
  handoff: Pick<Verified<HandoffClaims>, "claims">,
  policy: BorderPolicy,
): Promise<Result<void, Refusal>> {
  return runSteps(borderSteps(handoff, policy));
}

/** The same checks told one by one (INV-4). */
export function explainHandoff(
  handoff: Pick<Verified<HandoffClaims>, "claims">,
  policy: BorderPolicy,
): Promise<VerificationStep[]> {
  return tellSteps(borderSteps(handoff, policy));
}

function domainProblem({ iss, from, to }: HandoffClaims, policy: BorderPolicy): Refusal | null {
  const no = (detail: string): Refusal => refusal("xd_untrusted_domain", detail, { claim: "from" });
  if (trustDomainOf(iss) !== from) return no(`it says that it is from ${from}, and ${iss} signed it`);
  if (to !== policy.domain) return no(`it is for ${to}, not for ${policy.domain}`);
  return policy.trusted.includes(from) ? null : no(`${from} is not trusted here`);
}

function levelProblem({ level_min }: HandoffClaims, { minLevel }: BorderPolicy): Refusal | null {
  return level_min >= minLevel
    ? null
    : refusal("xd_level", `the trail has level ${level_min}; at least ${minLevel} is taken here`, {
        claim: "level_min",
      });
}

/** Whether a countersignature is one of exactly this handoff, by its receiver. Refusals: `stitch_hash_mismatch`, `stitch_peer_mismatch`. */
export function countersignProblem(
  countersign: CountersignClaims,
  handoff: { readonly claims: HandoffClaims; readonly digest: string },
): Refusal | null {
  const { claims, digest } = handoff;
  if (countersign.handoff.hash !== digest || countersign.handoff.jti !== claims.jti)
    return refusal("stitch_hash_mismatch", "it countersigns another handoff", { claim: "handoff" });
  if (countersign.stitch_id !== claims.stitch_id)
    return refusal("stitch_hash_mismatch", "it names another crossing", { claim: "stitch_id" });
  if (trustDomainOf(countersign.iss) !== claims.to)
    return refusal("stitch_peer_mismatch", `it is by ${countersign.iss}, not by ${claims.to}`, { claim: "iss" });
  // An agent of that domain is not its gateway, whom the handoff names.
  if (!claims.aud.includes(countersign.iss))
    return refusal("stitch_peer_mismatch", `it is by ${countersign.iss}, to whom nothing was handed`, { claim: "iss" });
  if (countersign.verdict === "accepted" && countersign.lamport <= claims.lamport)
    return refusal("causal_violation", "its counter is not above the handoff's", { claim: "lamport" });
  return null;
}
