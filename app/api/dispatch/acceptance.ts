import { err, ok } from "../../base/result.ts";
import type { Host } from "../../host/open-host.ts";
import {
  type AcceptanceContext,
  type AcceptanceStep,
  acceptanceSteps,
  type KnownRevocation,
} from "../../protocol/acp/acceptance-steps.ts";
import { type AcpClaims, acpClaimsSchema } from "../../protocol/acp/claims.ts";
import { revokedAncestor } from "../../protocol/acp/derive-acp.ts";
import type { LedgerEntry } from "../../protocol/audit/claims.ts";
import type { Inspected } from "../contract/inspect.ts";

/** The second a token is looked at as of; one of the log that no time is given for, at its own entry. */
export interface AsOf {
  readonly at: number;
  readonly isGiven: boolean;
}

/** Its own entry, null for one that is not in this log, and the time it is looked at as of. */
interface PolicyPlace {
  readonly entry: LedgerEntry | null;
  readonly asOf: AsOf;
}

/** P1: a policy that verifies may still be none that anybody is bound by. */
export async function policySteps(
  host: Host,
  common: readonly Inspected["steps"][number][],
  payload: unknown,
  place: PolicyPlace,
): Promise<AcceptanceStep[]> {
  const failed = common.find((step) => step.result !== "passed");
  const claims = acpClaimsSchema.safeParse(payload);
  if (failed !== undefined || !claims.success) {
    const refused = {
      code: failed?.code ?? "token_claim_invalid",
      detail: failed?.detail ?? "the claims are no policy's",
    };
    return acceptanceSteps(err(refused), { parent: undefined, revocation: { known: true, revoked: null } });
  }
  return acceptanceSteps(ok(claims.data), await acceptanceContext(host, claims.data, place));
}

/** The parent and the revocations as this log has them. */
function acceptanceContext(host: Host, claims: AcpClaims, { entry, asOf }: PolicyPlace): Promise<AcceptanceContext> {
  return host.engine.read((state): AcceptanceContext => {
    const parent = claims.parent && state.policies.get(claims.parent.jti);
    const parentOf = (jti: string): string | null =>
      jti === claims.jti ? (claims.parent?.jti ?? null) : (state.policies.get(jti)?.claims.parent?.jti ?? null);
    const isBefore = ({ at, seq }: { readonly at: number; readonly seq: number }): boolean =>
      entry !== null && !asOf.isGiven ? seq < entry.seq : at <= asOf.at;
    const revokedIf = (counts: (revocation: { readonly at: number; readonly seq: number }) => boolean): string | null =>
      revokedAncestor(claims.jti, parentOf, (jti) => {
        const revocation = state.revocations.get(jti);
        return revocation !== undefined && counts(revocation);
      });
    return {
      parent: parent && { claims: parent.claims, digest: parent.hash },
      revocation: revocationOf(
        entry !== null || parent !== undefined,
        revokedIf(isBefore),
        revokedIf(() => true),
      ),
    };
  });
}

/** Only a policy of this log can be revoked in it: of another one, silence proves nothing. */
function revocationOf(isHere: boolean, revoked: string | null, sinceThen: string | null): KnownRevocation {
  if (!isHere) return { known: false, why: "neither it nor its parent is in this log, where a revocation would stand" };
  if (revoked !== null || sinceThen === null) return { known: true, revoked };
  return { known: true, revoked, later: `as of this time; the policy ${sinceThen} was revoked later` };
}
