import { assert } from "../../base/assert.ts";
import { ok, type Result } from "../../base/result.ts";
import { createSlices } from "../../base/slices.ts";
import type { SignedProfile } from "../../engine/behavior/behavior-state.ts";
import { profileFor } from "../../engine/behavior/conduct.ts";
import type { Host } from "../../host/open-host.ts";
import { type CompiledProfile, compileProfile } from "../../protocol/behavior/compile-profile.ts";
import type { Violation } from "../../protocol/behavior/evidence.ts";
import { sumOf } from "../../protocol/behavior/gather-findings.ts";
import { figuresOf, type Observation, observationOf } from "../../protocol/behavior/observe-window.ts";
import type { ObservedTask, Window } from "../../protocol/behavior/observed.ts";
import { profileBodySchema, profileHash } from "../../protocol/behavior/profile.ts";
import { createReplay, type Unjudged } from "../../protocol/behavior/replay-rules.ts";
import { appliesTo } from "../../protocol/behavior/standing.ts";
import { verdictFor } from "../../protocol/behavior/verdict-for.ts";
import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";
import {
  type FlaggedTask,
  type JudgedWindow,
  MAX_REPLAY_WINDOWS,
  type ReplayCounts,
  type ReplayWindow,
} from "../contract/behavior-profiles.ts";
import { type ConductIn, conductBetween, type PlacedTask, SLICE_MS, taskNamer } from "./behavior-tasks.ts";

export interface ReplayInput {
  readonly profile: object;
  readonly span: { readonly from: number; readonly to: number };
  readonly limit: number;
}

/** No evidence is made here, which would commit to its tasks: their root is most of the work. */
const NO_ROOT = (): Uint8Array => new Uint8Array(32);

const VERDICTS = { conformant: 0, drifting: 0, nonconformant: 0, insufficient: 0 };
const NO_COUNTS: ReplayCounts = { windows: 0, violations: 0, ...VERDICTS };

/**
 * A draft over the conduct in a span: each instance it applies to once through its rules, then window by window, beside what
 * the profile in force for that agent says of the same windows. Nothing is recorded.
 */
