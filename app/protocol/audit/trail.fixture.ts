import { createHash } from "node:crypto";
import { v5 } from "uuid";
import { must } from "../../base/assert.ts";
import type { CountersignClaims, HandoffClaims } from "./handoff-claims.ts";
import type { Segment, TrailEntry } from "./trail.ts";

const WID = "0195400c-0000-7000-8000-00000000000a";
export const DOMAINS = ["core.example", "metro.example", "access.example"] as const;
/** Epoch s of everything in it. */
export const TRAIL_AT = 1_772_064_000;

/** A task of a plan: in which domain, and after which of the tasks before it. */
export interface PlannedTask {
  readonly domain: number;
  readonly after: readonly number[];
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer E)[] ? E[] : T[K] };
export type MutableSegment = Mutable<Omit<Segment, "provenSize">> & { provenSize: number };

export const digestOf = (value: unknown): string =>
  createHash("sha256").update(JSON.stringify(value)).digest("base64url");
const id = (name: string): string => v5(name, WID);

/**
 * The logs that a plan leaves when every domain does what X1 says: one crossing for each domain a task's predecessors are
 * in beside its own.
 */
export function trailOf(plan: readonly PlannedTask[]): MutableSegment[] {
  const segments = DOMAINS.map(
    (domain): MutableSegment => ({ domain, entries: [], handoffs: [], countersigns: [], provenSize: 0 }),
  );
  const counters = new Map<string, number>();
  const tasks: { readonly entry: TrailEntry; readonly domain: number }[] = [];
  const put = (
    domain: number,
    entry: Omit<TrailEntry, "seq" | "digest" | "wid" | "at" | "level" | "outcome">,
  ): TrailEntry => {
    const segment = must(segments[domain], "a domain of the plan");
    const made = { ...entry, wid: WID, at: TRAIL_AT, outcome: "success", level: 3 as const, seq: segment.provenSize };
    const placed = { ...made, digest: digestOf(made) };
    segment.entries.push(placed);
    segment.provenSize += 1;
    counters.set(
      `${domain} ${entry.jti}`,
      entry.stitch?.lamport ?? Math.max(0, ...entry.pred.map((pred) => counters.get(`${domain} ${pred}`) ?? 0)) + 1,
    );
    return placed;
  };
  const cross = (from: number, to: number, last: readonly TrailEntry[], task: number): string => {
    const names = [must(DOMAINS[from], "a domain"), must(DOMAINS[to], "a domain")] as const;
    const stitchId = id(`stitch ${from} ${to} ${task}`);
    const sent = Math.max(...last.map(({ jti }) => counters.get(`${from} ${jti}`) ?? 0)) + 1;
    const gateways = names.map((name) => `spiffe://${name}/pep`);
    const common = { iat: TRAIL_AT, exp: TRAIL_AT + 600, stitch_id: stitchId, wid: WID, at_ms: TRAIL_AT * 1000 };
    const claims: HandoffClaims = {
      ...common,
      iss: must(gateways[0], "two"),
      aud: [must(gateways[1], "two")],
      jti: id(`handoff ${stitchId}`),
      from: names[0],
      to: names[1],
      last: last.map(({ jti, digest }) => ({ jti, hash: digest })),
      lamport: sent,
      reg: [],
      level_min: 3,
    };
    const handoff = { claims, digest: digestOf(claims) };
    const answer: CountersignClaims = {
      ...common,
      iss: must(gateways[1], "two"),
      aud: [must(gateways[0], "two")],
      jti: id(`countersign ${stitchId}`),
      handoff: { jti: claims.jti, hash: handoff.digest },
      verdict: "accepted",
      lamport: sent + 1,
      heard_ms: TRAIL_AT * 1000,
    };
    const countersign = { claims: answer, digest: digestOf(answer) };
    const stitch = { stitch_id: stitchId, local_wid: WID, handoff_hash: handoff.digest };
    put(from, {
      jti: id(`out ${stitchId}`),
      execAct: "handoff_send",
      pred: last.map(({ jti }) => jti),
      stitch: { ...stitch, direction: "out", peer: names[1], lamport: sent },
    });
    const inward = id(`in ${stitchId}`);
    put(to, {
      jti: inward,
      execAct: "handoff_take",
      pred: last.map(({ jti }) => jti),
      stitch: { ...stitch, direction: "in", peer: names[0], lamport: sent + 1 },
    });
    for (const domain of [from, to]) {
      const segment = must(segments[domain], "a domain");
      segment.handoffs.push({ ...handoff, seq: segment.provenSize++ });
      segment.countersigns.push({ ...countersign, seq: segment.provenSize++ });
    }
    return inward;
  };
  for (const [at, { domain, after }] of plan.entries()) {
    const before = after.map((index) => must(tasks[index], "a task before"));
    const borders = DOMAINS.map((_, from) => before.filter((task) => task.domain === from && from !== domain))
      .map((last, from) =>
        last.length === 0
          ? null
          : cross(
              from,
              domain,
              last.map(({ entry }) => entry),
              at,
            ),
      )
      .filter((jti) => jti !== null);
    const pred = [...before.filter((task) => task.domain === domain).map(({ entry }) => entry.jti), ...borders];
    tasks.push({ domain, entry: put(domain, { jti: id(`task ${at}`), execAct: "work", pred }) });
  }
  return segments;
}
