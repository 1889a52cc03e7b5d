import { must } from "../../base/assert.ts";
import { flatMapSteps, STEP } from "../../base/steps.ts";
import type { KnownEct } from "../ect/known-ects.ts";
import { orderDagSteps } from "../ect/order-dag.ts";
import type { CrossingFinding } from "./stitch-crossings.ts";
import { nodeKey, type Segment, type TrailEntry, type TrailGap, type TrailNode, type TrailProblem } from "./trail.ts";

/** The DAG of all domains, put in order. */
export interface JoinedTrail {
  /** Every task after what led to it; tasks that nothing orders stand by counter, domain and id. */
  readonly order: readonly TrailNode[];
  /** [cause, effect] by key. */
  readonly edges: readonly (readonly [string, string])[];
  readonly problems: readonly TrailProblem[];
  readonly gaps: readonly TrailGap[];
}

interface Placed {
  readonly key: string;
  readonly domain: string;
  readonly entry: TrailEntry;
  readonly causes: readonly string[];
}

/**
 * X3 steps 3 and 4: one DAG of all domains. Order is by cause; among tasks that nothing orders by counter, then by domain
 * and id, never by a clock. In steps, each short.
 */
export function* joinSteps(
  segments: readonly Segment[],
  crossings: readonly CrossingFinding[],
): Generator<void, JoinedTrail> {
  const handed = handedOver(segments, crossings);
  const placed = new Map<string, Placed>();
  const problems: TrailProblem[] = [];
  for (const { domain, entries } of segments) {
    const own = new Set(yield* flatMapSteps(entries, ({ jti }) => [jti]));
    for (const [at, entry] of entries.entries()) {
      if (at % STEP === 0) yield;
      const key = nodeKey(domain, entry.jti);
      if (placed.has(key)) {
        problems.push({ code: "dag_duplicate", detail: "one task has two audit tokens", nodes: [key] });
        continue;
      }
      const out = entry.stitch?.direction === "in" ? handed.get(entry.stitch.stitch_id) : undefined;
      const causes = entry.pred.flatMap((jti) => (own.has(jti) ? [nodeKey(domain, jti)] : []));
      placed.set(key, { key, domain, entry, causes: out === undefined ? causes : [...causes, out] });
    }
  }
  const lamports = yield* counterSteps(placed, problems);
  const counted = yield* flatMapSteps(placed.values(), (node) => [asEct(node, lamports.get(node.key) ?? 0)]);
  const { order, cycles } = yield* orderDagSteps(counted);
  const nodes = yield* flatMapSteps(order, ({ jti: key }): TrailNode[] => {
    const { domain, entry } = must(placed.get(key), "what was ordered was placed");
    return [{ ...entry, key, domain, lamport: lamports.get(key) ?? 0 }];
  });
  const edges = yield* flatMapSteps(placed.values(), ({ key, causes }) =>
    causes.map((cause): [string, string] => [cause, key]),
  );
  const circles = cycles.map(
    (keys): TrailProblem => ({ code: "dag_cycle", detail: "these tasks come before themselves", nodes: keys }),
  );
  return { order: nodes, edges, problems: [...problems, ...circles], gaps: yield* lostSteps(segments) };
}

/** What a task rests on and no log has; what a receiver goes on from is in the sender's log, under a name of its own. */
export function* lostSteps(segments: readonly Segment[]): Generator<void, TrailGap[]> {
  const lost: TrailGap[] = [];
  for (const { domain, entries } of segments) {
    const own = new Map(yield* flatMapSteps(entries, (entry) => [[entry.jti, entry] as const]));
    const gaps = yield* flatMapSteps(own.values(), ({ jti, seq, pred, stitch }) =>
      stitch?.direction === "in"
        ? []
        : pred
            .filter((id) => !own.has(id))
            .map((id): TrailGap => {
              const at = nodeKey(domain, jti);
              return { domain, at, seq, missing: id, reason: "predecessor_missing" };
            }),
    );
    lost.push(...gaps);
  }
  return lost;
}

/** By crossing, the key of the sender's entry that the receiver's follows. */
function handedOver(segments: readonly Segment[], crossings: readonly CrossingFinding[]): Map<string, string> {
  const known = new Set(segments.map(({ domain }) => domain));
  return new Map(
    crossings.flatMap(({ stitchId, from, out }) =>
      out !== null && known.has(from) ? [[stitchId, nodeKey(from, out.jti)] as const] : [],
    ),
  );
}

/** A task for `orderDag`, whose keys are unique across domains and which orders what is free by the counter. */
function asEct({ key, entry, causes }: Placed, lamport: number): KnownEct {
  return {
    jti: key,
    wid: undefined,
    iss: null,
    iat: lamport,
    pred: causes,
    execAct: entry.execAct,
    ext: {},
    level: entry.level,
  };
}

/** Lamport counters along the edges; what a border states holds, and must be above everything before it. */
function* counterSteps(
  placed: ReadonlyMap<string, Placed>,
  problems: TrailProblem[],
): Generator<void, Map<string, number>> {
  const counters = new Map<string, number>();
  const { order } = yield* orderDagSteps(yield* flatMapSteps(placed.values(), (node) => [asEct(node, 0)]));
  for (const [at, { jti: key }] of order.entries()) {
    if (at % STEP === 0) yield;
    const { entry, causes } = must(placed.get(key), "what was ordered was placed");
    const before = Math.max(0, ...causes.map((cause) => counters.get(cause) ?? 0));
    const stated = entry.stitch?.lamport;
    if (stated !== undefined && stated <= before)
      problems.push({
        code: "causal_violation",
        detail: `it counts ${stated} and follows a task that counts ${before}`,
        nodes: [key, ...causes.filter((cause) => counters.get(cause) === before)],
      });
    counters.set(key, Math.max(before + 1, stated ?? 0));
  }
  return counters;
}
