import { must } from "../../base/assert.ts";
import type { JsonObject } from "../../base/json.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { dagSteps } from "../ect/check-dag.ts";
import { detectForm, type EctForm } from "../ect/detect-level.ts";
import { checkExtLimits } from "../ect/extensions.ts";
import { findPred, type KnownEct, type KnownEcts, type Level } from "../ect/known-ects.ts";
import { verifyEct } from "../ect/verify-ect.ts";
import { parseCompact } from "../jose/compact.ts";
import type { TrustedKey } from "../jose/keys.ts";
import { type Refusal, refusal } from "../jose/refusal.ts";
import { tokenDigest } from "../jose/sign-token.ts";
import { tokenFits } from "../jose/signature.ts";
import { type Outcome, passed } from "../jose/steps.ts";
import { verifyToken } from "../jose/verify-token.ts";
import type { AuditContext, AuditProgress, ExternalPred } from "./audit-context.ts";
import {
  AUDIT_TOKEN_TYPE,
  type AuditTokenClaims,
  auditClaimProblem,
  differingClaim,
  isTooDeep,
  MAX_AUDIT_DEPTH,
} from "./audit-token.ts";
import { idpMismatch } from "./idp.ts";
import { readIdp, resolveIdp } from "./idp-profiles.ts";
import { trustDomainOf } from "./trust-domain.ts";
import { checkUnsignedClaims } from "./unsigned-audit.ts";
import { type VerifiedReceipt, verifyReceipt } from "./verify-receipt.ts";

/** The rows of V1, one function each; what a row needs, the rows before it have left in the progress. */

const claimsOf = (progress: AuditProgress): AuditTokenClaims => must(progress.claims, "claims that were read");

/** 1. What it is, how deep, and the level it can reach at all. */
export function checkForm(input: string, context: AuditContext, progress: AuditProgress): Outcome {
  const form = detectForm(input);
  if (!form.ok) return malformed(form.error.detail);
  progress.form = form.value.kind;
  const payload = payloadOf(input, form.value);
  // Before anything is hashed (XA-S8).
  if (isTooDeep(payload)) return malformed(`nested deeper than ${MAX_AUDIT_DEPTH}`);
  progress.payload = payload;
  const level = achievable(form.value.kind, context);
  const minimum = context.minimumLevel ?? 2;
  if (level < minimum) return insufficient(`level ${level}, where at least ${minimum} is asked for`);
  if (form.value.kind === "signed") return passed;
  const own = trustDomainOf(context.ownIds[0] ?? "");
  const peer = context.peer === undefined ? null : trustDomainOf(context.peer);
  return own !== null && peer === own ? passed : insufficient("between organizations a signature is needed");
}

function payloadOf(input: string, form: EctForm): JsonObject {
  if (form.kind === "unsigned") return form.payload;
  const parsed = parseCompact(input);
  return parsed.ok ? parsed.value.payload : {};
}

function achievable(form: EctForm["kind"], { ledger }: AuditContext): Level {
  if (form === "unsigned") return 1;
  return ledger === "appending" || (ledger?.receipts.length ?? 0) > 0 ? 3 : 2;
}

/** 2. CTV. A key this verifier does not know by its name comes through the profile, whose identity step 3 judges. */
export async function checkCommon(input: string, context: AuditContext, progress: AuditProgress): Promise<Outcome> {
  if (progress.form === "unsigned") {
    const claims = checkUnsignedClaims(progress.payload ?? {}, context);
    if (!claims.ok) return claims;
    progress.claims = claims.value;
    return passed;
  }
  const parsed = parseCompact(input);
  const kid = parsed.ok ? parsed.value.header.kid : undefined;
  const known = kid === undefined ? undefined : context.resolveKey(kid);
  const profile = known === undefined && kid !== undefined ? await keyOfProfile(kid, context, progress) : null;
  const key = known ?? (profile?.ok === true ? profile.value : undefined);
  if (key !== undefined) progress.tried = key;
  if (profile?.ok === false) noteUntold(profile.error, progress);
  const verified = await verifyToken(AUDIT_TOKEN_TYPE, input, {
    ...context,
    resolveKey: (named) => (named === kid ? key : undefined),
  });
  if (!verified.ok) {
    if (profile?.ok !== false || verified.error.code !== "token_key_unknown") return verified;
    return err({ ...verified.error, detail: `${verified.error.detail}: ${profile.error.detail}` });
  }
  progress.claims = verified.value.claims;
  progress.key = verified.value.key;
  return passed;
}

