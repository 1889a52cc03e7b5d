import { v5 } from "uuid";
import { describe, expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import type { HandoffClaims } from "./handoff-claims.ts";
import { stitchTrails } from "./stitch.ts";
import type { NameOf } from "./stitch-crossings.ts";
import { digestOf, type MutableSegment, type PlannedTask, TRAIL_AT, trailOf } from "./trail.fixture.ts";

const PLAN: readonly PlannedTask[] = [
  { domain: 0, after: [] },
  { domain: 1, after: [0] },
];
const KID = "K".repeat(43);
const nameOf =
  (kid: string): NameOf =>
  ({ named_by }, { jti, digest }) =>
    named_by?.kid === kid ? { jti: v5(`${kid} name`, jti), hash: digestOf([kid, digest]) } : null;

/** The same logs, in which what is handed over has a name of its own for the pair. */
function named(): MutableSegment[] {
  const segments = trailOf(PLAN);
  for (const segment of segments) {
    const rename = (claims: HandoffClaims): HandoffClaims => {
      const named_by = { alg: "hmac-sha-256" as const, kid: KID };
      const last = claims.last.map(({ jti, hash }) =>
        must(nameOf(KID)({ ...claims, named_by }, { jti, digest: hash }), "its key is here"),
      );
      return { ...claims, named_by, last };
    };
    const renamed = new Map(
      segment.handoffs.flatMap(({ claims }) =>
        claims.last.map(({ jti }, at) => [jti, rename(claims).last[at]?.jti ?? ""] as const),
      ),
    );
    segment.handoffs = segment.handoffs.map((token) => ({ ...token, claims: rename(token.claims) }));
    segment.entries = segment.entries.map((entry) =>
      entry.stitch?.direction === "in" ? { ...entry, pred: entry.pred.map((jti) => renamed.get(jti) ?? jti) } : entry,
    );
  }
  return segments;
}
const statesOf = (segments: readonly MutableSegment[], of?: NameOf) =>
  stitchTrails({ segments, nowS: TRAIL_AT + 5, ...(of === undefined ? {} : { nameOf: of }) }).crossings.map(
    ({ state, code }) => [state, code],
  );
const otherTask = (segments: readonly MutableSegment[]): readonly MutableSegment[] => {
  const core = must(segments[0], "the sender");
  core.entries = core.entries.map((entry) => (entry.stitch === undefined ? { ...entry, digest: digestOf(1) } : entry));
  return segments;
};

describe("a crossing whose tasks have names of the pair", () => {
  it("[XDA-60] holds, and is found not to, for who has the pair's key", () => {
    expect(statesOf(named(), nameOf(KID))).toEqual([["verified", null]]);
    expect(statesOf(otherTask(named()), nameOf(KID))).toEqual([["conflict", "stitch_pred_mismatch"]]);
  });

  it.each([
    ["no key", undefined],
    ["another key", nameOf("O".repeat(43))],
  ])(
    "[XDA-60] cannot be compared with %s: it neither holds nor contradicts, whatever the sender's log has",
    (_, of) => {
      expect(statesOf(named(), of)).toEqual([["uncompared", null]]);
      expect(statesOf(otherTask(named()), of)).toEqual([["uncompared", null]]);
    },
  );

  it("[XDA-60] [XDA-S2] is found to contradict without the key too, in what both sides say openly", () => {
    const segments = named();
    const metro = must(segments[1], "the receiver");
    metro.entries = metro.entries.map((entry) =>
      entry.stitch === undefined ? entry : { ...entry, stitch: { ...entry.stitch, handoff_hash: digestOf(2) } },
    );
    expect(statesOf(segments)).toEqual([["conflict", "stitch_hash_mismatch"]]);
    expect(statesOf(named().map((segment) => ({ ...segment, countersigns: [] })))).toEqual([["announced", null]]);
  });
});
