import { STEP } from "../../base/steps.ts";
import {
  chatterRuns,
  FLOOD_WINDOW_S,
  LIMITS,
  NEAR,
  PRIORITIES,
  PRIORITY_AIM,
  type Priority,
} from "../../protocol/attention/limits.ts";
import type { Attention } from "./account.ts";
import type { Demand } from "./demand.ts";
import { type Rate, rateOf } from "./rate.ts";

const HOUR_S = 3600;
const TEN_MINUTES_S = FLOOD_WINDOW_S;
/** Somebody is there for so long after the log last named them, seconds [ours]: nobody signs on or off. */
export const THERE_S = HOUR_S;

/** A time during which more came than one person can take in. */
export interface Flood {
  readonly from: number;
  readonly to: number;
  /** Demands that came during it and in the ten minutes that brought it about. */
  readonly demands: number;
  readonly first: Demand;
}

export interface Load {
  readonly from: number;
  readonly to: number;
  /** Each hour from `from` on, the last one as far as it has come: demands, and operators who were there. */
  readonly hours: readonly { readonly at: number; readonly demands: number; readonly operators: number }[];
  readonly lastHour: Present;
  readonly lastTenMinutes: Present;
  readonly floods: readonly Flood[];
  readonly floodS: number;
  readonly demands: number;
}

/** Demands of a window that ends now, on each operator who is there; on one where nobody is. */
export interface Present {
  readonly demands: number;
  readonly operators: number;
  readonly each: number;
}

/** Demands from `from` to `to`, both epoch seconds, the end not with it. In steps. */
export function* loadSteps(attention: Attention, from: number, to: number): Generator<void, Load> {
  const demands = attention.demands.filter(({ at }) => at >= from && at < to);
  const hours = Array.from({ length: Math.max(1, Math.ceil((to - from) / HOUR_S)) }, (_, index) => ({
    at: from + index * HOUR_S,
    demands: 0,
    people: new Set<string>(),
  }));
  for (const [index, { at }] of demands.entries()) {
    if (index % STEP === 0) yield;
    const hour = hours[Math.floor((at - from) / HOUR_S)];
    if (hour !== undefined) hour.demands += 1;
  }
  for (const [index, { by, at }] of attention.acts.entries()) {
    if (index % STEP === 0) yield;
    hours[Math.floor((at - from) / HOUR_S)]?.people.add(by);
  }
  const floods = yield* floodSteps(attention, from, to);
  return {
    from,
    to,
    hours: hours.map(({ people, ...hour }) => ({ ...hour, operators: people.size })),
    lastHour: present(attention, to, HOUR_S),
    lastTenMinutes: present(attention, to, TEN_MINUTES_S),
    floods,
    floodS: floods.reduce((sum, flood) => sum + flood.to - flood.from, 0),
    demands: demands.length,
  };
}

/** The hour that ends now, and what most of it is the same of; null where nothing was asked. */
export function lastHourOf(attention: Attention, now: number) {
  const groups = new Map<string, { readonly newest: Demand; readonly count: number }>();
  for (const demand of attention.demands)
    if (demand.at > now - HOUR_S && demand.at <= now)
      groups.set(demand.sameness, { newest: demand, count: (groups.get(demand.sameness)?.count ?? 0) + 1 });
  const [most] = [...groups.values()].toSorted((a, b) => b.count - a.count || b.newest.at - a.newest.at);
  return { lastHour: present(attention, now, HOUR_S), most: most ?? null };
}

function present({ demands, acts }: Attention, now: number, windowS: number): Present {
  const count = demands.filter(({ at }) => at > now - windowS && at <= now).length;
  const operators = new Set(acts.filter(({ at }) => at > now - THERE_S && at <= now).map(({ by }) => by)).size;
  return { demands: count, operators, each: count / Math.max(1, operators) };
}

/** What changes at a moment: demands within the last ten minutes, and who is there. */
interface Change {
  readonly at: number;
  readonly demands: number;
  readonly person: string | null;
  readonly there: number;
}

/**
 * Exactly the seconds in which the ten minutes before held more than ten demands on each operator who was there. A second
 * counts from the demand that makes it one to the one in which enough have grown older.
 */
