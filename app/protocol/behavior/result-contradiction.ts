import type { BenchResultClaims } from "./bench-result.ts";
import { selfContradictions } from "./bench-verify.ts";
import { type EarClaims, VERDICT_STATUS } from "./result.ts";

type Said =
  | { readonly typ: "ear+jwt"; readonly claims: EarClaims }
  | { readonly typ: "bench-result+jwt"; readonly claims: BenchResultClaims };

/** From none to the worst. */
const TIERS = ["none", "affirming", "warning", "contraindicated"] as const;

/** Orders statuses, the worst last (BEH-9). */
export const statusRank = (status: (typeof TIERS)[number]): number => TIERS.indexOf(status);

/** The tier of a value of a trustworthiness vector (AR4SI), as its place in `TIERS`. */
function tierOf(value: number): number {
  if (value >= -1 && value <= 1) return 0;
  if (value >= -32 && value <= 31) return 1;
  return value >= -96 && value <= 95 ? 2 : 3;
}

/**
 * How a result contradicts itself, in words, or null; whoever gives it. The status of an appraisal is no better than its verdict
 * and than the worst of its vector (BEH-9).
 */
export function resultContradiction(result: Said): string | null {
  if (result.typ === "bench-result+jwt") return selfContradictions(result.claims)[0] ?? null;
  for (const [label, one] of Object.entries(result.claims.submods)) {
    const { "ear.status": status, "ear.trustworthiness-vector": vector = {}, "agent.behavior": said } = one;
    const worst = Math.max(0, ...Object.values(vector).map(tierOf));
    if (TIERS.indexOf(status) < worst) return `${label} is ${status}, better than the worst of its vector`;
    const due = said === undefined ? "none" : VERDICT_STATUS[said.verdict];
    const isSofter = TIERS.indexOf(status) < TIERS.indexOf(due) || (due === "none" && status === "affirming");
    if (said !== undefined && isSofter) return `${label} is ${status}, and its verdict ${said.verdict}`;
  }
  return null;
}
