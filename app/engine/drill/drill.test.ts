import { describe, expect, it } from "vitest";
import type { DrillScore } from "../../protocol/drill/drill-score.ts";
import { decide } from "../decide.ts";
import { sha256 } from "../engine.fixture.ts";
import { evolve } from "../evolve.ts";
import type { LoggedFact } from "../fact.ts";
import { hostIds } from "../records.ts";
import { type DrillState, initialState, type State } from "../state.ts";
import { drillStartProblem } from "./decide.ts";
import { provenControls } from "./proven.ts";

const WID = "0195400c-0000-4000-8000-000000000001";
const STOP = "0195400c-0000-4000-8000-000000000002";
const ALICE = "spiffe://console.local/human/alice";
const IDS = hostIds("console.local");
const DAY_S = 86_400;
const AT = 1_772_064_000;
const moment = { nowS: AT, nowMs: AT * 1000, uuid: () => crypto.randomUUID(), sha256 };

const SCORE: DrillScore = {
  result: "passed",
  reasons: [],
  clock: "host_ms",
  agents: 2,
  command: { jti: STOP, by: ALICE, at_ms: 3000, named: 2 },
  acknowledged: { agents: 2, first_ms: 3010, last_ms: 3020 },
  verified: { agents: 1, first_ms: 4000, last_ms: 4000 },
  violated: { agents: 1, first_ms: 3320, last_ms: 3320 },
  terminated: null,
  unconfirmed: 0,
  violations: [{ agent: "spiffe://console.local/agent/one", at_ms: 3320 }],
  missed: [],
  acted: [],
  refused_calls: 0,
  seen: [{ at_ms: 3000, state: "commanded", agents: 2 }],
};

const drill = (change: Partial<DrillState> = {}): DrillState => ({
  wid: WID,
  script: "one-lies",
  size: 2,
  againDays: 7,
  by: ALICE,
  at: AT,
  seq: 5,
  score: null,
  ...change,
});

function withDrills(...drills: DrillState[]): State {
  const state = initialState();
  for (const one of drills) state.drills.set(one.wid, one);
  return state;
}

const scoring = (state: State, score: DrillScore = SCORE) =>
  decide(state, { kind: "drill_scored", wid: WID, timer: "drill_limit", score }, IDS, moment);

describe("the score of a drill", () => {
  it("[S12] [C5] is one record of the enforcement point, and a fold of it is what was scored", () => {
    const state = withDrills(drill());
    const drafts = scoring(state);
    expect(drafts.ok).toBe(true);
    const [draft] = drafts.ok ? drafts.value : [];
    if (draft?.kind !== "sign") throw new Error("a record is signed here");
    expect(draft.as).toBe("pep");
    expect(draft.fact.claims).toMatchObject({ kind: "drill_scored", wid: WID, cause: { jti: STOP } });
    const logged: LoggedFact = { seq: 9, receivedAt: AT + 5, digest: "", fact: draft.fact };
    evolve(state, logged);
    expect(state.drills.get(WID)?.score).toEqual({ ...SCORE, at: AT + 5, seq: 9 });
    const again = scoring(state);
    expect(again.ok ? null : again.error.code).toBe("drill_over");
  });

  it("[S12] names what ended it where no stop was given, and there is none of what is no drill", () => {
    const [draft] = (() => {
      const drafts = scoring(withDrills(drill()), { ...SCORE, result: "failed", command: null });
      return drafts.ok ? drafts.value : [];
    })();
    expect(draft?.kind === "sign" ? draft.fact.claims : null).toMatchObject({
      cause: { timer: "drill_limit", of: WID },
    });
    const none = scoring(initialState());
    expect(none.ok ? null : none.error.code).toBe("drill_unknown");
  });
});

describe("the start of a drill", () => {
  it("[OVR-25] says of which script and size it is, or it is refused", () => {
    expect(drillStartProblem(undefined, undefined)).toBeNull();
    const mark = { script: "one-lies", size: 2, again_days: 7 };
    expect(drillStartProblem({ "org.signalbox.drill": mark }, undefined)).toBeNull();
    for (const wrong of [true, {}, { ...mark, size: 0 }, { ...mark, again_days: 400 }])
      expect(drillStartProblem({ "org.signalbox.drill": wrong }, undefined)?.code).toBe("drill_invalid");
  });
});

describe("what is proven", () => {
  const passed = (atS: number, change: Partial<DrillState> = {}): DrillState =>
    drill({ score: { ...SCORE, at: atS, seq: 9 }, ...change });
  const stopAt = (state: State, nowS: number) => provenControls(state, nowS).find(({ control }) => control === "stop");

  it("[S12] is due again after the days signed with the drill, and overdue from that second on", () => {
    const state = withDrills(passed(AT, { againDays: 3 }));
    expect(stopAt(state, AT + 3 * DAY_S - 1)).toMatchObject({
      last: { at: AT },
      dueAt: AT + 3 * DAY_S,
      overdue: false,
    });
    expect(stopAt(state, AT + 3 * DAY_S)).toMatchObject({ overdue: true });
  });

  it("[S12] is nothing without a passed drill, which is overdue: neither a failed nor an aborted one proves a stop", () => {
    const failed = drill({ score: { ...SCORE, result: "failed", reasons: ["not_commanded"], at: AT, seq: 9 } });
    const aborted = drill({ score: { ...SCORE, result: "aborted", at: AT, seq: 9 }, againDays: 300 });
    for (const one of [failed, aborted, drill()])
      expect(stopAt(withDrills(one), AT)).toMatchObject({ last: null, dueAt: null, againDays: 7, overdue: true });
  });
});
