import type { AgentStanding, AppraisedWindow } from "../../engine/behavior/behavior-state.ts";
import { dueAt, isConduct, profileFor, profileOf, refOf } from "../../engine/behavior/conduct.ts";
import { nowAt } from "../../engine/behavior/effects.ts";
import type { State, WorkflowState } from "../../engine/state.ts";
import type { Host } from "../../host/open-host.ts";
import { taskNameOf } from "../../host/task-names.ts";
import { driftOf } from "../../protocol/behavior/drift.ts";
import type { Baseline } from "../../protocol/behavior/profile.ts";
import { standingOf } from "../../protocol/behavior/standing.ts";
import { startTrust, trustAt } from "../../protocol/behavior/trust.ts";
import { staleAtS } from "../../protocol/behavior/verdict-state.ts";
import {
  type BehaviorReason,
  type BehaviorWindow,
  type FleetAgent,
  MAX_INSTANCES,
  MAX_TOLD,
  type MixRow,
  type QuarantineReach,
  reasonViewSchema,
} from "../contract/behavior.ts";
import { profileRows } from "./behavior-profile-views.ts";

/** The abnormal first, by how grave it is. */
const ORDER = ["quarantined", "nonconformant", "drifting", "stale", "conformant", "unverified"] as const;
/** Reasons of a verdict at most that are told; all of one result, or none of it. */
const MAX_REASONS = 400;
const START = startTrust(0);

/** By the agent behind them, its instances. Agents of drills and benchmarks are scripts of ours, and none (BEH-16). */
function instancesOf(state: State): Map<string, { workflow: WorkflowState; agent: string }[]> {
  const found = new Map<string, { workflow: WorkflowState; agent: string }[]>();
  for (const workflow of state.workflows.values()) {
    if (!isConduct(workflow)) continue;
    for (const agent of workflow.agents) {
      const standing = standingOf(agent);
      const known = found.get(standing);
      if (known === undefined) found.set(standing, [{ workflow, agent }]);
      else known.push({ workflow, agent });
    }
  }
  for (const agent of state.behavior.agents.keys()) if (!found.has(agent)) found.set(agent, []);
  return found;
}

export const isKnownAgent = (state: State, agent: string): boolean =>
  state.behavior.agents.has(agent) ||
  [...state.workflows.values()].some(({ agents }) => agents.some((one) => standingOf(one) === agent));

export function fleetOf(state: State, nowS: number): FleetAgent[] {
  return [...instancesOf(state)]
    .map(([agent, instances]) => fleetAgent(state, agent, instances, nowS))
    .sort(
      (one, other) =>
        ORDER.indexOf(one.state) - ORDER.indexOf(other.state) ||
        (other.since ?? 0) - (one.since ?? 0) ||
        (one.name < other.name ? -1 : 1),
    );
}

function fleetAgent(
  state: State,
  agent: string,
  instances: readonly { readonly workflow: WorkflowState; readonly agent: string }[],
  nowS: number,
): FleetAgent {
  const of = state.behavior.agents.get(agent);
  const newest = tellingWindow(of);
  const profile = profileFor(state, instances.at(-1)?.agent ?? agent);
  const now = of === undefined ? null : nowAt(state, of, nowS);
  const timed = of === undefined ? null : profileOf(state, of);
  return {
    agent,
    name: agent.slice(agent.lastIndexOf("/") + 1),
    state: now?.state ?? "unverified",
    since: of === undefined || (of.seq === null && now === of.now) ? null : (now?.sinceS ?? null),
    seq: of?.seq ?? null,
    verdict: newest?.verdict ?? null,
    compliance: newest?.compliance ?? null,
    drift: newest?.drift ?? null,
    driftInterval: newest?.interval ?? null,
    alarm: newest?.alarm ?? null,
    window: newest === null ? null : { from: newest.from, to: newest.to },
    samples: newest?.samples ?? null,
    reasons: newest?.reasonCount ?? 0,
    worst: newest?.worst ?? null,
    trust: of === undefined ? START.score : trustAt(of.trust, nowS),
    floor: of?.trust.floor ?? START.floor,
    profile: profile === null ? null : refOf(profile),
    instances: instances
      .toSorted(byNewest)
      .slice(0, MAX_INSTANCES)
      .map((one) => instanceView(state, one)),
    instanceCount: instances.length,
    quarantine: quarantineView(of),
    staleAt: of === undefined || timed === null ? null : staleAtS(of.now, timed.profile.window_s),
  };
}

