import { err, ok, type Result } from "../../base/result.ts";
import { AUDIT_TYP, type AuditTokenClaims } from "../../protocol/audit/audit-token.ts";
import type { LedgerEntry } from "../../protocol/audit/claims.ts";
import { trustAt, trustedIdentities } from "../../protocol/audit/trusted-identities.ts";
import { verifyAuditToken } from "../../protocol/audit/verify-audit-token.ts";
import { parseCompact } from "../../protocol/jose/compact.ts";
import type { TrustedKey } from "../../protocol/jose/keys.ts";
import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";
import { tokenDigest } from "../../protocol/jose/sign-token.ts";
import type { Verified, VerifyContext } from "../../protocol/jose/verify-token.ts";
import type { State } from "../state.ts";
import { heldEcts } from "../workflow/held-ects.ts";

/** What V1 needs of the engine whose log the token is brought to. */
export interface AuditArrival {
  readonly context: VerifyContext;
  readonly state: State;
  /** Makes a key known to `context.resolveKey`. */
  keyOf(kid: string): Promise<TrustedKey | undefined>;
  entryAt(seq: number): Promise<LedgerEntry | null>;
}

/** V1 for a token that is brought to this log, which is also the ledger that level 3 rests on. */
export async function receiveAudit(
  compact: string,
  { context, state, keyOf, entryAt }: AuditArrival,
): Promise<Result<Verified<AuditTokenClaims>, Refusal>> {
  const parsed = parseCompact(compact);
  const iss = parsed.ok ? parsed.value.payload.iss : undefined;
  const know = async (token: string): Promise<void> => {
    const within = parseCompact(token);
    if (within.ok && within.value.header.kid !== undefined) await keyOf(within.value.header.kid);
  };
  const verified = await verifyAuditToken(compact, {
    ...context,
    identities: {
      ...trustedIdentities(trustAt(state.trust.values(), null), context.sha256),
      wit: async (hash) => {
        for (const { subject, seq } of state.keys.values()) {
          if (subject !== iss) continue;
          const entry = await entryAt(seq);
          if (entry === null || tokenDigest(entry.token, context.sha256) !== hash) continue;
          await know(entry.token);
          return entry.token;
        }
        return null;
      },
    },
    ectOf: async ({ jti, wid }) => {
      const held = wid === undefined ? undefined : state.workflows.get(wid)?.ects.get(jti);
      const entry = held === undefined ? null : await entryAt(held.seq);
      if (entry === null) return null;
      await know(entry.token);
      return { token: entry.token, receivedAt: entry.received_at };
    },
    known: heldEcts(state.workflows),
    ledger: "appending",
    evidenceOf: async ({ id }) => {
      const seq = state.overrides.get(id)?.seq ?? state.gates.get(id)?.seq ?? state.policies.get(id)?.seq;
      return seq === undefined ? null : ((await entryAt(seq))?.token ?? null);
    },
  });
  if (!verified.ok) return verified;
  const { claims, digest, key } = verified.value;
  if (!parsed.ok || key === null)
    return err(refusal("audit_level_insufficient", "an unsigned record is nothing a log takes"));
  // A profile may know it under any name; whoever verifies the log (V3) knows keys by what its entries call them.
  if (context.resolveKey(key.kid) === undefined)
    return err(refusal("token_key_unknown", "no entry of this log has brought a key of this id"));
  return ok({ typ: AUDIT_TYP, header: parsed.value.header, claims, digest, key, compact });
}