export async function replayProfile(
  host: Host,
  { profile: document, span, limit }: ReplayInput,
  signal?: AbortSignal,
  progress: (tasks: number, of: number) => void = () => undefined,
) {
  const startedMs = host.ports.clock.monotonicMs();
  const parsed = profileBodySchema.safeParse(document);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const claim = issue?.path.map(String).join(".") ?? "";
    return { ok: false, error: refusal("token_claim_invalid", issue?.message ?? "not a profile", { claim }) } as const;
  }
  const profile = parsed.data;
  const draft = compileProfile(profile);
  const before = await host.engine.read((state) => state.behavior.profiles.get(profile.profile_id)?.at(-1) ?? null);
  const conduct = await conductBetween(host, span, signal);
  const breath = createSlices(host.ports.clock, SLICE_MS);
  const rest = async (): Promise<void> => {
    await breath();
    signal?.throwIfAborted();
  };
  const name = await taskNamer(host);
  const compiled = new Map<string, CompiledProfile>();
  const compiledOf = ({ hash, profile: body }: SignedProfile): CompiledProfile => {
    const known = compiled.get(hash) ?? compileProfile(body);
    compiled.set(hash, known);
    return known;
  };

  const counts = { draft: { ...NO_COUNTS }, inForce: { ...NO_COUNTS } };
  // What is different, or not as it should be, is told before the rest.
  const telling: ReplayWindow[] = [];
  const quiet: ReplayWindow[] = [];
  // By severity: of more than are told the gravest are.
  const flagged = [1, 2, 3, 4, 5].map((): FlaggedTask[] => []);
  const unjudged = new Map<string, number>();
  const subjects = new Set<string>();
  const isIn = ({ seq }: PlacedTask): boolean => seq >= span.from;
  const total = conduct.reduce((sum, one) => sum + one.tasks.filter(isIn).length, 0);
  let judged = 0;
  let tasks = 0;
  let differ = 0;
  let flaggedTotal = 0;

  for (const conductIn of conduct) {
    const one = courseOf(conductIn);
    // A finding about a task before the span is that of another span, also where it falls due in this one.
    const placed = new Map(one.tasks.flatMap((task) => (task.seq < span.from ? [] : [[task.task.jti, task]])));
    const inSpan = (found: readonly Violation[]): Violation[] => found.filter(({ jti }) => placed.has(jti));
    for (const [subject, all] of one.byAgent) {
      progress(judged, total);
      judged += all.filter(isIn).length;
      await rest();
      if (!appliesTo(profile.applies_to, subject)) continue;
      const own = all.flatMap(({ seq, task }) => (seq >= span.from && task.bench === null ? [task] : []));
      if (own.length === 0) continue;
      subjects.add(subject);
      tasks += own.length;
      const doubts: Unjudged[] = [];
      const found = inSpan(await findings(one, subject, draft, rest, (doubt) => void doubts.push(doubt)));
      const current = await host.engine.read((state) => profileFor(state, subject));
      const other = current === null ? null : compiledOf(current);
      const doubtsNow: Unjudged[] = [];
      const foundNow =
        other === null ? [] : inSpan(await findings(one, subject, other, rest, (doubt) => void doubtsNow.push(doubt)));
      const already = new Set(foundNow.map(keyOf));
      const windows = windowsOf(own, found, profile.window_s, foundNow.at(-1)?.at);
      const tasksOf = byWindow(windows, own, ({ atMs }) => Math.floor(atMs / 1000));
      const foundOf = byWindow(windows, found, ({ at }) => at);
      const foundNowOf = byWindow(windows, foundNow, ({ at }) => at);
      const [doubtsOf, doubtsNowOf] = [doubts, doubtsNow].map((list) =>
        byWindow(windows, list.filter(({ jti }) => placed.has(jti)).sort(byTime), ({ at }) => at),
      );
      for (const [at, window] of windows.entries()) {
        await rest();
        const done = tasksOf[at] ?? [];
        const mine = observed(draft, window, done, foundOf[at] ?? [], doubtsOf?.[at]);
        const now = other === null ? null : observed(other, window, done, foundNowOf[at] ?? [], doubtsNowOf?.[at]);
        for (const rule of [...mine.unknownLimits, ...mine.unjudged.map(({ rule_id }) => rule_id)])
          unjudged.set(rule, (unjudged.get(rule) ?? 0) + 1);
        const seen = judgedBy(draft, mine);
        const seenNow = other === null || now === null ? null : judgedBy(other, now);
        count(counts.draft, seen);
        if (seenNow !== null) count(counts.inForce, seenNow);
        const isOther = seenNow !== null && seenNow.verdict !== seen.verdict;
        if (isOther) differ += 1;
        const row = { agent: subject, wid: one.wid, ...window, samples: mine.samples, draft: seen, inForce: seenNow };
        const list = isOther || seen.verdict !== "conformant" ? telling : quiet;
        if (list.length < MAX_REPLAY_WINDOWS) list.push(row);
        for (const finding of now?.findings ?? []) already.add(keyOf(finding));
        flaggedTotal += sumOf(mine.tally);
        for (const finding of mine.findings) {
          const task = placed.get(finding.jti);
          if (task === undefined) continue;
          const { rule_id: rule, severity, at: when } = finding;
          const told = flagged[severity - 1];
          if (told === undefined || told.length >= limit) continue;
          told.push({ ...name(task), rule, severity, at: when, already: already.has(keyOf(finding)) });
        }
      }
    }
  }
  return ok({
    hash: profileHash(profile, host.ports.sha256),
    against:
      before === null
        ? null
        : { profile_id: before.profile.profile_id, version: before.profile.version, hash: before.hash },
    agents: subjects.size,
    tasks,
    ...counts,
    differ,
    windows: [...telling, ...quiet].slice(0, MAX_REPLAY_WINDOWS),
    unjudged: [...unjudged].map(([rule, count]) => ({ rule, windows: count })),
    flaggedTotal,
    flagged: flagged.reverse().flat().slice(0, limit),
    tookMs: host.ports.clock.monotonicMs() - startedMs,
  }) satisfies Result<unknown, Refusal>;
}

/** The same task and, where both have one, the same kind of reason: a rule may be called otherwise in another version. */
const keyOf = ({ jti, rule_id }: Violation): string => `${jti} ${rule_id}`;

/** What was done in a workflow, as the conduct of each of its agents is looked at. */
export interface Course extends ConductIn {
  readonly byAgent: ReadonlyMap<string, readonly PlacedTask[]>;
  /** By profile, the tasks that can make good what its rules ask for, whoever did them. */
  readonly makesGood: Map<CompiledProfile, readonly PlacedTask[]>;
}

