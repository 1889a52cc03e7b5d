import { drained } from "../../base/steps.ts";
import type { Level } from "../ect/known-ects.ts";
import { type CrossingFinding, crossingSteps, type NameOf } from "./stitch-crossings.ts";
import { type JoinedTrail, joinSteps, lostSteps } from "./stitch-order.ts";
import { nodeKey, type Segment, type TrailGap } from "./trail.ts";

export interface StitchedTrail extends JoinedTrail {
  readonly crossings: readonly CrossingFinding[];
  /** By domain, and over the whole path: the lowest. Null where there is nothing. */
  readonly levels: ReadonlyMap<string, Level>;
  readonly level: Level | null;
}

export interface StitchInput {
  readonly segments: readonly Segment[];
  /** Domains that should have answered and did not. */
  readonly missing?: readonly string[];
  /** The host's clock, epoch s: what is dangling is decided by it alone (XDA-S1). */
  readonly nowS: number;
  /** What tasks are called across a border, for who has its key: nothing of a pair's own names is compared without it. */
  readonly nameOf?: NameOf;
}

const NO_KEY: NameOf = () => null;

/** X3: trails of several domains joined at their crossings, in causal order, with everything that does not fit. */
export function stitchTrails(input: StitchInput): StitchedTrail {
  return drained(stitchSteps(input));
}

/** The same in steps, for a thread that has other work: between any two it may do that. */
export function* stitchSteps({
  segments,
  missing = [],
  nowS,
  nameOf = NO_KEY,
}: StitchInput): Generator<void, StitchedTrail> {
  const crossings = yield* crossingSteps({ segments, missing, nowS, nameOf });
  const joined = yield* joinSteps(segments, crossings);
  const levels = new Map<string, Level>();
  for (const { domain, level } of joined.order) levels.set(domain, lower(levels.get(domain), level));
  return {
    ...joined,
    crossings,
    gaps: allGaps(missing, crossings, joined.gaps),
    levels,
    level: [...levels.values()].reduce<Level | null>((lowest, level) => lower(lowest ?? undefined, level), null),
  };
}

/** What of X3 asks for somebody, without the order: the larger part of the work is putting a trail in order. */
export function* looseEndSteps({
  segments,
  missing = [],
  nowS,
  nameOf = NO_KEY,
}: StitchInput): Generator<void, Pick<StitchedTrail, "crossings" | "gaps">> {
  const crossings = yield* crossingSteps({ segments, missing, nowS, nameOf });
  return { crossings, gaps: allGaps(missing, crossings, yield* lostSteps(segments)) };
}

function allGaps(
  missing: readonly string[],
  crossings: readonly CrossingFinding[],
  lost: readonly TrailGap[],
): TrailGap[] {
  return [
    ...missing.map((domain): TrailGap => ({ domain, at: null, missing: null, reason: "domain_not_read" })),
    ...crossings
      .filter(({ state }) => state === "dangling")
      .map(
        ({ from, to, stitchId, out }): TrailGap => ({
          domain: out === null ? from : to,
          at: out === null ? null : nodeKey(from, out.jti),
          missing: stitchId,
          reason: "crossing_dangling",
        }),
      ),
    ...lost,
  ];
}

function lower(a: Level | undefined, b: Level): Level {
  return a === undefined || b < a ? b : a;
}

/** How two tasks of a trail stand to each other by cause; concurrent is an answer, not a gap. */
export function relationOf(
  trail: Pick<StitchedTrail, "edges">,
  a: string,
  b: string,
): "before" | "after" | "concurrent" | "same" {
  if (a === b) return "same";
  if (leadsTo(trail.edges, a, b)) return "before";
  return leadsTo(trail.edges, b, a) ? "after" : "concurrent";
}

function leadsTo(edges: StitchedTrail["edges"], from: string, to: string): boolean {
  const next = new Map<string, string[]>();
  for (const [cause, effect] of edges) {
    const effects = next.get(cause);
    if (effects === undefined) next.set(cause, [effect]);
    else effects.push(effect);
  }
  const seen = new Set([from]);
  const due = [from];
  for (let key = due.pop(); key !== undefined; key = due.pop()) {
    for (const effect of next.get(key) ?? []) {
      if (effect === to) return true;
      if (seen.has(effect)) continue;
      seen.add(effect);
      due.push(effect);
    }
  }
  return false;
}
