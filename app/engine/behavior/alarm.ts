import type { ProfileBody } from "../../protocol/behavior/profile.ts";
import {
  FALSE_ALARM_RATE,
  observeActions,
  type SequentialState,
  sequentialTest,
  startTest,
  testStanding,
} from "../../protocol/behavior/sequential.ts";
import { standingOf } from "../../protocol/behavior/standing.ts";
import type { State, TaskState, WorkflowState } from "../state.ts";
import type { AppraisedWindow, ConductWindow, SignedProfile } from "./behavior-state.ts";

/** How far the test of an instance has come: the tasks it has seen, up to an entry. */
interface Tested {
  readonly through: number;
  readonly tasks: number;
  readonly state: SequentialState;
  /** Epoch seconds of the task that raised the alarm. */
  readonly alarmedAt: number | null;
}

/** Instances of a version of a profile that are remembered; the others are tested from their beginning each time. */
const MAX_REMEMBERED = 256;

/** By profile and instance. Only what would be worked out anew, so that a long workflow is not gone through for each window. */
const remembered = new WeakMap<ProfileBody, Map<string, Tested>>();

/** The sequential test over all that an instance did under this version of the profile, up to the end of a window (BEH-37). */
export function alarmOf(
  { workflows, behavior }: Pick<State, "workflows" | "behavior">,
  { wid, agent, from, endSeq }: Pick<ConductWindow, "wid" | "agent" | "from" | "endSeq">,
  { profile, hash, at: since }: SignedProfile,
): AppraisedWindow["alarm"] {
  const test = profile.baseline === undefined ? null : sequentialTest(profile.baseline);
  const workflow = workflows.get(wid);
  if (test === null || workflow === undefined) return null;
  const known = remembered.get(profile) ?? new Map<string, Tested>();
  remembered.set(profile, known);
  const of = { agent, since, before: endSeq ?? Number.POSITIVE_INFINITY };
  let so: Tested = known.get(agent) ?? { through: -1, tasks: 0, state: startTest(test), alarmedAt: null };
  let asked = so.through < of.before ? askedAfter(workflow, of, so.through) : null;
  if (asked?.earlier !== so.tasks) {
    // A task that was asked for again is no longer where it was, or the window is an older one.
    so = { through: -1, tasks: 0, state: startTest(test), alarmedAt: null };
    asked = askedAfter(workflow, of, so.through);
  }
  const { rest } = asked;
  const state = observeActions(
    test,
    so.state,
    rest.map(([, { execAct }]) => execAct),
  );
  const alarming = state.alarmAt === null ? undefined : rest[state.alarmAt - so.tasks - 1]?.[1];
  so = {
    through: rest.at(-1)?.[0] ?? so.through,
    tasks: so.tasks + rest.length,
    state,
    alarmedAt: so.alarmedAt ?? alarming?.intent?.at ?? null,
  };
  known.delete(agent);
  known.set(agent, so);
  const [oldest] = known.keys();
  if (known.size > MAX_REMEMBERED && oldest !== undefined) known.delete(oldest);
  const { highest, threshold, alarm } = testStanding(test, so.state);
  // What was raised stays so: tasks that are asked for again come later than they did, and take nothing back.
  const before = behavior.agents
    .get(standingOf(agent))
    ?.windows.findLast((one) => one.agent === agent && one.profile.hash === hash && one.to <= from)?.alarm;
  return {
    raised: alarm || before?.raised === true,
    statistic: Math.max(highest, before?.statistic ?? 0),
    threshold,
    falseAlarmRate: FALSE_ALARM_RATE,
    at: before?.at ?? so.alarmedAt,
  };
}

/** What an agent asked for after an entry, in that order, and how many tasks before. */
function askedAfter(
  { tasks }: WorkflowState,
  of: { readonly agent: string; readonly since: number; readonly before: number },
  through: number,
): { readonly earlier: number; readonly rest: readonly (readonly [seq: number, task: TaskState])[] } {
  let earlier = 0;
  const rest: [number, TaskState][] = [];
  for (const task of tasks.values()) {
    const { agent, intent } = task;
    if (agent !== of.agent || intent === null || intent.seq >= of.before || intent.at < of.since) continue;
    if (intent.seq <= through) earlier += 1;
    else rest.push([intent.seq, task]);
  }
  return { earlier, rest: rest.sort(([one], [other]) => one - other) };
}
