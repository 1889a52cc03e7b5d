import * as z from "zod";
import type { Json } from "../app/base/json.ts";
import type { Sha256 } from "../app/base/ports.ts";
import { err, ok, type Result } from "../app/base/result.ts";
import { AUDIT_TYP } from "../app/protocol/audit/audit-token.ts";
import { normalTyp, parseCompact, peekTyp } from "../app/protocol/jose/compact.ts";
import { timeSchema, uriSchema } from "../app/protocol/jose/formats.ts";
import type { TrustedKey } from "../app/protocol/jose/keys.ts";
import { readVerificationKey } from "../app/protocol/jose/public-key.ts";
import type { TokenType } from "../app/protocol/jose/token-type.ts";
import { explainToken, type VerificationStep } from "../app/protocol/jose/verify-token.ts";
import { KNOWN_TYPS, tokenTypeOf } from "../app/protocol/token-types.ts";
import { alongSchema, answerAudit } from "./audit-token-answer.ts";
import { type Answer, type LineCommand, readLine } from "./lines.ts";

/** What a key set says of a key beside the key itself [ours]: whose it is and until when it counts. */
const boundSchema = z.looseObject({
  kid: z.string().optional(),
  sub: uriSchema.optional(),
  revoked_at: timeSchema.optional(),
});
export const keysSchema = z.union(
  [z.array(boundSchema), z.looseObject({ keys: z.array(boundSchema) }).transform(({ keys }) => keys)],
  {
    error: "a JWK set, or a list of JWKs",
  },
);
const lineSchema = z.strictObject({
  token: z.string(),
  type: z.string(),
  jwks: keysSchema,
  audience: z
    .union([z.string(), z.array(z.string())])
    .transform((ids) => (typeof ids === "string" ? [ids] : ids))
    .default([]),
  at: timeSchema.optional(),
  along: alongSchema,
});

const ISSUER_STEP = 10;
const REPLAY_STEP = 13;

const verify: Answer = async (line, sha256) => {
  const read = readLine(line, lineSchema);
  if (!read.ok) return read;
  const { token, type: named, jwks, audience, at, along } = read.value;
  const type = typeFor(named, token);
  if (type === undefined) return err(`type: "${named}" is not one of ${KNOWN_TYPS.join(", ")}`);
  const keys = await trustedKeys(jwks, issuerOf(token));
  if (!keys.ok) return keys;
  const context = contextOf(keys.value, audience, at, sha256);
  const steps = await explainToken(type, token, context);
  const failed = steps.find((step) => step.result === "failed");
  const kid = kidOf(token);
  const isBound = kid !== null && keys.value.get(kid)?.bound === true;
  const common = {
    ok: failed === undefined,
    code: failed?.code ?? null,
    steps: steps.map((step) => told(step, isBound)),
  };
  if (along === undefined || !type.typ.includes(AUDIT_TYP)) return ok(common);
  return ok({ ...common, audit: await answerAudit(token, along, context) });
};

/** An ECT is taken under the type of -00 as well (ECT-21). */
function typeFor(named: string, token: string): TokenType<unknown> | undefined {
  const asked = tokenTypeOf(normalTyp(named));
  const legacy = tokenTypeOf("wimse-exec+jwt");
  return asked?.typ.includes("exec+jwt") === true && peekTyp(token) === "wimse-exec+jwt" ? legacy : asked;
}

export interface HeldKey {
  readonly trusted: TrustedKey;
  /** Whether the set said whose it is. */
  readonly bound: boolean;
}

/** Keys that cannot verify here are left out (RFC 7517 section 5); two under one name are no key set. */
export async function trustedKeys(
  jwks: readonly z.infer<typeof boundSchema>[],
  issuer: string,
): Promise<Result<ReadonlyMap<string, HeldKey>, string>> {
  const keys = new Map<string, HeldKey>();
  for (const jwk of jwks) {
    const key = await readVerificationKey(jwk as Json);
    if (!key.ok) continue;
    const { kid } = key.value;
    if (keys.has(kid)) return err(`jwks: two keys are called "${kid}"`);
    const trusted = { ...key.value, subject: jwk.sub ?? issuer, revokedAt: jwk.revoked_at ?? null };
    keys.set(kid, { trusted, bound: jwk.sub !== undefined });
  }
  return ok(keys);
}

export function issuerOf(token: string): string {
  const parsed = parseCompact(token);
  const iss = parsed.ok ? parsed.value.payload.iss : undefined;
  return typeof iss === "string" ? iss : "";
}

function kidOf(token: string): string | null {
  const parsed = parseCompact(token);
  return parsed.ok ? (parsed.value.header.kid ?? null) : null;
}

export function contextOf(
  keys: ReadonlyMap<string, HeldKey>,
  ownIds: readonly string[],
  at: number | undefined,
  sha256: Sha256,
) {
  return {
    nowS: at ?? Math.floor(Date.now() / 1000),
    ownIds,
    resolveKey: (kid: string) => keys.get(kid)?.trusted,
    // A line is judged by itself: there is no log to compare with.
    seen: () => false,
    algorithms: ["ES256", "EdDSA"] as const,
    sha256,
  };
}

/** Null is not reached; what passed because nothing was there to compare with says so (INV-4). */
function told({ step, check, result, detail }: VerificationStep, isBound: boolean): Json {
  const row = { step, name: check };
  if (result === "not_reached") return { ...row, ok: null, detail: "not reached" };
  if (result === "failed") return { ...row, ok: false, detail: detail ?? "failed" };
  if (step === ISSUER_STEP && !isBound)
    return { ...row, ok: true, detail: "the key set does not say whose key it is: taken as the issuer's" };
  if (step === REPLAY_STEP)
    return { ...row, ok: true, detail: "each line by itself: there was nothing to compare with" };
  return { ...row, ok: true, detail: "passed" };
}

export const tokenCommand: LineCommand = {
  answer: verify,
  help: [
    "common token verification, steps 1 to 13, of a token of the family",
    '{"token", "type", "jwks", "audience", "at", "along"}',
    `type      the expected typ: ${KNOWN_TYPS.join(", ")}`,
    "jwks      a JWK set or a list of JWKs; found by kid, or by thumbprint where a key has none. [ours] a member sub says",
    "          whose a key is (step 10; without it, the issuer's), revoked_at from when it does not count (step 7)",
    "audience  the verifier's own id, or a list of them; default none, which fails step 11 for all that have an audience",
    "at        epoch seconds, as of which it is verified (historical mode); default now",
    "ES256 and EdDSA are allowed, the clock may be off by 30 s, and no line is compared with another (step 13)",
    'along     with exec-audit+jwt: what V1 of an audit token needs, then answered under "audit" with the level it comes to:',
    '          {"wits", "ects": [{"token", "received_at"}], "evidence", "receipts", "logs": ids of logs whose receipts count,',
    '          "needed", "domains": {issuer: domain}, "minimum_level"}; nothing is fetched',
    'answer: {"ok", "code": of the first step that failed, or null, "steps": [{"step", "name", "ok", "detail"}]},',
    "where ok is null for a step that was not reached",
  ],
};