/** The window that tells where an agent stands: what put it into quarantine, else the newest that said something. */
function tellingWindow(of: AgentStanding | undefined): AppraisedWindow | null {
  const windows = of?.windows ?? [];
  const cause = of?.quarantine == null ? undefined : windows.find(({ seq }) => seq === of.quarantine?.seq);
  const said = windows.findLast(({ verdict }) => verdict !== "insufficient" && verdict !== "unverifiable");
  return cause ?? said ?? windows.at(-1) ?? null;
}

function byNewest(one: { readonly workflow: WorkflowState }, other: { readonly workflow: WorkflowState }): number {
  const runs = (of: WorkflowState): number => (of.status === "running" ? 0 : 1);
  return runs(one.workflow) - runs(other.workflow) || other.workflow.startedAt - one.workflow.startedAt;
}

function instanceView(
  state: State,
  { workflow, agent }: { readonly workflow: WorkflowState; readonly agent: string },
): FleetAgent["instances"][number] {
  const open = state.behavior.instances.get(agent)?.open ?? null;
  const due = open === null ? null : dueAt(state, open);
  const window = open === null || due === null ? null : { from: open.from, due };
  return { wid: workflow.wid, agent, status: workflow.status, window };
}

function quarantineView(of: AgentStanding | undefined): FleetAgent["quarantine"] {
  if (of?.quarantine == null) return null;
  const { cause, by, at, seq, reason } = of.quarantine;
  return { cause, by, at, seq, reason };
}

/** Names of recorded runs by workflow, as `readRuns` gives them. */
type Runs = ReadonlyMap<string, string>;

export function agentDetail(host: Host, state: State, runs: Runs, agent: string, nowS: number) {
  const of = state.behavior.agents.get(agent);
  const instances = instancesOf(state).get(agent) ?? [];
  const row = fleetAgent(state, agent, instances, nowS);
  const windows = of?.windows.slice(-MAX_TOLD) ?? [];
  const profile = profileFor(state, instances.at(-1)?.agent ?? agent);
  const newest = tellingWindow(of);
  return {
    agent: row,
    windows: windows.map(windowView),
    reasons: reasonViews(host, state, runs, windows),
    mix: newest === null ? [] : mixOf(newest, of?.lastGood ?? null, baselineOf(state, newest)),
    lastGood: of?.lastGood == null ? null : windowView(of.lastGood),
    changes: of?.changes.map((change) => ({ ...change })) ?? [],
    profile: profile === null ? null : (profileRows(state, nowS).find(({ jti }) => jti === profile.jti) ?? null),
  };
}

function windowView({ interval, reasons: _reasons, reasonCount, ...window }: AppraisedWindow): BehaviorWindow {
  return structuredClone({ ...window, driftInterval: interval, reasons: reasonCount }) as BehaviorWindow; // readonly lists only
}

function reasonViews(host: Host, state: State, runs: Runs, windows: readonly AppraisedWindow[]): BehaviorReason[] {
  const told: BehaviorReason[] = [];
  for (const { wid, reasons, seq } of windows.toReversed()) {
    if (told.length > 0 && told.length + reasons.length > MAX_REASONS) break;
    for (const { rule, kind, severity, task, at, detail, hidden } of reasons)
      told.push({
        ...{ rule, severity, task, wid, at, detail, hidden, seq },
        kind: reasonViewSchema.shape.kind.safeParse(kind).data ?? "other",
        taskName: task === null ? null : taskNameOf(host, runs, { task, wid }),
        action: task === null ? null : (state.workflows.get(wid)?.tasks.get(task)?.execAct ?? null),
      });
  }
  return told;
}

