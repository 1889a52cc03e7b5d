import { must } from "../../base/assert.ts";
import { ok, type Result } from "../../base/result.ts";
import type { Level } from "../ect/known-ects.ts";
import type { TrustedKey } from "../jose/keys.ts";
import type { Refusal } from "../jose/refusal.ts";
import { tokenDigest } from "../jose/sign-token.ts";
import { runSteps, type Step, tellSteps, type VerificationStep } from "../jose/steps.ts";
import type { AuditContext, AuditProgress, VerifiedAudit } from "./audit-context.ts";
import * as rows from "./audit-steps.ts";

/** V1: each line is one row of the table (execution-audit.md section d). */
function stepsOf(input: string, context: AuditContext, progress: AuditProgress): readonly Step[] {
  const table: readonly (readonly [string, Step["run"]])[] = [
    ["a compact JWS or an unsigned record, of the level asked for", () => rows.checkForm(input, context, progress)],
    ["common token verification", () => rows.checkCommon(input, context, progress)],
    ["the identity profile names the issuer", () => rows.checkIdentity(input, context, progress)],
    ["the domain is the issuer's", () => rows.checkDomain(context, progress)],
    ["times in order, outcome known", () => rows.checkContent(progress)],
    ["the execution context token it wraps says the same", () => rows.checkEct(context, progress)],
    ["its place among the tasks", () => rows.checkDag(context, progress)],
    ["the level it claims is reached", () => rows.checkLevel(context, progress)],
    ["on record in a log", () => rows.checkReceipts(input, context, progress)],
    ["evidence at hand has the digests it names", () => rows.checkEvidence(context, progress)],
  ];
  return table.map(([check, run], index) => ({ procedure: "V1", step: index + 1, check, run }));
}

/**
 * Verifies an audit token. Refusals: `audit_malformed` (400), `audit_level_insufficient`, the codes of common token
 * verification, `audit_idp_unsupported`, `audit_idp_mismatch`, `audit_domain_mismatch`, `audit_claim_invalid`,
 * `audit_ect_mismatch`, `dag_*`, `audit_level_claim_false`, those of a receipt (V2), `object_hash_mismatch`.
 */
export async function verifyAuditToken(input: string, context: AuditContext): Promise<Result<VerifiedAudit, Refusal>> {
  const progress: AuditProgress = { dag: {} };
  const outcome = await runSteps(stepsOf(input, context, progress));
  return outcome.ok ? ok(accepted(input, context, progress)) : outcome;
}

export interface ToldAudit {
  readonly steps: readonly VerificationStep[];
  readonly audit: VerifiedAudit | null;
  /** The key that common token verification went by; null where there was none. */
  readonly key: TrustedKey | null;
  /** What is missing here to tell who the profile means; null where nothing is (XA-64). */
  readonly untold: string | null;
}

/** The same steps, told for the screen, and the token when all have passed. */
export async function explainAuditToken(input: string, context: AuditContext): Promise<ToldAudit> {
  const progress: AuditProgress = { dag: {} };
  const steps = await tellSteps(stepsOf(input, context, progress));
  const failed = steps.some((step) => step.result !== "passed");
  const { tried = null, untold = null } = progress;
  return { steps, audit: failed ? null : accepted(input, context, progress), key: tried, untold };
}

function accepted(input: string, context: AuditContext, progress: AuditProgress): VerifiedAudit {
  const receipts = progress.receipts ?? [];
  const level: Level = progress.form === "unsigned" ? 1 : receipts.length > 0 ? 3 : 2;
  return {
    input,
    digest: tokenDigest(input, context.sha256),
    claims: must(progress.claims, "claims of an accepted audit token"),
    level,
    identity: progress.key === undefined ? null : (progress.resolved?.id ?? null),
    key: progress.key ?? null,
    ect: progress.ect ?? null,
    external: progress.external ?? [],
    receipts,
    refusedReceipts: progress.refusedReceipts ?? [],
    evidenceFound: progress.evidenceFound ?? 0,
  };
}
