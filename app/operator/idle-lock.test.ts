import { describe, expect, it } from "vitest";
import { lockWhenIdle } from "./idle-lock.ts";

const MINUTE_MS = 60_000;

function bench() {
  const page = new EventTarget();
  let nowMs = 1_000_000;
  let look: () => void = () => undefined;
  let isOver = false;
  const locks: number[] = [];
  const end = lockWhenIdle(
    {
      session: { lock: () => locks.push(nowMs) },
      page,
      nowMs: () => nowMs,
      every: (_ms, run) => {
        look = run;
        return () => {
          isOver = true;
        };
      },
    },
    15 * MINUTE_MS,
  );
  return {
    locks,
    end,
    isOver: () => isOver,
    act: (kind: string) => page.dispatchEvent(new Event(kind)),
    /** Time passes; a hidden tab's timer may not run meanwhile. */
    pass: (ms: number, isTimed = true) => {
      nowMs += ms;
      if (isTimed) look();
    },
  };
}

describe("locking after idle", () => {
  it("locks when nobody has acted for the chosen time, and not while somebody acts", () => {
    const { locks, act, pass } = bench();
    pass(14 * MINUTE_MS);
    act("pointermove");
    pass(14 * MINUTE_MS);
    act("keydown");
    pass(14 * MINUTE_MS);
    expect(locks).toEqual([]);
    pass(MINUTE_MS);
    expect(locks).toHaveLength(1);
  });

  it("locks before the act counts where the timer of a hidden tab had not run, and when the tab is shown again", () => {
    const hidden = bench();
    hidden.pass(60 * MINUTE_MS, false);
    hidden.act("pointerdown");
    expect(hidden.locks).toHaveLength(1);
    const shown = bench();
    shown.pass(60 * MINUTE_MS, false);
    shown.act("visibilitychange");
    expect(shown.locks).toHaveLength(1);
  });

  it("ends with what it was started for", () => {
    const { locks, act, end, pass, isOver } = bench();
    end();
    pass(60 * MINUTE_MS, false);
    act("pointerdown");
    expect(isOver()).toBe(true);
    expect(locks).toEqual([]);
  });
});
