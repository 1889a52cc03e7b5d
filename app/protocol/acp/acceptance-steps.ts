import type { Result } from "../../base/result.ts";
import type { Refusal } from "../jose/refusal.ts";
import type { VerificationStep } from "../jose/steps.ts";
import { ACCEPTANCE_CHECKS, type AcceptanceCheck, graphOf } from "./accept-acp.ts";
import type { AcpClaims } from "./claims.ts";
import { checkDerivation, type KnownParent } from "./derive-acp.ts";

/**
 * One row of P1, told for the screen. What does not concern this token is `not_applicable`; what cannot be found out where it
 * is looked at is `not_checked`, which is never the same as passed (INV-4).
 */
export interface AcceptanceStep extends Omit<VerificationStep, "result" | "procedure"> {
  readonly procedure: "P1" | "ACP";
  readonly result: VerificationStep["result"] | "not_applicable" | "not_checked";
}

/** What P1 needs besides the token, as far as it is known where the token is looked at. */
export interface AcceptanceContext {
  /** The policy it derives from; undefined where that is not known here. */
  readonly parent: KnownParent | undefined;
  readonly revocation: KnownRevocation;
}

/** Step 10 as of the time that is asked about; `later` says that a revocation came after it. */
export type KnownRevocation =
  | { readonly known: false; readonly why: string }
  | { readonly known: true; readonly revoked: string | null; readonly later?: string };

type Answer = Pick<AcceptanceStep, "result" | "code" | "detail">;
type Row = Pick<AcceptanceStep, "procedure" | "step" | "check"> & { readonly run: (claims: AcpClaims) => Answer };

const PASSED: Answer = { result: "passed" };
const failed = ({ code, detail }: Pick<Refusal, "code" | "detail">): Answer => ({ result: "failed", code, detail });

/**
 * P1 row by row, in the order in which it is made: common verification as it ended (step 1), the rows of `acceptAcp`, and what
 * the engine knows besides.
 */
export function acceptanceSteps(
  verified: Result<AcpClaims, Pick<Refusal, "code" | "detail">>,
  context: AcceptanceContext,
): AcceptanceStep[] {
  const first = { procedure: "P1", step: 1, check: "common token verification, for at most 86,400 s" } as const;
  const rows: readonly Row[] = [
    ...ACCEPTANCE_CHECKS.map(rowOf),
    row(9, "a derived policy is no more than a part of its parent", (claims) => derivation(claims, context.parent)),
    row(10, "neither it nor one it derives from is revoked", () => revocation(context.revocation)),
    row(11, "its holder proves the key that it names", possession),
  ];
  const told: AcceptanceStep[] = [{ ...first, ...(verified.ok ? PASSED : failed(verified.error)) }];
  let isRefused = !verified.ok;
  for (const { run, ...words } of rows) {
    const answer: Answer = isRefused || !verified.ok ? { result: "not_reached" } : run(verified.value);
    isRefused ||= answer.result === "failed";
    told.push({ ...words, ...answer });
  }
  return told;
}

const row = (step: number, check: string, run: Row["run"]): Row => ({ procedure: "P1", step, check, run });

function rowOf({ step, check, problems }: AcceptanceCheck): Row {
  return {
    ...(step === null ? { procedure: "ACP", step: 15 } : { procedure: "P1", step }),
    check,
    run: (claims) => {
      for (const problem of problems(claims, graphOf(claims))) return failed(problem);
      return PASSED;
    },
  };
}

function derivation(claims: AcpClaims, parent: KnownParent | undefined): Answer {
  if (claims.parent === undefined) return { result: "not_applicable", detail: "it derives from no other policy" };
  if (parent === undefined)
    return {
      result: "not_checked",
      code: "acp_parent_missing",
      detail: `the policy it derives from, ${claims.parent.jti}, is not in this log; here it would not be taken`,
    };
  const derived = checkDerivation(claims, parent);
  return derived.ok ? PASSED : failed(derived.error);
}

function revocation(known: KnownRevocation): Answer {
  if (!known.known) return { result: "not_checked", detail: known.why };
  if (known.revoked !== null) return failed({ code: "acp_revoked", detail: `the policy ${known.revoked} was revoked` });
  return known.later === undefined ? PASSED : { ...PASSED, detail: known.later };
}

function possession({ cnf }: AcpClaims): Answer {
  if (cnf === undefined) return { result: "not_applicable", detail: "it names no key of its holder" };
  return { result: "not_checked", detail: "the holder proves it when the policy is used; the token alone does not" };
}
