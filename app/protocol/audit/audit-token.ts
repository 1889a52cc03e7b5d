import * as z from "zod";
import { err, ok, type Result } from "../../base/result.ts";
import { MAX_ECT_LIFETIME_S } from "../ect/ect-token.ts";
import { digestSchema, timeSchema, uriSchema, uuidSchema } from "../jose/formats.ts";
import type { Signer } from "../jose/keys.ts";
import { type Refusal, refusal } from "../jose/refusal.ts";
import { signToken } from "../jose/sign-token.ts";
import type { TokenType } from "../jose/token-type.ts";
import { disclosureClaimSchema, regProfileSchema, stitchClaimSchema } from "./stitch-claims.ts";

export const AUDIT_TYP = "exec-audit+jwt";

/** What came of the task (execution-audit.md section b). Checked by V1 step 5, which has a code of its own for it. */
export const AUDIT_OUTCOMES = ["success", "failure", "partial", "denied", "compensated"] as const;
export type AuditOutcome = (typeof AUDIT_OUTCOMES)[number];

/** RFC 8693: who acted, `act` on whose behalf; the innermost was the first. */
export interface Actor {
  readonly sub: string;
  readonly act?: Actor | undefined;
}
const actorSchema: z.ZodType<Actor> = z.object({
  sub: uriSchema,
  get act(): z.ZodOptional<z.ZodType<Actor>> {
    return actorSchema.optional();
  },
});

const evidenceSchema = z.object({
  typ: z.string().min(1).max(128),
  id: z.string().min(1).max(128),
  hash: digestSchema,
});
export type EvidenceRef = z.infer<typeof evidenceSchema>;

/** ISO 3166 country or subdivision, or `EU`. */
const jurisdictionSchema = z.string().regex(/^[A-Z]{2}(?:-[A-Z0-9]{1,3})?$/, "an ISO 3166 code, or EU");

/**
 * Audit token, `exec-audit+jwt`: the form in which a domain keeps the record of one task (XA-1) and hands it over. The core
 * claims are those of an ECT. `idp` and `outcome` are read more closely by V1 steps 3 and 5.
 */
export const auditTokenClaimsSchema = z
  .object({
    iss: uriSchema,
    aud: z.union([uriSchema, z.array(uriSchema).min(1)]),
    iat: timeSchema,
    exp: timeSchema,
    jti: uuidSchema,
    wid: uuidSchema.optional(),
    exec_act: z.string().min(1).max(256),
    pred: z.array(uuidSchema).max(100),
    inp_hash: digestSchema.optional(),
    out_hash: digestSchema.optional(),
    ect_ext: z.record(z.string(), z.json()).optional(),
    aud_ver: z.literal(1),
    level: z.union([z.literal(1), z.literal(2), z.literal(3)]),
    idp: z.looseObject({ kind: z.string().min(1).max(32) }),
    domain: z.string().min(1).max(253),
    jurisdictions: z.array(jurisdictionSchema).max(32).optional(),
    ect: z.object({ jti: uuidSchema, hash: digestSchema }).optional(),
    actor: actorSchema.optional(),
    outcome: z.string().min(1).max(32),
    started_at: timeSchema.optional(),
    ended_at: timeSchema.optional(),
    severity: z.enum(["info", "notice", "warning", "critical"]).optional(),
    evidence: z.array(evidenceSchema).max(32).optional(),
    retention_until: timeSchema.optional(),
    _sd: z.array(digestSchema).max(64).optional(),
    _sd_alg: z.literal("sha-256").optional(),
    reg: z.array(regProfileSchema).min(1).max(16).optional(),
    stitch: stitchClaimSchema.optional(),
    disclosure: disclosureClaimSchema.optional(),
  })
  .refine(({ jti, pred }) => new Set(pred).size === pred.length && !pred.includes(jti), {
    path: ["pred"],
    error: "distinct tasks, none of them this one",
  });
export type AuditTokenClaims = z.infer<typeof auditTokenClaimsSchema>;

