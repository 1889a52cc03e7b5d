import * as z from "zod";
import { utf8 } from "../../base/bytes.ts";
import type { Json, JsonObject } from "../../base/json.ts";
import { err } from "../../base/result.ts";
import { timeSchema, uriSchema } from "../jose/formats.ts";
import { refusal } from "../jose/refusal.ts";
import { type Outcome, passed } from "../jose/steps.ts";
import type { UnsignedEctClaims } from "./claims.ts";

/** ECT-18. Bytes are those of the member as the payload has it; the object itself is depth 1, arrays count. */
export const MAX_EXT_BYTES = 4096;
export const MAX_EXT_DEPTH = 5;

/** Registry "ECT Policy Decision Values". */
export const POLICY_DECISIONS: readonly string[] = ["approved", "rejected", "pending_human_review"];

/** Extension keys of the companion text, with their types (ect.md section b). */
const specifiedSchema = z.object({
  pol: z.string().min(1).optional(),
  pol_enforcer: uriSchema.optional(),
  pol_timestamp: timeSchema.optional(),
  compensation_required: z.boolean().optional(),
  compensation_reason: z.string().min(1).optional(),
  inp_classification: z.string().optional(),
  exec_time_ms: z.int().nonnegative().optional(),
  regulated_domain: z.string().optional(),
  model_version: z.string().optional(),
  witnessed_by: z.array(uriSchema).optional(),
});

/** Every key that a text of the family defines, so that it needs no reverse-domain name (spec README section 6). */
const SPECIFIED_KEYS: ReadonlySet<string> = new Set([
  ...Object.keys(specifiedSchema.shape),
  ...[
    "pol_decision",
    "resources",
    "acp_ref",
    "obj_typ",
    "obj_id",
    "obj_hash",
    "rule_id",
    "outcome",
    "profile_id",
    "bench_id",
  ],
  ...[
    "verdict",
    "ckpt_id",
    "breaker_id",
    "from",
    "to",
    "rb_id",
    "target_jti",
    "proposal_id",
    "session_id",
    "stitch_id",
  ],
  ...["ckpt_scope", "ckpt_hash", "ckpt_store", "ckpt_expires", "undo", "undo_deadline_s", "undo_cost"],
  ...["ovr_level", "ovr_action", "fed_id", "round", "mig_id", "lossy", "query_hash", "purpose"],
]);
const REVERSE_DOMAIN = /^[a-z][a-z0-9-]*(?:\.[A-Za-z0-9][A-Za-z0-9_-]*)+$/;

/** Keys that are neither defined by a text nor reverse-domain names: writers make none (ECT-20), readers ignore them (ECT-19). */
export function unnamedKeys(ext: JsonObject): string[] {
  return Object.keys(ext).filter((key) => !SPECIFIED_KEYS.has(key) && !REVERSE_DOMAIN.test(key));
}

/**
 * D2 step 13, on the payload's own text: what counts is the size that was sent, not that of another spelling.
 * Refusals: `ect_ext_too_large`, `ect_ext_too_deep`.
 */
export function checkExtLimits(payloadText: string, member: "ect_ext" | "ext"): Outcome {
  const text = memberText(payloadText, member);
  if (text === null) return passed;
  const bytes = utf8(text).length;
  if (bytes > MAX_EXT_BYTES)
    return err(
      refusal("ect_ext_too_large", `the extension object has ${bytes} bytes, at most ${MAX_EXT_BYTES} are allowed`, {
        claim: "ect_ext",
      }),
    );
  return depthOf(JSON.parse(text) as Json) <= MAX_EXT_DEPTH
    ? passed
    : err(
        refusal("ect_ext_too_deep", `the extension object is nested deeper than ${MAX_EXT_DEPTH}`, {
          claim: "ect_ext",
        }),
      );
}

function depthOf(value: Json): number {
  if (value === null || typeof value !== "object") return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

/** The text of a top-level member's value, as it stands in an object's JSON text; null when the object has no such member. */
export function memberText(objectText: string, member: string): string | null {
  let depth = 0;
  let at = 0;
  let name: string | null = null;
  let valueStart = 0;
  while (at < objectText.length) {
    const char = objectText[at];
    if (char === '"') {
      const end = stringEnd(objectText, at);
      if (depth === 1 && name === null) name = JSON.parse(objectText.slice(at, end)) as string;
      at = end;
      continue;
    }
    if (depth === 1 && (char === "," || char === "}")) {
      if (name === member) return objectText.slice(valueStart, at).trim();
      name = null;
    }
    if (depth === 1 && char === ":") valueStart = at + 1;
    if (char === "{" || char === "[") depth += 1;
    else if (char === "}" || char === "]") depth -= 1;
    at += 1;
  }
  return null;
}

function stringEnd(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
  return at + 1;
}

/**
 * D2 step 14 and what the specified keys say about one token: policy and decision come together (ECT-40), a rejected task
 * has no output (ECT-42), a compensation says so and why (ECT-44). Refusals: `ect_pol_pair`, `ect_pol_value`,
 * `ect_claim_invalid`.
 */
export function checkPolicyKeys(claims: UnsignedEctClaims): Outcome {
  const ext = claims.ect_ext ?? {};
  const { pol_decision: decision } = ext;
  if ("pol" in ext !== "pol_decision" in ext)
    return err(refusal("ect_pol_pair", "pol and pol_decision come together or not at all", { claim: "ect_ext" }));
  if (decision !== undefined && (typeof decision !== "string" || !POLICY_DECISIONS.includes(decision)))
    return err(refusal("ect_pol_value", `pol_decision is one of ${POLICY_DECISIONS.join(", ")}`, { claim: "ect_ext" }));
  const typed = specifiedSchema.safeParse(ext);
  if (!typed.success) {
    const [issue] = typed.error.issues;
    return invalid(`ect_ext.${issue?.path.join(".") ?? ""}`, issue?.message ?? "of another type");
  }
  if (typed.data.pol_timestamp !== undefined && typed.data.pol_timestamp > claims.iat)
    return invalid("ect_ext.pol_timestamp", "evaluated after the record was made");
  if (decision === "rejected" && claims.out_hash !== undefined)
    return invalid("out_hash", "a task that was rejected has no output (ECT-42)");
  const { compensation_required: required, compensation_reason: reason } = typed.data;
  if (claims.exec_act === "compensate" && (required !== true || reason === undefined || claims.pred.length === 0))
    return invalid("ect_ext", "a compensation names the task it undoes, and why (ECT-44)");
  return passed;
}

function invalid(claim: string, detail: string): Outcome {
  return err(refusal("ect_claim_invalid", `${claim}: ${detail}`, { claim }));
}
