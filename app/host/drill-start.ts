import { DRILL_SCRIPTS, type DrillScript, drillScript } from "../agents/drill/scripts.ts";
import type { Json } from "../base/json.ts";
import type { Sha256 } from "../base/ports.ts";
import { err, ok, type Result } from "../base/result.ts";
import type { RunPlan } from "../engine/workflow/plan.ts";
import { type DrillMark, drillMarkOf } from "../protocol/drill/drill-mark.ts";
import { SELF_TEST } from "../protocol/drill/self-test.ts";
import { objectDigest } from "../protocol/jcs/canonical.ts";
import { type Refusal, refusal } from "../protocol/jose/refusal.ts";
import type { RecordedRun } from "../protocol/run/recorded-run.ts";
import { DRILL_ACTION, drillRun } from "./drill-run.ts";
import { selfTestRun } from "./self-test/self-test-run.ts";

/**
 * What is wrong with a start, or null: a drill plays its script and nothing else, and a script is played as a drill only. So no
 * recorded run is ever given agents that misbehave, and what is marked as a drill is one (OVR-25).
 */
export function drillProblem(
  plan: RunPlan,
  ext: Readonly<Record<string, unknown>> | undefined,
  sha256: Sha256,
): Refusal | null {
  const mark = drillMarkOf(ext);
  const isScript = plan.run.format === "drill";
  if (mark === null)
    return isScript
      ? refusal("drill_unmarked", "the script of a drill is started as a drill only", { claim: "ect_ext" })
      : null;
  if (mark?.script === SELF_TEST) return selfTestProblem(plan, mark, sha256);
  const script = mark === undefined ? undefined : drillScript(mark.script);
  if (mark === undefined || script === undefined || !isSize(mark.size, script.sizes))
    return refusal("drill_invalid", "there is no such script of a drill, or not of that size", { claim: "ect_ext" });
  return runProblem(plan, drillRun(script, mark.size), sha256);
}

/** A self-test is of the agents its mark names, and of nothing else. */
function selfTestProblem(plan: RunPlan, { of = [], size }: DrillMark, sha256: Sha256): Refusal | null {
  return of.length === size && new Set(of).size === size
    ? runProblem(plan, selfTestRun(of), sha256)
    : refusal("drill_invalid", "a self-test says which agents it is of, each once", { claim: "ect_ext" });
}

function runProblem(plan: RunPlan, run: RecordedRun, sha256: Sha256): Refusal | null {
  // A run is JSON values only, which its inferred type (optional members) does not say.
  const expected = objectDigest(run as unknown as Json, sha256);
  return expected.ok && expected.value === plan.digest
    ? null
    : refusal("start_mismatch", "a drill plays its script, and this run is another", { claim: "ect_ext" });
}

const isSize = (size: number, { min, max }: DrillScript["sizes"]): boolean =>
  Number.isInteger(size) && size >= min && size <= max;

/** What can be drilled: each script with how many agents of which fault it has at its usual size. */
export function drillScripts() {
  return DRILL_SCRIPTS.map(({ id, sizes, limitS, faults }) => {
    const counts = new Map<string, number>();
    for (let at = 0; at < sizes.usual; at += 1)
      for (const { kind } of faults(at, sizes.usual)) counts.set(kind, (counts.get(kind) ?? 0) + 1);
    return { id, sizes: { ...sizes }, limitS, faults: [...counts].map(([kind, agents]) => ({ kind, agents })) };
  });
}

/** What a drill of this script and size plays, and by agent which other one delegates to it; null where the operator does. */
export function preparedDrill(
  id: string,
  size: number,
): Result<
  { readonly run: RecordedRun; readonly action: string; readonly delegatedBy: readonly (number | null)[] },
  Refusal
> {
  const script = drillScript(id);
  if (script === undefined) return err({ ...refusal("drill_invalid", "there is no such script"), status: 404 });
  const { min, max } = script.sizes;
  if (!isSize(size, script.sizes))
    return err(refusal("drill_invalid", `this script is for ${min} to ${max} agents`, { claim: "size" }));
  const run = drillRun(script, size);
  return ok({ run, action: DRILL_ACTION, delegatedBy: run.agents.map((_, at) => script.delegatedBy(at, size)) });
}
