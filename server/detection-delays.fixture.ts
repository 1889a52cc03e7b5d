import { driftOf } from "../app/protocol/behavior/drift.ts";
import type { Baseline } from "../app/protocol/behavior/profile.ts";
import { drawn, seeded } from "../app/protocol/behavior/random.fixture.ts";
import { observeAction, observeActions, sequentialTest, startTest } from "../app/protocol/behavior/sequential.ts";

/** A made-up agent of eight actions, whose shares move toward the reverse: the only rows that rest on drawn numbers. */
const SHARES = [0.3, 0.2, 0.15, 0.1, 0.1, 0.08, 0.05, 0.02];
const MOVES = [0.2, 0.4, 0.6, 1];
const STREAMS = 40;
const LONGEST = 300;
const nameOf = (at: number): string => `act_${at}`;

export function delayRows(): string[] {
  return MOVES.map((move) => {
    const changed = SHARES.map((share, at) => (1 - move) * share + move * (SHARES.at(-1 - at) ?? 0));
    const counts = changed.map((share, at) => [nameOf(at), share] as const);
    const cells = [undefined, 100].flatMap((strength) =>
      [0, 200].map((change) => delays(baselineOf(strength), changed, change)),
    );
    return `| ${driftOf(counts, {}, baselineOf()).overall.toFixed(2)} | ${cells.join(" | ")} |`;
  });
}

/** What is done among all else: of the action the baseline has 2 in 100 of, and of one outside it. */
const PADDED = [0.05, 0.1, 0.15];
const PADDING_TASKS = 1000;

/** The same agent does one thing more often than it should and pads it with everything else in its usual shares. */
export function paddingRows(): string[] {
  return PADDED.map((share) => {
    const rare = SHARES.map((usual, at) => (at === SHARES.length - 1 ? share : (usual * (1 - share)) / (1 - 0.02)));
    const fresh = [...SHARES.map((usual) => usual * (1 - share)), share];
    const cells = [rare, fresh].flatMap((shares) =>
      [undefined, 100].map((strength) => alarmedWithin(baselineOf(strength), shares)),
    );
    return `| ${Math.round(share * 100)} in 100 | ${cells.join(" | ")} |`;
  });
}

function alarmedWithin(baseline: Baseline, shares: readonly number[]): string {
  const random = seeded(7);
  const test = sequentialTest(baseline);
  if (test === null) return "not tested";
  let alarmed = 0;
  for (let stream = 0; stream < STREAMS; stream += 1) {
    const actions = Array.from({ length: PADDING_TASKS }, () => nameOf(drawn(shares, random)));
    if (observeActions(test, startTest(test), actions).alarmAt !== null) alarmed += 1;
  }
  return `${Math.round((alarmed / STREAMS) * 100)} %`;
}

const baselineOf = (strength?: number): Baseline => ({
  action_freq: Object.fromEntries(SHARES.map((share, at) => [nameOf(at), share])),
  ...(strength === undefined ? {} : { strength }),
});

/** Median of the tasks until the alarm, and how many of the streams alarmed within 300. */
function delays(baseline: Baseline, changed: readonly number[], change: number): string {
  const random = seeded(change + 1);
  const found: number[] = [];
  for (let stream = 0; stream < STREAMS; stream += 1) {
    const delay = delayOf(baseline, (at) => drawn(at < change ? SHARES : changed, random), change);
    if (delay !== null) found.push(delay);
  }
  const sorted = [...found, ...new Array<number>(STREAMS - found.length).fill(Number.POSITIVE_INFINITY)].sort(
    (a, b) => a - b,
  );
  const median = sorted[STREAMS / 2 - 1] ?? Number.POSITIVE_INFINITY;
  const share = `${Math.round((found.length / STREAMS) * 100)} % within ${LONGEST}`;
  return Number.isFinite(median) ? `${median} tasks (${share})` : `seldom (${share})`;
}

function delayOf(baseline: Baseline, next: (at: number) => number, change: number): number | null {
  const test = sequentialTest(baseline);
  if (test === null) return null;
  let state = startTest(test);
  for (let at = 0; at < change + LONGEST && state.alarmAt === null; at += 1)
    state = observeAction(test, state, nameOf(next(at)));
  return state.alarmAt === null || state.alarmAt <= change ? null : state.alarmAt - change;
}
