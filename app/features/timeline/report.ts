import type { VerifyReport } from "../../api/contract/audit.ts";

/** The five questions of XA-20, in the order they are answered. */
export const QUESTIONS = ["authentic", "included", "consistent", "complete", "plausible"] as const;

/** True only when each was checked and holds: a check that was not made is no passed check. */
export function allPassed(report: VerifyReport): boolean {
  return report.firstBad === null && QUESTIONS.every((question) => report[question].result === "passed");
}