/** Bound to whatever `iss` says for now, so that a wrong one is told by step 3 and its own code. */
async function keyOfProfile(
  kid: string,
  context: AuditContext,
  progress: AuditProgress,
): Promise<Result<TrustedKey, Refusal>> {
  const idp = readIdp(progress.payload?.idp);
  if (!idp.ok) return idp;
  const resolved = await resolveIdp(idp.value, context.identities, context);
  if (!resolved.ok) return resolved;
  progress.resolved = resolved.value;
  const [key] = resolved.value.keys;
  const iss = progress.payload?.iss;
  return ok({ ...must(key, "a resolved identity has a key"), kid, subject: typeof iss === "string" ? iss : "" });
}

/** 3. */
export async function checkIdentity(input: string, context: AuditContext, progress: AuditProgress): Promise<Outcome> {
  const claims = claimsOf(progress);
  const idp = readIdp(claims.idp);
  if (!idp.ok) return idp;
  progress.idp = idp.value;
  if (progress.resolved === undefined) {
    const resolved = await resolveIdp(idp.value, context.identities, context);
    if (!resolved.ok) {
      noteUntold(resolved.error, progress);
      return resolved;
    }
    if (progress.form === "signed" && !(await fitsOne(input, resolved.value.keys)))
      return err(idpMismatch("it was signed by another key than the profile's"));
    progress.resolved = resolved.value;
  }
  return progress.resolved.id === claims.iss
    ? passed
    : err(idpMismatch("the profile's identity is not the issuer", "iss"));
}

/** A profile that names a kind known here, and for which this verifier holds nothing. */
function noteUntold({ code, detail }: Refusal, progress: AuditProgress): void {
  if (code === "audit_idp_unsupported") progress.untold = detail;
}

async function fitsOne(input: string, keys: readonly TrustedKey[]): Promise<boolean> {
  for (const key of keys) if (await tokenFits(input, key)) return true;
  return false;
}

/** 4. An id that names no trust domain has the one this verifier's configuration gives it. */
export function checkDomain(context: AuditContext, progress: AuditProgress): Outcome {
  const { iss, domain } = claimsOf(progress);
  const mapped = /^(?:spiffe|wimse):/i.test(iss) ? undefined : context.domainOf?.(iss);
  const own = mapped ?? trustDomainOf(iss);
  return own !== null && own.toLowerCase() === domain.toLowerCase()
    ? passed
    : err(refusal("audit_domain_mismatch", "the domain is not its issuer's", { claim: "domain" }));
}

/** 5. With the bounds of the extension object, which are an ECT's (ECT-18). */
export function checkContent(progress: AuditProgress): Outcome {
  const claims = claimsOf(progress);
  const problem = auditClaimProblem(claims);
  if (problem !== null) return err(problem);
  if (claims.ect_ext === undefined) return passed;
  const limits = checkExtLimits(JSON.stringify({ ect_ext: claims.ect_ext }), "ect_ext");
  return limits.ok ? passed : err(refusal("audit_claim_invalid", limits.error.detail, { claim: "ect_ext" }));
}

/** 6. The digest first: what has another one is another record. */
export async function checkEct(context: AuditContext, progress: AuditProgress): Promise<Outcome> {
  const claims = claimsOf(progress);
  const { ect, jti, wid } = claims;
  if (ect === undefined) return passed;
  if (ect.jti !== jti) return ectMismatch("it wraps another task's", "ect.jti");
  const held = await context.ectOf({ ...ect, wid });
  if (held === null) return ectMismatch("the execution context token it wraps is not at hand", "ect");
  if (tokenDigest(held.token, context.sha256) !== ect.hash)
    return ectMismatch("the execution context token has another digest", "ect.hash");
  const verified = await verifyEct(held.token, {
    nowS: held.receivedAt,
    ownIds: context.ownIds,
    resolveKey: (kid) => context.resolveKey(kid),
    seen: () => false,
    ...(context.algorithms === undefined ? {} : { algorithms: context.algorithms }),
    ...(context.peer === undefined ? {} : { peer: context.peer }),
    sha256: context.sha256,
    minimumLevel: () => 1,
    known: null,
  });
  if (!verified.ok) return ectMismatch(`${verified.error.code}: ${verified.error.detail}`, "ect");
  const other = differingClaim(claims, verified.value.claims);
  if (other !== null) return ectMismatch(`the execution context token says another ${other}`, other);
  progress.ect = verified.value.claims;
  return passed;
}

