import type { DrillScript } from "../agents/drill/scripts.ts";
import type { RecordedRun, RunTask } from "../protocol/run/recorded-run.ts";

/** The one kind of work a drill's agents do: nothing outside is touched, as in every re-enactment. */
export const DRILL_ACTION = "drill_step";

/** What the agents of a drill work on: each its own steps one after another, for longer than the operator has. */
export function drillRun(script: DrillScript, size: number): RecordedRun {
  const steps = Math.ceil((script.limitS * 1000) / script.taskMs) + 4;
  const agents = Array.from({ length: size }, (_, at) => ({
    id: `drill-${at + 1}`,
    name: `Drill agent ${at + 1}`,
    kind: "agent",
  }));
  const tasks = agents.flatMap((agent, at) =>
    Array.from({ length: steps }, (_, step): RunTask => {
      const id = `${agent.id}.${step + 1}`;
      return {
        id,
        name: `Drill step ${step + 1}`,
        action: DRILL_ACTION,
        agent: agent.id,
        parents: step === 0 ? [] : [{ id: `${agent.id}.${step}`, inferred: false }],
        caller: null,
        startMs: (at % 10) * 50 + step * script.taskMs,
        durationMs: script.taskMs,
        outcome: "success",
        error: null,
        attempt: 0,
        inputs: [],
        outputs: [`${id}.out`],
        args: { step: step + 1 },
        narrative: null,
        usage: null,
        attributes: {},
      };
    }),
  );
  return {
    version: 1,
    format: "drill",
    formatVersion: "1",
    name: `Drill: ${script.id}, ${size} agents`,
    source: { file: "written by this console", origin: null },
    callers: "edges",
    schedule: "computed",
    observedOnly: false,
    startedAtMs: null,
    makespanMs: steps * script.taskMs,
    agents,
    tasks,
    counts: {},
    warnings: [],
  };
}
