import { standingOf } from "../../protocol/behavior/standing.ts";
import { DRILL_AGAIN_DAYS } from "../../protocol/drill/drill-mark.ts";
import { resultOf, type TestedAgent } from "../../protocol/drill/self-test.ts";
import type { State } from "../state.ts";

/** What the log has of an agent's self-tests; times are epoch seconds. */
export interface AgentProof {
  readonly agent: string;
  /** The newest one that is over, whatever it found. */
  readonly last: {
    readonly at: number;
    readonly seq: number;
    readonly wid: string;
    readonly place: "workers" | "thread";
    readonly result: ReturnType<typeof resultOf>;
    readonly steps: TestedAgent["steps"];
  } | null;
  /** The newest one that was passed. */
  readonly passedAt: number | null;
  readonly againDays: number;
  /** From when on it counts as not proven; null where it never was, or the newest one was not passed. */
  readonly dueAt: number | null;
  readonly overdue: boolean;
  /** The workflow of one that runs. */
  readonly running: string | null;
}

const DAY_S = 86_400;

/**
 * What is proven of each of these agents (F8, N21). A test that failed or left something open takes back what an older one had
 * proven; what was proven lasts as long as was signed with the test (S12).
 */
export function provenAgents(state: Pick<State, "selfTests">, agents: Iterable<string>, nowS: number): AgentProof[] {
  const tests = [...state.selfTests.values()].sort((one, other) => other.seq - one.seq);
  const found = new Map<string, { last: AgentProof["last"]; passedAt: number | null; againDays: number }>();
  const running = new Map<string, string>();
  for (const { wid, outcome, againDays, agents: of } of tests) {
    if (outcome === null) {
      for (const agent of of) running.set(agent, wid);
      continue;
    }
    for (const { agent: instance, steps } of outcome.agents) {
      const agent = standingOf(instance);
      const result = resultOf({ steps });
      const known = found.get(agent);
      if (known === undefined) {
        const { at, seq, place } = outcome;
        const last = { ...{ at, seq, wid, place, result }, steps: structuredClone(steps) };
        found.set(agent, { last, passedAt: result === "passed" ? at : null, againDays });
      } else if (known.passedAt === null && result === "passed") known.passedAt = outcome.at;
    }
  }
  return [...new Set(agents)].map((agent) => {
    const known = found.get(agent) ?? { last: null, passedAt: null, againDays: DRILL_AGAIN_DAYS };
    const dueAt = known.last?.result === "passed" ? known.last.at + known.againDays * DAY_S : null;
    const overdue = dueAt === null || dueAt <= nowS;
    return { ...{ agent, ...known, dueAt, overdue }, running: running.get(agent) ?? null };
  });
}
