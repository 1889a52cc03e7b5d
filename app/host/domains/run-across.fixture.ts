import { smallRun } from "../../api/dispatch/operator.fixture.ts";
import { must } from "../../base/assert.ts";
import type { RecordedRun, RunTask } from "../../protocol/run/recorded-run.ts";

type Step = readonly [id: string, domain: string, parents: readonly string[]];

/** A run whose agents live in the domains named, one agent each; nothing in it needs a human. */
export function runAcross(steps: readonly Step[]): RecordedRun {
  const base = smallRun("Across domains", 1);
  const model = must(base.tasks[0], "a task");
  const agentOf = (domain: string): string => `agent-${domain.split(".")[0] ?? ""}`;
  const tasks = steps.map(
    ([id, domain, parents], at): RunTask => ({
      ...model,
      id,
      name: id,
      agent: agentOf(domain),
      parents: parents.map((parent) => ({ id: parent, inferred: false })),
      startMs: at * 1000,
      outputs: [],
      attributes: { "org.signalbox.domain": domain },
    }),
  );
  const agents = [...new Set(steps.map(([, domain]) => agentOf(domain)))];
  return {
    ...base,
    tasks,
    agents: agents.map((id) => ({ id, name: id, kind: "program" })),
    makespanMs: steps.length * 1000,
  };
}
