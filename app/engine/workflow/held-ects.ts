import type { KnownEct, KnownEcts, Level } from "../../protocol/ect/known-ects.ts";
import type { HeldEct, WorkflowState } from "../state.ts";

type Workflows = ReadonlyMap<string, Pick<WorkflowState, "ects">>;

/**
 * The ECTs a log holds, as DAG validation asks for them. Nothing is taken without its predecessors, so they are in order.
 * `before` looks back: what came at or after that entry is not held yet. Level 3 is what a signed head of the log covers.
 */
export function heldEcts(
  workflows: Workflows,
  { before = Number.POSITIVE_INFINITY, covered = 0 }: { readonly before?: number; readonly covered?: number } = {},
): KnownEcts {
  const known = (jti: string, wid: string, held: HeldEct | undefined): KnownEct | undefined => {
    if (held === undefined || held.seq >= before) return undefined;
    const { iss, iat, pred, execAct, ext, seq } = held;
    const level: Level = seq < covered ? 3 : 2;
    return { jti, wid, iss, iat, pred, execAct, ext, level };
  };
  const get = (jti: string, wid: string | undefined): KnownEct | undefined =>
    wid === undefined ? undefined : known(jti, wid, workflows.get(wid)?.ects.get(jti));
  return {
    inOrder: true,
    get,
    byJti: (jti) => [...workflows.keys()].map((wid) => get(jti, wid)).filter((ect) => ect !== undefined),
    successors: (jti, wid) =>
      [...((wid === undefined ? undefined : workflows.get(wid))?.ects ?? [])]
        .filter(([, held]) => held.pred.includes(jti))
        .map(([task]) => get(task, wid))
        .filter((ect) => ect !== undefined),
    // A key that ends does not undo what it signed before (ECT-S6).
    isRejected: () => false,
  };
}

/** The tasks that predecessors stand for: a join is what it joins (ect.md section h). */
export function withoutJoins(ects: WorkflowState["ects"], pred: readonly string[]): Set<string> {
  const tasks = new Set<string>();
  const seen = new Set<string>();
  const open = [...pred];
  for (let jti = open.pop(); jti !== undefined; jti = open.pop()) {
    if (seen.has(jti)) continue;
    seen.add(jti);
    const held = ects.get(jti);
    if (held?.execAct === "join") open.push(...held.pred);
    else tasks.add(jti);
  }
  return tasks;
}