/** Where a task's audit token of an issuer is used once: one token, one task (XA-1, COM-7). */
export function auditScope({ iss, wid, jti }: Pick<AuditTokenClaims, "iss" | "wid" | "jti">): string {
  return `audit ${iss} ${wid ?? ""} ${jti}`;
}

export const AUDIT_TOKEN_TYPE: TokenType<AuditTokenClaims> = {
  typ: [AUDIT_TYP],
  schema: auditTokenClaimsSchema,
  audience: "required",
  expiry: "required",
  maxLifetimeS: () => MAX_ECT_LIFETIME_S,
  replayScope: auditScope,
};

/** Deepest nesting of a payload that is looked at (XA-S8): an actor chain of ten is within it. */
export const MAX_AUDIT_DEPTH = 12;

/** Objects and lists inside one another, the value itself included; never deeper than it has to look. */
export function isTooDeep(value: unknown, left = MAX_AUDIT_DEPTH): boolean {
  if (value === null || typeof value !== "object") return false;
  return left === 0 || Object.values(value).some((member) => isTooDeep(member, left - 1));
}

/** Signs an audit token (XA-5); what a reader would refuse is not written. Refusals: `audit_claim_invalid`. */
export async function writeAuditToken(claims: AuditTokenClaims, signer: Signer): Promise<Result<string, Refusal>> {
  const parsed = auditTokenClaimsSchema.safeParse(claims);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const claim = issue?.path.join(".") ?? "";
    return err(refusal("audit_claim_invalid", `${claim}: ${issue?.message ?? "invalid"}`, { claim }));
  }
  const problem = auditClaimProblem(parsed.data);
  if (problem !== null) return err(problem);
  if (isTooDeep(parsed.data)) return err(refusal("audit_claim_invalid", `nested deeper than ${MAX_AUDIT_DEPTH}`));
  return ok(await signToken(AUDIT_TYP, parsed.data, signer));
}

/** Seconds that `ended_at` may be after `iat`. */
const ENDED_SKEW_S = 30;

/** V1 step 5: times ordered, `outcome` known; and that `_sd` says how it was hashed. Null when it holds. */
export function auditClaimProblem(claims: AuditTokenClaims): Refusal | null {
  const { iat, started_at, ended_at, outcome, _sd, _sd_alg } = claims;
  const bad = (claim: string, detail: string): Refusal => refusal("audit_claim_invalid", detail, { claim });
  const latest = iat + ENDED_SKEW_S;
  if (started_at !== undefined && started_at > (ended_at ?? latest))
    return bad("started_at", "it began after it ended");
  if (ended_at !== undefined && ended_at > latest) return bad("ended_at", "it ended after the record of it was made");
  if (!isAuditOutcome(outcome)) return bad("outcome", `"${outcome}" is no known outcome`);
  if ((_sd === undefined) !== (_sd_alg === undefined)) return bad("_sd_alg", "_sd and _sd_alg go together");
  if (_sd !== undefined && new Set(_sd).size !== _sd.length) return bad("_sd", "a digest is there twice");
  return null;
}

export function isAuditOutcome(outcome: string): outcome is AuditOutcome {
  return (AUDIT_OUTCOMES as readonly string[]).includes(outcome);
}

/** V1 step 6: the first claim that an audit token and the ECT it wraps do not share; a digest that is kept back for selective disclosure is not compared. */
export function differingClaim(
  claims: AuditTokenClaims,
  ect: Pick<AuditTokenClaims, "jti" | "wid" | "exec_act" | "pred" | "inp_hash" | "out_hash">,
): string | null {
  const hidden = claims._sd !== undefined;
  for (const name of ["jti", "wid", "exec_act"] as const) if (claims[name] !== ect[name]) return name;
  if (claims.pred.length !== ect.pred.length || claims.pred.some((jti, at) => jti !== ect.pred[at])) return "pred";
  for (const name of ["inp_hash", "out_hash"] as const)
    if (claims[name] !== ect[name] && !(hidden && claims[name] === undefined)) return name;
  return null;
}
