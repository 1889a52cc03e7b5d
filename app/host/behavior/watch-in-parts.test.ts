import { expect, test } from "vitest";
import { must } from "../../base/assert.ts";
import { turn } from "../../base/turn.ts";
import type { ConductWindow, SignedProfile } from "../../engine/behavior/behavior-state.ts";
import { isOfWindow, watchWindow } from "../../engine/behavior/watch-window.ts";
import type { Engine } from "../../engine/engine.ts";
import type { State } from "../../engine/state.ts";
import { AGENT, FROM_S, id, PEER, profileOf, sha256, WINDOW } from "../../protocol/behavior/behavior.fixture.ts";
import { READ_AT_ONCE, watchInParts } from "./watch-in-parts.ts";

const WID = "0195400c-0000-7000-8000-00000000000a";

/** A workflow in which so many tasks were done, every tenth by another agent. */
function world(count: number) {
  const tasks = new Map<string, object>();
  const add = (n: number): void => {
    const seq = 10 + n;
    const at = FROM_S + (n % 3000);
    const action = n % 10 === 0 ? "checkpoint" : n % 3 === 0 ? "apply_change" : "read_state";
    tasks.set(id(n), {
      ...{ jti: id(n), agent: n % 10 === 0 ? PEER : AGENT, execAct: action, status: n % 7 === 0 ? "failed" : "done" },
      ...{ intent: { seq, at, target: null }, at: at + 1, ruleIds: [], request: null, ect: null },
    });
  };
  for (let n = 1; n <= count; n += 1) add(n);
  const workflow = { wid: WID, status: "running", bench: null, tasks };
  const state = { workflows: new Map([[WID, workflow]]) } as unknown as State; // what is read of it
  const window: ConductWindow & { to: number } = {
    ...{ wid: WID, agent: AGENT, ...WINDOW, after: FROM_S, firstSeq: 11, endSeq: null },
    ...{ closed: null, bets: [], refused: [] },
  };
  const profile = { hash: "h", profile: profileOf() } as SignedProfile;
  let reads = 0;
  let read = (): void => undefined;
  const engine = {
    read: async (reader: Parameters<Engine["read"]>[0]) => {
      reads += 1;
      read();
      return reader(state, { size: 11 + count } as never); // how much of the log there is
    },
  } as Pick<Engine, "read">;
  return {
    ...{ state, window, profile, engine, add },
    look: () => ({ window, profile }),
    reads: () => reads,
    during: (change: () => void) => {
      read = change;
    },
  };
}

const still = { monotonicMs: () => 0 };

test("[BEH-64] a window looked at in parts is what it is in one, and of what is asked for meanwhile it has nothing", async () => {
  const { state, window, profile, engine, look, add, during, reads } = world(1200);
  const whole = watchWindow(state, window, profile, sha256).observation;
  let more = 5000;
  during(() => {
    more += 1;
    add(more);
  });
  const { watched } = must(await watchInParts({ engine, clock: still, sha256 }, look), "there is a window");
  expect(watched.observation).toEqual(whole);
  expect(whole.tally.some((count) => count > 0)).toBe(true);
  expect(reads()).toBe(1 + Math.ceil(1200 / READ_AT_ONCE));
  // It is not all of it any more: whoever goes by it looks again.
  expect(isOfWindow(watched, state, window, profile)).toBe(false);
  expect(isOfWindow(watched, state, { ...window, endSeq: 1211 }, profile)).toBe(true);
  expect(isOfWindow(watched, state, { ...window, endSeq: 1211 }, { ...profile, hash: "other" })).toBe(false);
});

test("[BEH-64] what arrives while a long window is looked at is handed out between two parts", async () => {
  const { engine, look } = world(2000);
  // Each look at the clock takes a millisecond: there is one between any two pieces.
  let nowMs = 0;
  const clock = {
    monotonicMs: () => {
      nowMs += 1;
      return nowMs;
    },
  };
  let stoppedMs = Infinity;
  const watching = watchInParts({ engine, clock, sha256 }, look);
  void turn().then(() => {
    stoppedMs = nowMs;
  });
  await watching;
  expect(nowMs).toBeGreaterThan(50);
  expect(stoppedMs).toBeLessThanOrEqual(10);
});
