import type { ObservedTask } from "../../protocol/behavior/observed.ts";
import type { IntentClaims } from "../../protocol/ect/claims.ts";

/** Tasks of one agent that are remembered. Of more, nothing is: evidence with a part left out would be held against it. */
const MAX_TASKS = 10_000;

export type Asked = Pick<IntentClaims, "wid" | "task" | "exec_act" | "target" | "needs">;

/** What somebody who sees one agent has seen of its tasks, in the order in which they were asked for last (BEH-58). */
export interface OwnTasks {
  asked(claims: Asked, atMs: number): void;
  /** A human is asked first, and waited for. */
  gated(task: string): void;
  ended(task: string, outcome: "success" | "failure", atMs: number): void;
  /** Of a workflow; null where not all can be told. */
  of(wid: string): readonly ObservedTask[] | null;
}

export function createOwnTasks(agent: string, most = MAX_TASKS): OwnTasks {
  const tasks = new Map<string, ObservedTask>();
  let lost = false;

  const change = (jti: string, change: Partial<ObservedTask>): void => {
    const known = tasks.get(jti);
    if (known !== undefined) tasks.set(jti, { ...known, ...change });
  };

  return {
    asked: ({ wid, task: jti, exec_act: action, target, needs }, atMs) => {
      if (lost) return;
      const gate = tasks.get(jti)?.gate ?? null;
      tasks.delete(jti);
      if (tasks.size >= most) {
        lost = true;
        tasks.clear();
        return;
      }
      const targets = [
        ...(target === undefined ? [] : [target]),
        ...(needs?.resources ?? []),
        ...(needs?.domains ?? []),
      ];
      tasks.set(jti, {
        ...{ jti, wid, agent, action, atMs, endedMs: null, outcome: null, gate, bench: null },
        data: needs?.data_classes ?? null,
        targets: targets.length === 0 ? null : [...new Set(targets)],
        ...(needs?.named === undefined ? {} : { named: needs.named }),
        tokens: needs?.tokens ?? null,
        cost: needs?.cost ?? null,
      });
    },
    gated: (task) => change(task, { gate: { waited: true } }),
    ended: (task, outcome, endedMs) => change(task, { outcome, endedMs }),
    of: (wid) => (lost ? null : [...tasks.values()].filter((task) => task.wid === wid)),
  };
}
