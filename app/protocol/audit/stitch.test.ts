import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import { relationOf, stitchTrails } from "./stitch.ts";
import { DOMAINS, digestOf, type MutableSegment, type PlannedTask, TRAIL_AT, trailOf } from "./trail.fixture.ts";
import type { Segment } from "./trail.ts";

const NOW = TRAIL_AT + 5;
const stitch = (segments: readonly Segment[], nowS = NOW) => stitchTrails({ segments, nowS });

/** Core hands on to metro and access, both to core again: a crossing each way at least. */
const PLAN: readonly PlannedTask[] = [
  { domain: 0, after: [] },
  { domain: 1, after: [0] },
  { domain: 2, after: [0] },
  { domain: 0, after: [1, 2] },
];

const plans = fc
  .array(fc.record({ domain: fc.nat({ max: 2 }), after: fc.array(fc.nat(), { maxLength: 3 }) }), {
    minLength: 1,
    maxLength: 14,
  })
  .map((tasks) =>
    tasks.map(
      ({ domain, after }, at): PlannedTask => ({
        domain,
        after: at === 0 ? [] : [...new Set(after.map((index) => index % at))],
      }),
    ),
  );

interface Crossed {
  readonly sender: MutableSegment;
  readonly receiver: MutableSegment;
  readonly id: string;
}
type Mutation = readonly [string, string, (crossed: Crossed) => void];

const OTHER = digestOf("another");
const editBorder = (
  segment: MutableSegment,
  id: string,
  direction: "out" | "in",
  edit: (entry: MutableSegment["entries"][number]) => MutableSegment["entries"][number],
): void => {
  segment.entries = segment.entries.map((entry) =>
    entry.stitch?.stitch_id === id && entry.stitch.direction === direction ? edit(entry) : entry,
  );
};
const editStitch = (segment: MutableSegment, id: string, direction: "out" | "in", change: object): void =>
  editBorder(segment, id, direction, (entry) => ({
    ...entry,
    stitch: { ...must(entry.stitch, "a border"), ...change },
  }));
const editToken = <C extends { readonly stitch_id: string }>(
  list: { readonly claims: C }[],
  id: string,
  change: Partial<C>,
): void => {
  for (const [at, token] of list.entries())
    if (token.claims.stitch_id === id)
      list[at] = { ...token, claims: { ...token.claims, ...change }, digest: OTHER } as typeof token;
};
const drop = (list: { readonly claims: { readonly stitch_id: string } }[], id: string): void => {
  const kept = list.filter(({ claims }) => claims.stitch_id !== id);
  list.splice(0, list.length, ...kept);
};

const MUTATIONS: readonly Mutation[] = [
  [
    "the sender names another handoff",
    "stitch_hash_mismatch",
    ({ sender, id }) => editStitch(sender, id, "out", { handoff_hash: OTHER }),
  ],
  [
    "the receiver names another handoff",
    "stitch_hash_mismatch",
    ({ receiver, id }) => editStitch(receiver, id, "in", { handoff_hash: OTHER }),
  ],
  [
    "the sender keeps another handoff",
    "stitch_hash_mismatch",
    ({ sender, id }) => editToken(sender.handoffs, id, { lamport: 99 }),
  ],
  [
    "the receiver keeps another handoff",
    "stitch_hash_mismatch",
    ({ receiver, id }) => editToken(receiver.handoffs, id, { lamport: 99 }),
  ],
  [
    "the sender keeps another countersignature",
    "stitch_hash_mismatch",
    ({ sender, id }) => editToken(sender.countersigns, id, { lamport: 99 }),
  ],
  [
    "the receiver keeps another countersignature",
    "stitch_hash_mismatch",
    ({ receiver, id }) => editToken(receiver.countersigns, id, { lamport: 99 }),
  ],
  [
    "the sender names another receiver",
    "stitch_peer_mismatch",
    ({ sender, id }) => editStitch(sender, id, "out", { peer: "other.example" }),
  ],
  [
    "the receiver names another sender",
    "stitch_peer_mismatch",
    ({ receiver, id }) => editStitch(receiver, id, "in", { peer: "other.example" }),
  ],
  [
    "the receiver goes on in another workflow",
    "stitch_peer_mismatch",
    ({ receiver, id }) => editStitch(receiver, id, "in", { local_wid: id }),
  ],
  [
    "the receiver counts no further than the sender",
    "causal_violation",
    ({ sender, receiver, id }) => {
      const out = sender.entries.find((e) => e.stitch?.stitch_id === id && e.stitch.direction === "out");
      editStitch(receiver, id, "in", { lamport: must(out?.stitch, "an out").lamport });
    },
  ],
  [
    "the sender counts what it did not hand over",
    "causal_violation",
    ({ sender, id }) => editStitch(sender, id, "out", { lamport: 1000 }),
  ],
  [
    "the receiver knows less than it was told",
    "causal_violation",
    ({ sender, receiver, id }) => {
      editStitch(sender, id, "out", { vc: { "core.example": 4 } });
      editStitch(receiver, id, "in", { vc: { "core.example": 3 } });
    },
  ],
  [
    "the receiver goes on from another task",
    "stitch_pred_mismatch",
    ({ receiver, id }) => editBorder(receiver, id, "in", (e) => ({ ...e, pred: [id] })),
  ],
  [
    "the sender's task was another one",
    "stitch_pred_mismatch",
    ({ sender, id }) => {
      const out = sender.entries.find((e) => e.stitch?.stitch_id === id && e.stitch.direction === "out");
      sender.entries = sender.entries.map((e) => (out?.pred.includes(e.jti) === true ? { ...e, digest: OTHER } : e));
    },
  ],
  [
    "the sender's task has a lower level than it said",
    "xd_level",
    ({ sender, id }) => {
      const out = sender.entries.find((e) => e.stitch?.stitch_id === id && e.stitch.direction === "out");
      sender.entries = sender.entries.map((e) =>
        out?.pred.includes(e.jti) === true ? { ...e, level: 1 as const } : e,
      );
    },
  ],
  [
    "the sender's log does not have the crossing",
    "stitch_out_missing",
    ({ sender, id }) => {
      sender.entries = sender.entries.filter((e) => !(e.stitch?.stitch_id === id && e.stitch.direction === "out"));
    },
  ],
  [
    "the crossing is told twice",
    "stitch_duplicate",
    ({ sender, id }) => {
      const out = must(
        sender.entries.find((e) => e.stitch?.stitch_id === id && e.stitch.direction === "out"),
        "an out",
      );
      sender.entries.push({ ...out, jti: id });
    },
  ],
];

