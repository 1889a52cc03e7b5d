import type { TaskMark } from "../../../api/client/task-marks.ts";
import type { RollbackConflict, RollbackStep, RollbackStepState } from "../../../api/contract/rollback.ts";
import { trustDomainOf } from "../../../protocol/audit/trust-domain.ts";

export type StepList = RollbackStep["list"];

/** The lists of a dry run, the gravest first: each step is in exactly one (N13). */
export const LISTS: readonly StepList[] = ["impossible", "manual", "compensated", "undone", "skipped"];

export const LIST_MARKS: Record<StepList, TaskMark> = {
  impossible: { shape: "diamond", tone: "critical", label: "cannot be undone" },
  manual: { shape: "triangle", tone: "notice", label: "undone by a person" },
  compensated: { shape: "half", tone: "notice", label: "compensated" },
  undone: { shape: "ring", tone: "notice", label: "undone" },
  skipped: { shape: "bar", tone: "neutral", label: "with nothing to undo" },
};

export const WHY_WORDS: Record<NonNullable<RollbackStep["why"]>, string> = {
  declared_irreversible: "declared as final before it was done",
  no_way_known: "no checkpoint, compensation or person's way is known",
  compensation_stays: "it is the compensation of a task that stays",
  domain_without_gateway: "the gateway of its domain is not known",
};

export const CONFLICT_WORDS: Record<RollbackConflict["kind"], string> = {
  in_flight: "is still under way",
  locked: "is held by another rollback",
  touched_since: "was changed since by a task that stays",
  checkpoint_expired: "has a checkpoint that is over: it is not used",
  checkpoint_scope: "has a checkpoint that does not cover all it changed: it is not used",
  checkpoint_shared: "is taken back together with an earlier task",
  already_compensated: "was compensated before",
  scope_unknown: "does not say what it changed",
};

/** How a step stands. What was asked for is never shown as done: only a result says so. */
export function stepStanding({ status, list, method, ckptId, atGateway }: RollbackStepState): TaskMark {
  switch (status) {
    case "waiting":
      return { shape: "ring", tone: "neutral", label: "waits for other steps" };
    case "open":
      if (atGateway) return { shape: "half", tone: "notice", label: "undone, its domain's gateway is asked" };
      return method === "manual"
        ? { shape: "triangle", tone: "notice", label: "a person is asked" }
        : { shape: "half", tone: "notice", label: "asked for, no result yet" };
    case "done":
      return { shape: "dot", tone: "good", label: DONE[method] };
    case "skipped":
      if (list === "impossible") return { shape: "diamond", tone: "critical", label: "stays changed" };
      return {
        shape: "bar",
        tone: "neutral",
        label: ckptId === null ? "nothing to undo" : "with another step's restore",
      };
    case "partial":
      return { shape: "triangle", tone: "warning", label: "partly undone" };
    case "failed":
      return { shape: "cross", tone: "critical", label: "failed" };
    case "irreversible":
      return { shape: "diamond", tone: "critical", label: "cannot be undone" };
    case "timeout":
      return { shape: "triangle", tone: "critical", label: "not known: no result in time" };
    case "refused":
      return { shape: "cross", tone: "warning", label: "not begun: refused" };
    case "blocked":
      return { shape: "bar", tone: "warning", label: "blocked by a step that is not undone" };
    case "not_run":
      return { shape: "bar", tone: "warning", label: "not begun: all was stopped" };
  }
}

/** "the log of metro.example", by the id of that domain's gateway. */
export const logWords = (gateway: string): string => `the log of ${trustDomainOf(gateway) ?? gateway}`;

const DONE: Record<RollbackStep["method"], string> = {
  restore: "undone",
  compensate: "compensated",
  manual: "undone by a person",
  skip: "nothing to undo",
};