/** Of the version of the profile that a window was judged by. */
function baselineOf(state: State, { profile }: AppraisedWindow): Baseline | null {
  const versions = state.behavior.profiles.get(profile.profile_id) ?? [];
  return versions.find((one) => one.profile.version === profile.version)?.profile.baseline ?? null;
}

/** What was seen beside what was expected and what the last good window had; what differs most comes first. */
export function mixOf(
  newest: Pick<AppraisedWindow, "counts">,
  lastGood: Pick<AppraisedWindow, "counts"> | null,
  baseline: Baseline | null,
): MixRow[] {
  // Against nothing, every action is a key of its own.
  const against = baseline ?? { action_freq: {} };
  const total = Object.values(newest.counts).reduce((sum, count) => sum + count, 0);
  const now = driftOf(Object.entries(newest.counts), {}, against);
  const good = lastGood === null ? null : driftOf(Object.entries(lastGood.counts), {}, against).contributions;
  const shares = new Map(good?.map(({ action, observed }) => [action, observed]));
  const keys = new Set([...now.contributions.map(({ action }) => action), ...shares.keys()]);
  const rows = new Map(now.contributions.map((row) => [row.action, row]));
  return [...keys]
    .map((key): MixRow => {
      const row = rows.get(key);
      const observedShare = row?.observed ?? 0;
      return {
        ...{ key, observedShare, observed: Math.round(observedShare * total) },
        expectedShare: baseline === null ? null : (row?.expected ?? 0),
        lastGoodShare: good === null ? null : (shares.get(key) ?? 0),
        contribution: baseline === null ? null : Math.min(1, row?.part ?? 0),
      };
    })
    .sort(
      (a, b) => (b.contribution ?? 0) - (a.contribution ?? 0) || b.observed - a.observed || (a.key < b.key ? -1 : 1),
    );
}

/** What evidence about an instance is asked about now. */
export function askedAbout(state: State, agent: string) {
  const instance = state.behavior.instances.get(agent);
  const profile = profileFor(state, agent);
  const window = instance?.closing[0] ?? instance?.open ?? null;
  const to = window === null ? null : (window.to ?? dueAt(state, window));
  return {
    profile: profile === null ? null : refOf(profile),
    window: window === null || to === null ? null : { from: window.from, to, closed: window.to !== null },
    prev: structuredClone(instance?.chains ?? {}),
  };
}

/** What a quarantine of an agent reaches: its workflows that go on. */
export function reachOf(host: Host, state: State, runs: Runs, standing: string): QuarantineReach[] {
  const quarantine = state.behavior.agents.get(standing)?.quarantine ?? null;
  return (instancesOf(state).get(standing) ?? [])
    .filter(({ workflow }) => workflow.status !== "finished")
    .toSorted(byNewest)
    .slice(0, MAX_TOLD)
    .map(({ workflow, agent }) => {
      const lease = state.liveness.get(agent)?.lease ?? null;
      return {
        ...{ wid: workflow.wid, agent, status: workflow.status },
        runName: host.runs.known(runs.get(workflow.wid) ?? "")?.run.name ?? null,
        tasks: [...workflow.tasks.values()]
          .filter((task) => task.agent === agent && UNDER_WAY.has(task.status))
          .map(({ jti, execAct, status }) => ({
            ...{ task: jti, action: execAct, status },
            taskName: taskNameOf(host, runs, { task: jti, wid: workflow.wid }),
          })),
        lease:
          lease === null
            ? null
            : {
                ...{ jti: lease.jti, until: lease.until, open: !lease.lapsed },
                cut: lease.lapsed && quarantine !== null && quarantine.at < lease.until,
              },
        breakers: [...state.breakers.values()]
          .filter(({ callee }) => callee === agent)
          .map(({ id, caller, group, breaker, reason, entry }) => ({
            ...{ id, caller, group, state: breaker.state, seq: entry },
            held: breaker.forced && reason === "behavior",
          })),
      };
    });
}

/** What has begun; all else of it that was asked for is refused in quarantine (BEH-24). */
const UNDER_WAY: ReadonlySet<string> = new Set(["effect"]);