/** 7. D4 among what is held. A predecessor that is not is of another domain: by a handoff, or reported as that (XA-8). */
export function checkDag(context: AuditContext, progress: AuditProgress): Outcome {
  const claims = claimsOf(progress);
  const { jti, wid, iss, iat, pred, exec_act: execAct, ect_ext: ext = {} } = claims;
  const task: KnownEct = { jti, wid, iss, iat, pred, execAct, ext, level: progress.form === "signed" ? 2 : 1 };
  const known = claims.ect === undefined ? context.known : withoutTask(context.known, task);
  const absent = pred
    .map((name) => findPred(known, name, wid))
    .filter(({ same, elsewhere }) => same === undefined && elsewhere.length === 0);
  const external = absent.map(
    ({ jti: name }): ExternalPred => ({ jti: name, domain: context.handoffOf?.(name) ?? null }),
  );
  const resolved = external.every(({ domain }) => domain !== null);
  const missing = absent.length > 0 && resolved ? "partial" : (context.dag?.missing ?? "refuse");
  for (const { run } of dagSteps(() => task, known, { ...context.dag, missing }, progress.dag)) {
    const outcome = run();
    if (!outcome.ok) return outcome;
  }
  progress.external = external;
  return passed;
}

/** Its own ECT is held already, and is no other task. */
function withoutTask(known: KnownEcts, task: KnownEct): KnownEcts {
  const isOwn = (jti: string, wid: string | undefined): boolean => jti === task.jti && wid === task.wid;
  return {
    inOrder: known.inOrder,
    get: (jti, wid) => (isOwn(jti, wid) ? undefined : known.get(jti, wid)),
    byJti: (jti) => known.byJti(jti).filter((ect) => !isOwn(ect.jti, ect.wid)),
    successors: (jti, wid) => known.successors(jti, wid).filter((ect) => !isOwn(ect.jti, ect.wid)),
    isRejected: (jti, wid) => known.isRejected(jti, wid),
  };
}

/** 8. What the issuer says is only compared (XA-7). */
export function checkLevel(context: AuditContext, progress: AuditProgress): Outcome {
  const { level } = claimsOf(progress);
  const computed = achievable(progress.form ?? "unsigned", context);
  return computed >= level
    ? passed
    : err(
        refusal("audit_level_claim_false", `it claims level ${level}; what is here makes it ${computed}`, {
          claim: "level",
        }),
      );
}

/** 9. As many receipts as are needed, each of another log (XA-15); the code of the first that was refused. */
export async function checkReceipts(input: string, context: AuditContext, progress: AuditProgress): Promise<Outcome> {
  const { ledger } = context;
  if (ledger === undefined || ledger === "appending") return passed;
  const accepted = new Map<string, VerifiedReceipt>();
  const refused: Refusal[] = [];
  const { skewS, algorithms, sha256 } = context;
  for (const receipt of ledger.receipts) {
    const verified = await verifyReceipt(
      receipt,
      { token: input, iat: claimsOf(progress).iat },
      {
        ...ledger.receiptContext,
        ...(skewS === undefined ? {} : { skewS }),
        ...(algorithms === undefined ? {} : { algorithms }),
        sha256,
      },
    );
    if (verified.ok) accepted.set(verified.value.claims.iss, verified.value);
    else refused.push(verified.error);
  }
  progress.receipts = [...accepted.values()];
  progress.refusedReceipts = refused;
  const needed = ledger.receipts.length === 0 ? 0 : (ledger.needed ?? 1);
  if (accepted.size >= needed) return passed;
  const [first] = refused;
  return err(
    first ?? refusal("audit_level_claim_false", `${accepted.size} of ${needed} needed logs have it on record`),
  );
}

/** 10. What is not at hand stays asserted. */
export async function checkEvidence(context: AuditContext, progress: AuditProgress): Promise<Outcome> {
  let found = 0;
  for (const reference of claimsOf(progress).evidence ?? []) {
    const token = (await context.evidenceOf?.(reference)) ?? null;
    if (token === null) continue;
    if (tokenDigest(token, context.sha256) !== reference.hash)
      return err(
        refusal("object_hash_mismatch", `the ${reference.typ} ${reference.id} has another digest`, {
          claim: "evidence",
        }),
      );
    found += 1;
  }
  progress.evidenceFound = found;
  return passed;
}

const malformed = (detail: string): Outcome => err(refusal("audit_malformed", detail));
const insufficient = (detail: string): Outcome => err(refusal("audit_level_insufficient", detail));
const ectMismatch = (detail: string, claim: string): Outcome => err(refusal("audit_ect_mismatch", detail, { claim }));
