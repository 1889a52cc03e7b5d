import type { Sha256 } from "../../base/ports.ts";
import type { LoggedFact } from "../../engine/fact.ts";
import type { RunPlan } from "../../engine/workflow/plan.ts";
import type { BenchRunSeen, BenchTask } from "../../protocol/behavior/bench-measure.ts";
import { ECT_EXT } from "../../protocol/ect/claims.ts";
import { agentTask } from "../agent-task.ts";
import type { TaskIds } from "../run-store.ts";

interface Seen {
  readonly askedMs: number;
  /** Monotonic ms of its end, and what its ECT stated. */
  ended: { readonly atMs: number; readonly outcome: string; readonly outHash: string } | null;
  /** A human was asked; whether that was answered before it acted. */
  gate: { waited: boolean; answered: boolean } | null;
}

/** One run of a benchmark as its entries come, each at its instant by the host's monotonic clock. */
export interface RunWatch {
  readonly wid: string;
  /** The start, once it is in the log. */
  readonly started: { readonly jti: string; readonly hash: string } | null;
  readonly isOver: boolean;
  /** Actions before which a human was asked. */
  readonly gated: ReadonlySet<string>;
  take(logged: LoggedFact, atMs: number): void;
  /** What was seen of the agents that are measured: all, or one by its id in the run. */
  seen(item: number, agent: string | null): BenchRunSeen;
}

export function watchRun(wid: string, plan: RunPlan, ids: TaskIds, sha256: Sha256): RunWatch {
  const tasks = new Map<number, Seen>();
  const gated = new Set<string>();
  let started: RunWatch["started"] = null;
  let startedMs = 0;
  let endedMs: number | null = null;

  const taskAt = (jti: unknown): Seen | undefined => {
    const index = typeof jti === "string" ? ids.indexOf.get(jti) : undefined;
    return index === undefined ? undefined : tasks.get(index);
  };

  const take = ({ fact, digest }: LoggedFact, atMs: number): void => {
    if (!("wid" in fact.claims) || fact.claims.wid !== wid) return;
    if (fact.typ === "intent+jwt") {
      const index = ids.indexOf.get(fact.claims.task);
      if (index !== undefined && !tasks.has(index)) tasks.set(index, { askedMs: atMs, ended: null, gate: null });
    } else if (fact.typ === "exec+jwt") {
      const { claims } = fact;
      if (claims.exec_act === "run_start") {
        started = { jti: claims.jti, hash: digest };
        startedMs = atMs;
      }
      const task = taskAt(claims.jti);
      const outcome = claims.ect_ext?.[ECT_EXT.outcome];
      if (task !== undefined) task.ended ??= { atMs, outcome: String(outcome), outHash: claims.out_hash ?? "" };
    } else if (fact.typ === "record+jwt") {
      const { kind, data } = fact.claims;
      if (kind === "run_finished") endedMs ??= atMs;
      const task = taskAt(data.task);
      if (task === undefined) return;
      if (kind === "gate_required") {
        task.gate ??= { waited: true, answered: false };
        const index = ids.indexOf.get(String(data.task)) ?? -1;
        gated.add(plan.tasks[index]?.action ?? "");
      } else if (kind === "permitted" && task.gate !== null) task.gate.answered = true;
      else if (kind === "effect_started" && task.gate?.answered === false) task.gate.waited = false;
    }
  };

  const taskSeen = (index: number, item: number): BenchTask => {
    const task = plan.tasks[index];
    const seen = tasks.get(index);
    const ended = seen?.ended ?? null;
    // What the recording says comes out of it: the expected result.
    const expected = agentTask(task, sha256, { wid, jti: ids.jtis[index] ?? "", pred: [], acp: { jti: "", hash: "" } });
    const usage = task?.usage ?? null;
    const told = usage !== null && (usage.inputTokens !== null || usage.outputTokens !== null);
    return {
      key: `${item}/${task?.id ?? ""}`,
      completed: ended !== null,
      correct: ended !== null && ended.outcome === expected.outcome && ended.outHash === expected.outHash,
      result: ended === null ? null : `${ended.outcome} ${ended.outHash}`,
      latencyMs: ended === null || seen === undefined ? null : Math.round((ended.atMs - seen.askedMs) * 1000) / 1000,
      gate: seen?.gate == null ? null : { waited: seen.gate.waited },
      tokens: told ? (usage.inputTokens ?? 0) + (usage.outputTokens ?? 0) : null,
      cost: usage?.cost ?? null,
    };
  };

  return {
    wid,
    get started() {
      return started;
    },
    get isOver() {
      return endedMs !== null;
    },
    gated,
    take,
    seen: (item, agent) => ({
      wallMs: (endedMs ?? startedMs) - startedMs,
      tasks: plan.tasks.flatMap((task, index) =>
        agent === null || task.agent === agent ? [taskSeen(index, item)] : [],
      ),
    }),
  };
}
