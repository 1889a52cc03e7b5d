import { describe, expect, it } from "vitest";
import { alignedLog, differencesOf, sideBySide } from "./compare.ts";
import { lanesOf } from "./lanes.ts";
import { type GivenEntry, laneLog } from "./lanes-part.fixture.ts";

const START = 1_772_064_000;
/** The entries of a task: asked, and how it ended so many seconds later. */
const task = (
  wid: string,
  name: string,
  place: number,
  at: number,
  tookS: number,
  end: Partial<GivenEntry>,
): GivenEntry[] => [
  { at: START + at, wid, typ: "intent+jwt", name, place, outcome: "asked", actor: `spiffe://x/agent/${wid}/one` },
  { at: START + at + tookS, wid, name, place, outcome: "success", actor: `spiffe://x/agent/${wid}/two`, ...end },
];
/** Entries in time order, each with the first one about its task. */
const logOf = (given: readonly GivenEntry[]) => {
  const ordered = [...given].sort((a, b) => a.at - b.at);
  const first = (entry: GivenEntry) =>
    ordered.findIndex(({ wid, place }) => wid === entry.wid && place === entry.place);
  return laneLog(ordered.map((entry) => ({ ...entry, task: first(entry) })));
};

describe("two runs compared", () => {
  const log = logOf([
    ...task("a", "same", 0, 0, 4, {}),
    ...task("a", "slower", 1, 0, 5, {}),
    ...task("a", "fails", 2, 6, 1, {}),
    ...task("a", "gone", 3, 7, 1, {}),
    ...task("a", "twice", 4, 7, 1, {}),
    ...task("a", "twice", 5, 8, 1, {}),
    ...task("b", "same", 0, 100, 5, {}),
    ...task("b", "slower", 1, 100, 15, {}),
    ...task("b", "fails", 2, 110, 1, { typ: "record+jwt", action: "gate_timed_out", outcome: null }),
    ...task("b", "new", 6, 111, 1, {}),
    ...task("b", "twice", 5, 111, 9, {}),
  ]);

  it("[XA-75] tells tasks only in one, other outcomes and other durations, by place in the same run", () => {
    const found = differencesOf(log, "a", "b", true).map(({ name, kind, byS }) => [name, kind, byS]);
    expect(found).toEqual([
      ["gone", "only_a", null],
      ["twice", "only_a", null],
      ["new", "only_b", null],
      ["fails", "outcome", 0],
      ["slower", "duration", 10],
      ["twice", "duration", 8],
      ["same", "same", 1],
    ]);
  });

  it("matches tasks of different runs by name, and by order among those of one name", () => {
    const twice = differencesOf(log, "a", "b", false).filter(({ name }) => name === "twice");
    expect(twice.map(({ kind, byS }) => [kind, byS])).toEqual([
      ["only_a", null],
      ["duration", 8],
    ]);
  });

  it("takes a rejection for the end of the task whose request it names", () => {
    const asked = (wid: string, at: number): GivenEntry => ({
      at: START + at,
      wid,
      typ: "hitl-request+jwt",
      name: "t",
      place: 0,
    });
    const answer = (wid: string, at: number, outcome: string, cause: number): GivenEntry => ({
      at: START + at,
      wid,
      typ: "hitl-decision+jwt",
      outcome,
      causes: [[cause, "answers"]],
    });
    const decided = laneLog([
      { ...asked("a", 0), task: 0 },
      answer("a", 9, "rejected", 0),
      { ...asked("b", 20), task: 2 },
      answer("b", 25, "approved", 2),
    ]);
    expect(differencesOf(decided, "a", "b", true)).toMatchObject([
      { kind: "outcome", a: { outcome: "rejected", tookS: 9, seq: 1 }, b: { outcome: "not ended" } },
    ]);
  });

  it("says of a task without an end that it has none", () => {
    const open = logOf([...task("a", "t", 0, 0, 1, {}), ...task("b", "t", 0, 5, 1, {}).slice(0, 1)]);
    expect(differencesOf(open, "a", "b", true)).toMatchObject([
      { kind: "outcome", byS: null, b: { outcome: "not ended", tookS: null } },
    ]);
    expect(differencesOf(open, "a", "nowhere", true)).toMatchObject([{ kind: "only_a" }]);
  });

  it("[XA-75] begins both at 0, with lanes of the same name below each other", () => {
    const a = alignedLog(log, "a", "A");
    const b = alignedLog(log, "b", "B");
    if (a === null || b === null) throw new Error("both runs are there");
    const of = (wid: string) => log.words.wid.indexOf(wid);
    const lanes = sideBySide(
      lanesOf([a, b], {
        by: "agent",
        closed: new Set(),
        shows: (own, seq) => own.word.wid[seq] === of(own.domain === "A" ? "a" : "b"),
      }),
    );
    expect(lanes.map((lane) => [lane.log.domain, lane.value])).toEqual([
      ["A", "spiffe://x/agent/a/one"],
      ["B", "spiffe://x/agent/b/one"],
      ["A", "spiffe://x/agent/a/two"],
      ["B", "spiffe://x/agent/b/two"],
    ]);
    for (const lane of lanes.slice(0, 2)) expect(lane.log.ms[lane.entries[0] ?? -1]).toBe(0);
    expect(alignedLog(log, "nowhere", "A")).toBeNull();
  });
});