export function courseOf(conduct: ConductIn): Course {
  const byAgent = new Map<string, PlacedTask[]>();
  for (const one of conduct.tasks) {
    const own = byAgent.get(one.task.agent);
    if (own === undefined) byAgent.set(one.task.agent, [one]);
    else own.push(one);
  }
  return { ...conduct, byAgent, makesGood: new Map() };
}

/** All that a profile's rules find of one agent in a workflow, by time, the others' tasks taken into account where they can matter. */
export async function findings(
  { tasks, isOver, byAgent, makesGood }: Course,
  subject: string,
  compiled: CompiledProfile,
  rest: () => Promise<void>,
  unjudged: (one: Unjudged) => void = () => undefined,
): Promise<readonly Violation[]> {
  const good = makesGood.get(compiled) ?? tasks.filter(({ task }) => compiled.planFor(task.action).makesGood);
  makesGood.set(compiled, good);
  const others = good.filter(({ task }) => task.agent !== subject);
  const replay = createReplay(compiled, { subject, unjudged });
  const found: Violation[] = [];
  const take = (list: readonly Violation[]): void => {
    for (const finding of list) found.push(finding);
  };
  let next = 0;
  for (const { seq, task } of byAgent.get(subject) ?? []) {
    for (let one = others[next]; one !== undefined && one.seq < seq; one = others[next]) {
      await rest();
      take(replay.observe(one.task));
      next += 1;
    }
    await rest();
    take(replay.observe(task));
  }
  for (const { task } of others.slice(next)) {
    await rest();
    take(replay.observe(task));
  }
  const lastMs = tasks.at(-1)?.task.atMs ?? 0;
  take(replay.due(lastMs));
  // What had to follow and is not due yet is nobody's failure while the workflow goes on.
  if (isOver) take(replay.end(lastMs + 1000));
  return found.sort(byTime);
}

const byTime = (one: { readonly at: number }, other: { readonly at: number }): number => one.at - other.at;

/**
 * Windows as they would have been [ours]: each opens with the first task after the one before, and closes after its time or
 * with the second of a finding of severity 5. What fell due after the last of them, up to `until`, has one of its own. Tasks
 * and findings are by time.
 */
export function windowsOf(
  own: readonly ObservedTask[],
  found: readonly Violation[],
  windowS: number,
  until = Number.NEGATIVE_INFINITY,
): Window[] {
  const grave = found.filter(({ severity }) => severity === 5);
  const windows: Window[] = [];
  let end = Number.NEGATIVE_INFINITY;
  let next = 0;
  for (const { atMs } of own) {
    const from = Math.floor(atMs / 1000);
    if (from < end) continue;
    for (let one = grave[next]; one !== undefined && one.at < from; one = grave[next]) next += 1;
    const cut = grave[next]?.at ?? Number.POSITIVE_INFINITY;
    end = Math.min(from + windowS, cut + 1);
    windows.push({ from, to: end });
  }
  const last = Math.max(until, found.at(-1)?.at ?? Number.NEGATIVE_INFINITY);
  if (windows.length > 0 && last >= end) windows.push({ from: end, to: last + 1 });
  return windows;
}

/** What is of each window: all before its end that is of none before it. Both are by time. */
export function byWindow<T>(windows: readonly Window[], list: readonly T[], at: (one: T) => number): T[][] {
  let next = 0;
  return windows.map(({ to }) => {
    const first = next;
    for (let one = list[next]; one !== undefined && at(one) < to; one = list[next]) next += 1;
    return list.slice(first, next);
  });
}

const observed = (
  compiled: CompiledProfile,
  window: Window,
  tasks: readonly ObservedTask[],
  found: readonly Violation[],
  doubts: readonly Unjudged[] = [],
): Observation => {
  // Once for each rule.
  const unjudged = [...new Map(doubts.toReversed().map((one) => [one.rule_id, one])).values()];
  return observationOf(compiled, { window, tasks, findings: found, unjudged, sha256: NO_ROOT });
};

function judgedBy({ profile }: CompiledProfile, observation: Observation): JudgedWindow {
  const figures = figuresOf(observation);
  const verdict = verdictFor(profile, figures);
  assert(verdict !== "unverifiable", "the log itself was read");
  return {
    verdict,
    compliance: figures.compliance,
    drift: figures.drift,
    violations: sumOf(observation.tally),
  };
}

function count(counts: ReplayCounts, { verdict, violations }: JudgedWindow): void {
  counts.windows += 1;
  counts[verdict] += 1;
  counts.violations += violations;
}
