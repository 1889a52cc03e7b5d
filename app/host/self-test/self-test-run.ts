import type { RecordedRun, RunTask } from "../../protocol/run/recorded-run.ts";

/** What an agent under test asks for and nobody approves. */
export const GATED_ACTION = "self_test_gated";
/** What it may do meanwhile, one after another: by this one sees that it is there. */
export const STEP_ACTION = "self_test_step";

/** A self-test ends by then, s, whatever is known [ours]. */
export const SELF_TEST_LIMIT_S = 60;
const STEP_MS = 1000;

export const gatedTask = (slug: string): string => `${slug}.gated`;

/** What the agents of a self-test are given to do: nothing outside is touched, as in every re-enactment. */
export function selfTestRun(slugs: readonly string[]): RecordedRun {
  const steps = Math.ceil((SELF_TEST_LIMIT_S * 1000) / STEP_MS);
  return {
    version: 1,
    format: "drill",
    formatVersion: "1",
    name: `Self-test of ${slugs.length === 1 ? slugs[0] : `${slugs.length} agents`}`,
    source: { file: "written by this console", origin: null },
    callers: "edges",
    schedule: "computed",
    observedOnly: false,
    startedAtMs: null,
    makespanMs: steps * STEP_MS,
    agents: slugs.map((id) => ({ id, name: id, kind: "agent" })),
    tasks: slugs.flatMap((slug) => [
      taskOf(slug, gatedTask(slug), {
        name: "Self-test: leave this unanswered",
        action: GATED_ACTION,
        startMs: 0,
        narrative: "A self-test of this agent: leave this unanswered, it is to be refused when its time is over.",
      }),
      ...Array.from({ length: steps }, (_, step) =>
        taskOf(slug, `${slug}.${step + 1}`, {
          name: `Self-test step ${step + 1}`,
          startMs: step * STEP_MS,
          parents: step === 0 ? [] : [{ id: `${slug}.${step}`, inferred: false }],
        }),
      ),
    ]),
    counts: {},
    warnings: [],
  };
}

function taskOf(agent: string, id: string, change: Partial<RunTask>): RunTask {
  return {
    id,
    agent,
    name: "",
    action: STEP_ACTION,
    parents: [],
    caller: null,
    startMs: 0,
    durationMs: STEP_MS,
    outcome: "success",
    error: null,
    attempt: 0,
    inputs: [],
    outputs: [`${id}.out`],
    args: { task: id },
    narrative: null,
    usage: null,
    attributes: {},
    ...change,
  };
}