describe("stitching the trails of several domains", () => {
  it("[XDA-2] [XDA-10] joins what both sides tell of a crossing, countersigned, and calls it verified when both logs prove it", () => {
    const trail = stitch(trailOf(PLAN));
    expect(trail.crossings.map(({ state, from, to }) => [state, from, to])).toEqual(
      expect.arrayContaining([
        ["verified", "core.example", "metro.example"],
        ["verified", "core.example", "access.example"],
        ["verified", "metro.example", "core.example"],
        ["verified", "access.example", "core.example"],
      ]),
    );
    expect([trail.problems, trail.gaps, trail.level]).toEqual([[], [], 3]);
    const unproven = trailOf(PLAN).map((segment) => ({ ...segment, provenSize: 1 }));
    expect(stitch(unproven).crossings.map(({ state }) => state)).not.toContain("verified");
    // The last of the sender's is the answer that came back: a head that does not cover it proves no more than a handoff.
    const [core, ...others] = trailOf([
      { domain: 0, after: [] },
      { domain: 1, after: [0] },
    ]);
    const short = must(core, "core");
    const all = [short, ...others];
    expect(stitch(all).crossings.map(({ state }) => state)).toEqual(["verified"]);
    short.provenSize -= 1;
    expect(stitch(all).crossings.map(({ state }) => state)).toEqual(["matched"]);
  });

  it("[XDA-5] [L7] gives a linear extension of the causes, the same for every order in which logs and entries come, whatever their clocks say", () => {
    fc.assert(
      fc.property(
        plans,
        fc.infiniteStream(fc.nat()),
        fc.array(fc.integer({ min: -9000, max: 9000 })),
        (plan, seeds, skews) => {
          const segments = trailOf(plan);
          const trail = stitch(segments);
          expect([trail.problems, trail.gaps]).toEqual([[], []]);
          const place = new Map(trail.order.map(({ key }, at) => [key, at]));
          expect(place.size).toBe(segments.reduce((sum, { entries }) => sum + entries.length, 0));
          for (const [cause, effect] of trail.edges)
            expect(must(place.get(cause), cause)).toBeLessThan(must(place.get(effect), effect));
          for (const [cause, effect] of trail.edges) {
            const [before, after] = [trail.order[place.get(cause) ?? -1], trail.order[place.get(effect) ?? -1]];
            expect(must(before, cause).lamport).toBeLessThan(must(after, effect).lamport);
          }
          const shuffled = shuffle(segments, seeds).map((segment, at) => ({
            ...segment,
            entries: shuffle(segment.entries, seeds).map((entry) => ({ ...entry, at: entry.at + (skews[at] ?? 0) })),
          }));
          expect(stitch(shuffled).order.map(({ key }) => key)).toEqual(trail.order.map(({ key }) => key));
        },
      ),
      { numRuns: 60 },
    );
  });

  it("[XDA-5] shows as concurrent what no cause orders", () => {
    const trail = stitch(trailOf(PLAN));
    const keys = DOMAINS.map(
      (domain) =>
        must(
          trail.order.find((n) => n.domain === domain && n.execAct === "work"),
          domain,
        ).key,
    );
    const [core, metro, access] = keys.map((key) => must(key, "one of each"));
    expect(relationOf(trail, core ?? "", metro ?? "")).toBe("before");
    expect(relationOf(trail, metro ?? "", core ?? "")).toBe("after");
    expect(relationOf(trail, metro ?? "", access ?? "")).toBe("concurrent");
  });

  it.each(MUTATIONS)("[XDA-6] [XDA-S2] finds at every crossing that %s: %s", (_what, code, mutate) => {
    for (const { stitchId, from, to } of stitch(trailOf(PLAN)).crossings) {
      const segments = trailOf(PLAN);
      const sender = must(
        segments.find(({ domain }) => domain === from),
        from,
      );
      const receiver = must(
        segments.find(({ domain }) => domain === to),
        to,
      );
      mutate({ sender, receiver, id: stitchId });
      const found = stitch(segments).crossings.find((crossing) => crossing.stitchId === stitchId);
      expect([found?.state, found?.code]).toEqual(["conflict", code]);
    }
  });

  it("[XDA-11] [XDA-S1] calls a crossing dangling 600 s after it was announced, by the host's clock, and names what is missing", () => {
    const segments = trailOf(PLAN);
    const id = must(stitch(segments).crossings[0], "a crossing").stitchId;
    for (const segment of segments) {
      const inward = segment.entries.findIndex((e) => e.stitch?.stitch_id === id && e.stitch.direction === "in");
      if (inward < 0) continue;
      segment.entries.splice(inward);
      drop(segment.handoffs, id);
      drop(segment.countersigns, id);
    }
    for (const segment of segments) drop(segment.countersigns, id);
    const at = (nowS: number) =>
      must(
        stitch(segments, nowS).crossings.find((c) => c.stitchId === id),
        id,
      );
    expect([at(TRAIL_AT + 600).state, at(TRAIL_AT + 601).state]).toEqual(["announced", "dangling"]);
    expect(at(TRAIL_AT + 601).missing).toEqual(["handoff_received", "countersign", "countersign_received", "in"]);
    expect(stitch(segments, TRAIL_AT + 601).gaps).toContainEqual(
      expect.objectContaining({ reason: "crossing_dangling", missing: id }),
    );
  });

  it("[XDA-11] shows a domain that did not answer, and what nobody has, as gaps", () => {
    const [core, ...others] = trailOf(PLAN);
    const trail = stitchTrails({ segments: others, missing: ["core.example"], nowS: NOW });
    expect(trail.gaps).toContainEqual({ domain: "core.example", at: null, missing: null, reason: "domain_not_read" });
    expect(trail.crossings.map(({ code }) => code)).not.toContain("stitch_out_missing");
    const first = must(core?.entries.shift(), "the first task");
    expect(stitch([must(core, "core"), ...others]).gaps).toContainEqual(
      expect.objectContaining({ reason: "predecessor_missing", missing: first.jti }),
    );
  });

  it("[XDA-5] tells a circle that goes through two domains, and orders the rest", () => {
    const segments = trailOf(PLAN);
    const back = must(
      segments[0]?.entries.findIndex((e) => e.stitch?.direction === "in"),
      "an in",
    );
    const first = must(segments[0]?.entries[0], "the first task");
    const inward = must(segments[0]?.entries[back], "the way back");
    must(segments[0], "core").entries[0] = { ...first, pred: [inward.jti] };
    const trail = stitch(segments);
    const cycle = must(
      trail.problems.find(({ code }) => code === "dag_cycle"),
      "a circle",
    );
    expect(new Set(cycle.nodes.map((key) => key.split(" ")[0])).size).toBeGreaterThan(1);
    expect(trail.order.every(({ key }) => !cycle.nodes.includes(key))).toBe(true);
  });

  it("[XDA-2] gives each domain the level of its weakest task, and the path the lowest of them", () => {
    const segments = trailOf(PLAN);
    const metro = must(segments[1], "metro");
    metro.entries = metro.entries.map((entry) => (entry.execAct === "work" ? { ...entry, level: 2 as const } : entry));
    const trail = stitch(segments);
    expect([trail.levels.get("core.example"), trail.levels.get("metro.example"), trail.level]).toEqual([3, 2, 2]);
  });
});

function shuffle<T>(list: readonly T[], seeds: Iterator<number>): T[] {
  return list
    .map((value) => ({ value, rank: (seeds.next().value as number) % 997 })) // an endless stream of numbers
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ value }) => value);
}
