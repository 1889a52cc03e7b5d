import type { Fact } from "../engine/fact.ts";
import { parseCompact } from "../protocol/jose/compact.ts";
import { type Drill, type Happening, parentOf, type SeenTarget } from "./drill-world.fixture.ts";

/** What a drill must never show; the requirement first. */
export interface Finding {
  readonly rule:
    | "S3 an effect after the stop"
    | "OVR-11 the stop waited"
    | "S9 a descendant is no target"
    | "S7 verified after a call"
    | "OVR-4 verified by its word"
    | "OVR-S6 a violation not shown"
    | "S7 violated without a call"
    | "OVR-20 a duplicate changed something"
    | "OVR-4 no verdict";
  readonly detail: string;
}

/** A stop as the drill's surroundings know it: from its order to the end of its hold on each of its targets. */
interface Stop {
  readonly jti: string;
  readonly scope: { readonly kind: string; readonly id: string };
  /** Place among what happened. */
  readonly at: number;
  readonly atMs: number;
  readonly loggedAt: number;
  readonly releasedAt: number;
  /** Nothing in scope may have an effect before this place: it was released, and the run was started again. */
  readonly freeAt: number;
  readonly targets: ReadonlySet<string>;
}

/** A signed call of an agent: of itself a violation once it has acknowledged the stop, or its deadline is over. */
interface Call {
  readonly at: number;
  readonly atMs: number;
  /** When the screen has to know at the latest: of an ECT only the log can tell whether it was due, and the log may be slow. */
  readonly knownMs: number;
  readonly agent: string;
}

const DEADLINE_MS = 1000;
const SHOWN_WITHIN_MS = 1000;

/** Holds what happened, and what the screen showed, against what must be so. Knows nothing of how it is brought about. */
export function findingsOf(drill: Drill): Finding[] {
  const stops = stopsOf(drill);
  const calls = callsOf(drill);
  const findings: Finding[] = [];
  const find = (rule: Finding["rule"], detail: string): void => void findings.push({ rule, detail });
  effectsAfter(drill, stops, find);
  waiting(drill, stops, find);
  duplicates(drill, find);
  for (const stop of stops) {
    closure(drill, stop, find);
    for (const agent of targetsSeen(drill, stop)) {
      const contrary = contraryCalls(drill, stop, agent, calls);
      shown(drill, stop, agent, contrary, find);
      judged(drill, stop, agent, contrary, find);
    }
  }
  return findings;
}

function stopsOf(drill: Drill): Stop[] {
  const { happened } = drill;
  /** The first place from there on at which the log says so; the end where it never does. */
  const logs = (from: number, says: (fact: Fact) => boolean): number => {
    const place = happened.findIndex((one, at) => at >= from && one.t === "logged" && says(one.logged.fact));
    return place === -1 ? happened.length : place;
  };
  return happened.flatMap((stop, at) => {
    if (stop.t !== "stop" || stop.again) return [];
    const scope = drill.scopes[stop.stop];
    if (scope === undefined) return [];
    const loggedAt = logs(at, ({ typ, claims }) => typ === "override+jwt" && claims.jti === stop.jti);
    const releasedAt = logs(at, ({ typ, claims }) => typ === "override+jwt" && claims.params.of === stop.jti);
    const targets = reach(drill, scope, loggedAt);
    const startedAt = logs(loggedAt, ({ typ, claims }) => typ === "exec+jwt" && claims.exec_act === "run_start");
    // Where nobody was stopped a release leaves nothing to be started again.
    const freeAt = targets.size === 0 ? releasedAt : Math.max(releasedAt, startedAt);
    return [{ jti: stop.jti, scope, at, atMs: stop.atMs, loggedAt, releasedAt, freeAt, targets }];
  });
}

/**
 * Whom a scope reaches, those they delegate to included (OVR-17, S9). A task has its agent once it was asked for; before
 * that the stop only keeps it from being.
 */
function reach(drill: Drill, scope: Stop["scope"], at: number): ReadonlySet<string> {
  if (scope.kind === "workflow" || scope.kind === "domain") return new Set(drill.agents);
  const isAsked = drill.happened.some(
    (one, place) =>
      place < at &&
      one.t === "logged" &&
      one.logged.fact.typ === "intent+jwt" &&
      one.logged.fact.claims.task === scope.id,
  );
  const first = scope.kind !== "task" ? scope.id : isAsked ? drill.ownerOf.get(scope.id) : undefined;
  const reached = new Set(first === undefined ? [] : [first]);
  if (scope.kind === "task") return reached;
  drill.agents.forEach((agent, at) => {
    const parent = parentOf(drill.scenario.delegatedBy, at);
    if (parent !== null && reached.has(drill.agents[parent] ?? "")) reached.add(agent);
  });
  return reached;
}

