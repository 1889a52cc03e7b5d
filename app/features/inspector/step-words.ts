import type { Inspected } from "../../api/contract/inspect.ts";
import type { MarkShape, MarkTone } from "../../ui/mark.tsx";

export type InspectedStep = Inspected["steps"][number];

interface Look {
  readonly shape: MarkShape;
  readonly tone: MarkTone;
  readonly label: string;
}

const LOOKS: Readonly<Record<InspectedStep["result"], Look>> = {
  passed: { shape: "dot", tone: "good", label: "passed" },
  failed: { shape: "cross", tone: "critical", label: "failed" },
  not_reached: { shape: "ring", tone: "neutral", label: "not reached" },
  not_applicable: { shape: "bar", tone: "neutral", label: "does not apply" },
  not_checked: { shape: "half", tone: "notice", label: "not checked" },
};

/** How the answer of a step looks; what was not reached or not checked never looks passed (INV-4). */
export const stepLook = (result: InspectedStep["result"]): Look => LOOKS[result];

const PROCEDURES: Readonly<Record<string, string>> = {
  CTV: "Common token verification",
  D1: "Level of an execution context token",
  D2: "Verification of a signed execution context token",
  D4: "Place in the graph of tasks",
  V1: "Verification of an audit token",
  P1: "Acceptance of a policy",
  ACP: "A requirement that has no step of its own",
};

export interface Procedure {
  readonly name: string;
  readonly words: string;
  readonly steps: readonly InspectedStep[];
}

/** Steps that follow one another under the procedure that has them. */
export function proceduresOf(steps: readonly InspectedStep[]): readonly Procedure[] {
  const procedures: { name: string; words: string; steps: InspectedStep[] }[] = [];
  for (const step of steps) {
    const last = procedures.at(-1);
    if (last?.name === step.procedure) last.steps.push(step);
    else procedures.push({ name: step.procedure, words: PROCEDURES[step.procedure] ?? "", steps: [step] });
  }
  return procedures;
}

/**
 * The outcome in one sentence; only what has passed in full is called verified. What does not apply takes nothing away; what
 * could not be checked here is said.
 */
export function outcomeOf(steps: readonly InspectedStep[]): Look {
  const failed = steps.find((step) => step.result === "failed");
  if (failed !== undefined)
    return {
      ...LOOKS.failed,
      label: `Refused at ${failed.procedure} step ${failed.step}: ${failed.check}`,
    };
  const count = (result: InspectedStep["result"]): number => steps.filter((step) => step.result === result).length;
  const passed = count("passed");
  const due = steps.length - count("not_applicable");
  if (steps.length === 0 || count("not_reached") > 0) return { ...LOOKS.not_reached, label: "Not verified" };
  if (passed < due)
    return {
      ...LOOKS.not_checked,
      label: `Verified in part: ${passed} steps passed, ${due - passed} not checked here`,
    };
  return due === steps.length
    ? { ...LOOKS.passed, label: `Verified: all ${passed} steps passed` }
    : { ...LOOKS.passed, label: `Verified: all ${passed} steps that apply passed` };
}
