import type { WindowTasks } from "../../agents/evidence/question.ts";
import type { ConductWindow } from "../../engine/behavior/behavior-state.ts";
import type { State } from "../../engine/state.ts";

/** By which of its own tasks an observer finds a window (BEH-58); null where the agent asked for nothing in it. */
export function windowTasks(
  state: Pick<State, "workflows">,
  { wid, agent, firstSeq, endSeq }: Pick<ConductWindow, "wid" | "agent" | "firstSeq" | "endSeq">,
): WindowTasks | null {
  const own = [...(state.workflows.get(wid)?.tasks.values() ?? [])]
    .flatMap(({ jti, agent: of, intent }) => (of === agent && intent !== null ? [{ jti, seq: intent.seq }] : []))
    .filter(({ seq }) => seq < (endSeq ?? Infinity))
    .sort((one, other) => one.seq - other.seq);
  const before = own.filter(({ seq }) => seq < firstSeq).length;
  const [first, last] = [own[before], own.at(-1)];
  return first === undefined || last === undefined
    ? null
    : { first: first.jti, last: last.jti, count: own.length - before, before };
}