type Find = (rule: Finding["rule"], detail: string) => void;

/** From the instant of the stop, whatever is recorded, acknowledged or released: no effect before a new start. */
function effectsAfter({ happened }: Drill, stops: readonly Stop[], find: Find): void {
  happened.forEach((effect, at) => {
    if (effect.t !== "effect") return;
    for (const { jti, scope, targets, at: since, freeAt } of stops) {
      const covered = scope.kind === "task" ? scope.id === effect.task : targets.has(effect.agent);
      if (covered && at > since && at < freeAt)
        find("S3 an effect after the stop", `${effect.task} at ${effect.atMs} under ${jti}`);
    }
  });
}

/** A stop holds in the instant in which it comes, however slow the log is; what comes twice is answered alike. */
function waiting({ happened }: Drill, stops: readonly Stop[], find: Find): void {
  for (const stop of stops) {
    const answers = happened.filter((one) => one.t === "answered" && one.jti === stop.jti);
    for (const answer of answers) {
      if (answer.t !== "answered") continue;
      if (!answer.again && answer.latchedAtMs !== stop.atMs)
        find("OVR-11 the stop waited", `given at ${stop.atMs}, latched at ${answer.latchedAtMs}`);
      const [first] = answers;
      // One more may have been on its way to the log; never fewer.
      if (first?.t === "answered" && first.targets > answer.targets)
        find("OVR-20 a duplicate changed something", `${first.targets} targets, then ${answer.targets}`);
    }
  }
}

/** One entry for each order and each acknowledgement, and the times of a target never change again. */
function duplicates({ happened }: Drill, find: Find): void {
  const entries = new Set<string>();
  const times = new Map<string, SeenTarget>();
  for (const one of happened) {
    if (one.t === "logged") {
      const { typ, claims } = one.logged.fact;
      if (typ !== "override+jwt" && typ !== "override-ack+jwt") continue;
      if (entries.has(claims.jti)) find("OVR-20 a duplicate changed something", `${typ} ${claims.jti} is logged twice`);
      entries.add(claims.jti);
    } else if (one.t === "seen") {
      for (const { jti, targets } of one.signals)
        for (const target of targets) {
          const key = `${jti} ${target.agent}`;
          const before = times.get(key);
          for (const fact of ["acknowledgedAtMs", "compliedAtMs", "violatedAtMs"] as const)
            if (before !== undefined && before[fact] !== null && before[fact] !== target[fact])
              find("OVR-20 a duplicate changed something", `${fact} of ${key}: ${before[fact]}, then ${target[fact]}`);
          times.set(key, target);
        }
    }
  }
}

/** What is seen first of a stop counts everyone it reaches in an unfinished run. */
function closure(drill: Drill, stop: Stop, find: Find): void {
  const over = drill.happened.findIndex(
    (one) =>
      one.t === "logged" && one.logged.fact.typ === "record+jwt" && one.logged.fact.claims.kind === "run_finished",
  );
  if (over !== -1 && over < stop.loggedAt) return;
  const from = stop.scope.kind === "task" ? stop.loggedAt : stop.at;
  const first = drill.happened.find((one, at) => at > from && one.t === "seen");
  if (first === undefined) return;
  const targets = new Set(signalIn(first, stop)?.targets.map(({ agent }) => agent));
  for (const agent of stop.targets)
    if (!targets.has(agent)) find("S9 a descendant is no target", `${agent} under ${stop.scope.kind} ${stop.scope.id}`);
}

const signalIn = (one: Happening | undefined, stop: Stop) =>
  one?.t === "seen" ? one.signals.find(({ jti }) => jti === stop.jti) : undefined;

function targetsSeen(drill: Drill, stop: Stop): string[] {
  const last = drill.happened.findLast((one) => one.t === "seen");
  return signalIn(last, stop)?.targets.map(({ agent }) => agent) ?? [];
}

/** Whether the enforcement point can take a token at that time: what it cannot verify proves nothing. */
function claimsOf(token: string, atMs: number) {
  const parsed = parseCompact(token);
  if (!parsed.ok) return null;
  const { iss, iat, exp, signal } = parsed.value.payload;
  const nowS = atMs / 1000;
  if (typeof iat !== "number" || typeof exp !== "number" || iat > nowS + 30 || exp <= nowS - 30) return null;
  const of = typeof signal === "object" && signal !== null && "jti" in signal ? signal.jti : null;
  return { iss: String(iss), of };
}

