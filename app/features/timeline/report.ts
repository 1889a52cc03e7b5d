import type { VerifyReport } from "../../api/contract/audit.ts";
import { QUESTIONS } from "../../protocol/audit/questions.ts";

export { QUESTIONS };

/** True only when each was checked and holds: a check that was not made is no passed check. */
export function allPassed(report: VerifyReport): boolean {
  return report.firstBad === null && QUESTIONS.every((question) => report[question].result === "passed");
}
