import type * as z from "zod";
import type { Host } from "../../host/open-host.ts";
import type { LedgerEntry } from "../../protocol/audit/claims.ts";
import { parseCompact } from "../../protocol/jose/compact.ts";
import { tokenDigest } from "../../protocol/jose/sign-token.ts";
import { explainToken, type VerificationStep } from "../../protocol/jose/verify-token.ts";
import { tokenTypeOf } from "../../protocol/token-types.ts";

/** A JSON object as the contract carries it. */
type WireObject = Record<string, z.core.util.JSONType>;

/** A token opened for the screen: what it says and every step of its verification as of its receipt (COM-2, INV-4). */
export interface OpenedToken {
  readonly header: WireObject;
  readonly claims: WireObject;
  readonly digest: string;
  readonly steps: VerificationStep[];
}

export async function openEntry(host: Host, entry: LedgerEntry): Promise<OpenedToken> {
  const parsed = parseCompact(entry.token);
  const digest = tokenDigest(entry.token, host.ports.sha256);
  if (!parsed.ok) {
    const step = { step: 1, check: "three base64url segments", result: "failed" as const };
    return {
      header: {},
      claims: {},
      digest,
      steps: [{ ...step, code: parsed.error.code, detail: parsed.error.detail }],
    };
  }
  const { header, payload } = parsed.value;
  const type = tokenTypeOf(header.typ ?? "");
  const kid = header.kid;
  const key = kid === undefined ? undefined : await host.engine.keyOf(kid);
  const steps =
    type === undefined
      ? []
      : await explainToken(type, entry.token, {
          nowS: entry.received_at,
          ownIds: [host.engine.ids.pepId, host.engine.ids.logId],
          resolveKey: (named) => (named === kid ? key : undefined),
          seen: () => false,
          algorithms: ["ES256", "EdDSA"],
          sha256: host.ports.sha256,
        });
  return { header: { ...header } as WireObject, claims: { ...payload } as WireObject, digest, steps };
}

/** One entry as it is stored, or null. */
export async function storedEntry(host: Host, seq: number): Promise<LedgerEntry | null> {
  for await (const chunk of host.ports.storage.log.read(host.engine.ids.domain, seq, seq + 1)) {
    const found = chunk.find((entry) => entry.seq === seq);
    if (found !== undefined) return found;
  }
  return null;
}