function callsOf(drill: Drill): Call[] {
  /** Tasks whose effect was let through and whose statement the log does not have yet: it is no call, however often it comes. */
  const owed = new Set<string>();
  const calls: Call[] = [];
  drill.happened.forEach((one, at) => {
    if (one.t === "effect") owed.add(one.task);
    if (one.t === "logged" && one.logged.fact.typ === "exec+jwt") owed.delete(one.logged.fact.claims.jti);
    if (one.t !== "said") return;
    const { message } = one;
    if (message.t !== "intent" && message.t !== "request" && message.t !== "ect") return;
    const claims = claimsOf(message.token, one.atMs);
    if (claims === null) return;
    if (message.t === "ect" && owed.has(message.task)) return;
    const knownMs = one.atMs + (message.t === "ect" ? 2 * Math.max(...drill.scenario.append) : 0);
    calls.push({ at, atMs: one.atMs, knownMs, agent: claims.iss });
  });
  return calls;
}

/** Calls of a target that show that it did not stop. */
function contraryCalls({ happened }: Drill, stop: Stop, agent: string, calls: readonly Call[]): Call[] {
  const acknowledged = happened.findIndex((one) => {
    if (one.t !== "said" || one.message.t !== "ack") return false;
    const claims = claimsOf(one.message.token, one.atMs);
    return claims?.iss === agent && claims.of === stop.jti;
  });
  const told = happened.findIndex((one) => one.t === "told" && one.jti === stop.jti && one.agent === agent);
  const toldMs = happened[told]?.atMs ?? stop.atMs;
  return calls.filter(
    (call) =>
      call.agent === agent &&
      call.at > told &&
      call.at > stop.at &&
      call.at < stop.releasedAt &&
      ((acknowledged !== -1 && call.at > acknowledged) || call.atMs > toldMs + DEADLINE_MS),
  );
}

/** What the screen says of a target at each look, against what it had done by then. */
function shown(drill: Drill, stop: Stop, agent: string, contrary: readonly Call[], find: Find): void {
  const [first] = contrary;
  // What was not known before the release is nobody's violation any more.
  const releasedMs = drill.happened[stop.releasedAt]?.atMs ?? Number.POSITIVE_INFINITY;
  const due = contrary.find((call) => call.knownMs < releasedMs);
  const isKnown = (at: number, atMs: number): boolean =>
    contrary.some((call) => call.at < at && call.knownMs <= atMs && call.knownMs < releasedMs);
  drill.happened.forEach((one, at) => {
    const target = signalIn(one, stop)?.targets.find((candidate) => candidate.agent === agent);
    if (target === undefined) return;
    const where = `${agent} at ${one.atMs} under ${stop.jti}`;
    if (target.status === "verified") {
      if (isKnown(at, one.atMs)) find("S7 verified after a call", where);
      if (one.atMs < stop.atMs + DEADLINE_MS) find("OVR-4 verified by its word", `${where}: before its deadline`);
      else if (one.atMs === stop.atMs + DEADLINE_MS && !target.halted)
        find("OVR-4 verified by its word", `${where}: its worker shows work`);
    }
    if (target.status === "violated") {
      if (first === undefined || first.at > at) find("S7 violated without a call", where);
    } else if (due !== undefined && one.atMs >= due.atMs + SHOWN_WITHIN_MS && at > due.at) {
      find("OVR-S6 a violation not shown", `${where}: ${target.status}; it called at ${due.atMs}`);
    }
  });
}

/** Within twice the deadline somebody has judged each target, and the log has it. */
function judged(drill: Drill, stop: Stop, agent: string, contrary: readonly Call[], find: Find): void {
  const last = drill.happened.at(-1);
  const slowest = Math.max(...drill.scenario.append);
  const dueMs = stop.atMs + 2 * DEADLINE_MS + 4 * slowest;
  const releasedMs = drill.happened[stop.releasedAt]?.atMs ?? Number.POSITIVE_INFINITY;
  if (last === undefined || last.atMs < dueMs || releasedMs <= stop.atMs + DEADLINE_MS) return;
  const verdicts = drill.happened.flatMap((one) =>
    one.t === "logged" &&
    one.logged.fact.typ === "override-compliance+jwt" &&
    one.logged.fact.claims.signal.jti === stop.jti &&
    one.logged.fact.claims.target === agent &&
    one.atMs <= dueMs
      ? [one.logged.fact.claims.verdict]
      : [],
  );
  if (verdicts.length === 0) find("OVR-4 no verdict", `${agent} under ${stop.jti}`);
  const earliest = contrary.find(({ knownMs }) => knownMs <= stop.atMs + DEADLINE_MS);
  if (earliest !== undefined && verdicts.length > 0 && !verdicts.includes("violated"))
    find("OVR-S6 a violation not shown", `${agent} under ${stop.jti}: the log says ${verdicts.join(", ")}`);
}
