import fc from "fast-check";
import { expect, it } from "vitest";
import { BEHAVIOR_STATES, type BehaviorStateName, type Verdict } from "./result.ts";
import {
  staleAtS,
  stepVerdict,
  unverified,
  type VerdictEvent,
  type VerdictState,
  verdictInForce,
} from "./verdict-state.ts";

const WINDOW_S = 60;

/** Windows one after the other, from time 0; `+` in front of a word: the trust fell below the floor. */
function run(words: string, from: VerdictState = unverified(0)): VerdictState {
  let now = from;
  let at = Math.ceil((from.counted?.to ?? from.sinceS) / WINDOW_S);
  for (const word of words.split(" ")) {
    at += 1;
    now = stepVerdict(now, eventOf(word, at)).state;
  }
  return now;
}

function eventOf(word: string, at: number): VerdictEvent {
  const window = { from: (at - 1) * WINDOW_S, to: at * WINDOW_S };
  const verdicts: Record<string, Verdict> = {
    c: "conformant",
    d: "drifting",
    n: "nonconformant",
    i: "insufficient",
    u: "unverifiable",
  };
  const verdict = verdicts[word.slice(-1)];
  if (verdict !== undefined && word !== "quarantine")
    return { kind: "appraised", verdict, window, trustBelowFloor: word.startsWith("+"), atS: window.to };
  if (word === "silent") return { kind: "silent", windowS: WINDOW_S, atS: Number.MAX_SAFE_INTEGER };
  return { kind: word === "release" ? "release" : "quarantine", atS: window.to };
}

it.each<[string, BehaviorStateName]>([
  ["c", "conformant"],
  ["d", "drifting"],
  ["n", "nonconformant"],
  ["i", "unverified"],
  ["u", "unverified"],
  ["c d", "drifting"],
  ["c n", "nonconformant"],
  ["d n", "nonconformant"],
  ["d c", "drifting"],
  ["d c c", "conformant"],
  ["d c d c", "drifting"],
  ["d c d c c", "conformant"],
  ["n n", "quarantined"],
  ["n d", "nonconformant"],
  ["n d n", "nonconformant"],
  ["n c", "drifting"],
  ["n c c", "drifting"],
  ["n c c c", "conformant"],
  ["n i n", "quarantined"],
  ["c i u", "conformant"],
])("[BEH-33] follows the table of section c: windows %s lead to %s", (words, state) => {
  expect(run(words).state).toBe(state);
});

it.each(["+d", "c +d", "d +d", "n +n", "c +n", "silent +n"])(
  "[BEH-13] [BEH-33] quarantines at once when the trust falls below the floor: %s",
  (words) => {
    expect(run(words).state).toBe("quarantined");
  },
);

it("[BEH-14] leaves quarantine by a release and by nothing else, whatever comes", () => {
  const kept = fc.constantFrom("c", "d", "n", "i", "u", "silent", "quarantine", "+c");
  fc.assert(
    fc.property(fc.array(kept, { minLength: 1, maxLength: 40 }), (words) => {
      const after = run(words.join(" "), run("n n"));
      expect(after.state).toBe("quarantined");
      expect(run("release", after).state).toBe("unverified");
      expect(verdictInForce(after)).toBe("nonconformant");
    }),
  );
  expect(run("release", run("c")).state).toBe("conformant");
});

it("[BEH-10] becomes stale two windows after the newest with a verdict, and not a second before", () => {
  const conformant = run("c");
  expect(staleAtS(conformant, WINDOW_S)).toBe(3 * WINDOW_S);
  const told = (atS: number): BehaviorStateName =>
    stepVerdict(conformant, { kind: "silent", windowS: WINDOW_S, atS }).state.state;
  expect(told(3 * WINDOW_S - 1)).toBe("conformant");
  expect(told(3 * WINDOW_S)).toBe("stale");
  expect(staleAtS(unverified(100), WINDOW_S)).toBe(100 + 2 * WINDOW_S);
});

it("[BEH-10] [BEH-33] keeps no good name by windows too small for a verdict", () => {
  expect(staleAtS(run("c i i u i"), WINDOW_S)).toBe(3 * WINDOW_S);
});

it("[BEH-10] never counts as conformant while stale, and is stale in no quarantine", () => {
  expect(verdictInForce(run("c silent"))).toBe("drifting");
  expect(verdictInForce(run("n silent"))).toBe("nonconformant");
  expect(staleAtS(run("n n"), WINDOW_S)).toBeNull();
  expect(run("n n silent").state).toBe("quarantined");
});

it.each<[string, BehaviorStateName]>([
  ["c silent c", "conformant"],
  ["c silent d", "drifting"],
  ["d c silent c", "drifting"],
  ["d silent c c", "conformant"],
  ["n silent c", "drifting"],
  ["n silent n", "quarantined"],
  ["c silent i", "stale"],
  ["silent c", "conformant"],
])("[BEH-33] comes back from silence where it had been, no better: %s is %s", (words, state) => {
  expect(run(words).state).toBe(state);
});

it("[BEH-33] lets a clean window beside a bad one, in another workflow, better nothing", () => {
  const bad = run("c d");
  const beside: VerdictEvent = {
    kind: "appraised",
    verdict: "conformant",
    window: { from: WINDOW_S + 1, to: 2 * WINDOW_S + 1 },
    trustBelowFloor: false,
    atS: 2 * WINDOW_S + 1,
  };
  expect(stepVerdict(bad, beside)).toEqual({ state: bad, change: null });
  expect(stepVerdict(bad, { ...beside, verdict: "nonconformant" }).state.state).toBe("nonconformant");
  const failed = run("n");
  const decoy = { ...beside, window: { from: 1, to: WINDOW_S + 1 } };
  const again = stepVerdict(stepVerdict(failed, decoy).state, eventOf("n", 2));
  expect(again.change).toMatchObject({ to: "quarantined", cause: "repeated" });
});

it("[BEH-S8] changes at most once by each event, says so truly, and by rows of the table only", () => {
  const word = fc.constantFrom("c", "d", "n", "i", "u", "+n", "+d", "silent", "quarantine", "release");
  const table = new Set<string>([
    ...["unverified", "stale", "drifting"].map((from) => `${from} conformant`),
    ...["unverified", "stale", "conformant", "nonconformant"].map((from) => `${from} drifting`),
    ...["unverified", "stale", "conformant", "drifting"].map((from) => `${from} nonconformant`),
    ...BEHAVIOR_STATES.filter((from) => from !== "quarantined").flatMap((from) => [
      ...(from === "stale" ? [] : [`${from} stale`]),
      `${from} quarantined`,
    ]),
    "quarantined unverified",
  ]);
  fc.assert(
    fc.property(fc.array(word, { maxLength: 60 }), (words) => {
      let now = unverified(0);
      for (const [at, one] of words.entries()) {
        const { state, change } = stepVerdict(now, eventOf(one, at + 1));
        expect(change === null).toBe(state.state === now.state);
        if (change !== null) {
          expect(change).toMatchObject({ from: now.state, to: state.state });
          expect(table).toContain(`${change.from} ${change.to}`);
        }
        expect(state.before === null).toBe(state.state !== "stale");
        now = state;
      }
    }),
  );
});