function* floodSteps({ demands, acts }: Attention, from: number, to: number): Generator<void, Flood[]> {
  const changes: Change[] = [];
  for (const [index, { at }] of demands.entries()) {
    if (index % STEP === 0) yield;
    if (at < from - TEN_MINUTES_S || at >= to) continue;
    changes.push({ at, demands: 1, person: null, there: 0 });
    changes.push({ at: at + TEN_MINUTES_S, demands: -1, person: null, there: 0 });
  }
  for (const [index, { at, by }] of acts.entries()) {
    if (index % STEP === 0) yield;
    if (at < from - THERE_S - TEN_MINUTES_S || at >= to) continue;
    changes.push({ at, demands: 0, person: by, there: 1 });
    changes.push({ at: at + THERE_S, demands: 0, person: by, there: -1 });
  }
  changes.sort((a, b) => a.at - b.at);
  const there = new Map<string, number>();
  const spans: { from: number; to: number }[] = [];
  let count = 0;
  let since: number | null = null;
  for (let index = 0; index < changes.length; ) {
    const at = changes[index]?.at ?? 0;
    for (; changes[index]?.at === at; index += 1) {
      const change = changes[index];
      if (change === undefined) break;
      if (index % STEP === 0) yield;
      count += change.demands;
      if (change.person === null) continue;
      const left = (there.get(change.person) ?? 0) + change.there;
      if (left === 0) there.delete(change.person);
      else there.set(change.person, left);
    }
    const isFlood = count / Math.max(1, there.size) > LIMITS.tenMinutes.flood;
    if (isFlood) since ??= at;
    else if (since !== null) {
      spans.push({ from: since, to: at });
      since = null;
    }
  }
  if (since !== null) spans.push({ from: since, to });
  return yield* floodsOf(
    demands,
    spans.map((span) => ({ from: Math.max(span.from, from), to: Math.min(span.to, to) })),
  );
}

/** Both lists ascend, so that each demand is passed once at either end, however many floods there are. */
function* floodsOf(
  demands: readonly Demand[],
  spans: readonly { readonly from: number; readonly to: number }[],
): Generator<void, Flood[]> {
  const floods: Flood[] = [];
  let begin = 0;
  let end = 0;
  for (const { from, to } of spans) {
    yield;
    if (from >= to) continue;
    while ((demands[begin]?.at ?? to) <= from - TEN_MINUTES_S) begin += 1;
    while ((demands[end]?.at ?? to) < to) end += 1;
    const first = demands[begin];
    if (first !== undefined && end > begin) floods.push({ from, to, demands: end - begin, first });
  }
  return floods;
}

export interface Mix {
  readonly of: number;
  readonly priorities: readonly {
    readonly priority: Priority;
    readonly share: Rate;
    readonly aim: number;
    /** Within 5 in 100 of its aim, or so few that nobody can tell: null. */
    readonly isNear: boolean | null;
  }[];
}

/** How demands are spread over priorities (A2). */
export function mixOf(demands: readonly Demand[]): Mix {
  const of = demands.length;
  return {
    of,
    priorities: PRIORITIES.map((priority) => {
      const share = rateOf(demands.filter((demand) => demand.priority === priority).length, of);
      const aim = PRIORITY_AIM[priority];
      return { priority, share, aim, isNear: share.rate === null ? null : Math.abs(share.rate - aim) <= NEAR };
    }),
  };
}

export interface Chatter {
  readonly demand: Demand;
  readonly count: number;
  readonly from: number;
  readonly to: number;
}

/** Runs of the same demand, three of which came within a minute (A4), the longest first. One demand is in one run at most. */
export function chatterOf(demands: readonly Demand[]): Chatter[] {
  const same = new Map<string, Demand[]>();
  for (const demand of demands) {
    const known = same.get(demand.sameness);
    if (known === undefined) same.set(demand.sameness, [demand]);
    else known.push(demand);
  }
  return [...same.values()].flatMap(chatterIn).toSorted((a, b) => b.count - a.count || a.from - b.from);
}

function chatterIn(same: readonly Demand[]): Chatter[] {
  return chatterRuns(same.map(({ at }) => at)).flatMap(([begin, end]) => {
    const [first, last] = [same[begin], same[end]];
    if (first === undefined || last === undefined) return [];
    return [{ demand: first, count: end - begin + 1, from: first.at, to: last.at }];
  });
}
