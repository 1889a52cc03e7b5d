import { describe, expect, it } from "vitest";
import { createHealth, type DomainHealth, healthAlerts, healthAt, noteCall } from "./domain-health.ts";

const STEP_MS = 10_000;

/** Whole steps of calls from `from` on, each with `errors` failures and one duration; returns the state and the next step. */
function steps(health: DomainHealth, from: number, count: number, calls: number, errors: number, durationMs: number) {
  let next = health;
  for (let step = from; step < from + count; step += 1)
    for (let call = 0; call < calls; call += 1)
      next = noteCall(next, { failed: call < errors, durationMs }, step * STEP_MS + call);
  return { health: next, step: from + count };
}
const quiet = (count = 60) => steps(createHealth(0), 0, count, 20, 1, 50);
const kinds = (health: DomainHealth, atMs: number) => healthAlerts(health, atMs).map(({ kind }) => kind);

describe("health of a domain", () => {
  it("[CAS-8] an error rate above three times its hour's mean is an alert as soon as the step is over", () => {
    const before = quiet();
    const same = steps(before.health, before.step, 1, 20, 3, 50);
    expect(kinds(same.health, same.step * STEP_MS)).toEqual([]);
    const worse = steps(before.health, before.step, 1, 20, 4, 50);
    expect(kinds(worse.health, worse.step * STEP_MS - 1)).toEqual([]);
    const [alert] = healthAlerts(worse.health, worse.step * STEP_MS);
    expect(alert).toMatchObject({ kind: "error_rate", value: 0.2 });
    expect(alert?.mean).toBeCloseTo(0.05);
    expect(kinds(worse.health, (worse.step + 1) * STEP_MS)).toEqual([]);
  });

  it("[CAS-8] latency is an alert after three steps in a row above three times the mean, not after two", () => {
    const before = quiet();
    const two = steps(before.health, before.step, 2, 20, 1, 200);
    expect(kinds(two.health, two.step * STEP_MS)).toEqual([]);
    const three = steps(two.health, two.step, 1, 20, 1, 200);
    expect(kinds(three.health, three.step * STEP_MS)).toEqual(["latency"]);
    const broken = steps(two.health, two.step, 1, 20, 1, 50);
    const again = steps(broken.health, broken.step, 2, 20, 1, 200);
    expect(kinds(again.health, again.step * STEP_MS)).toEqual([]);
  });

  it("[CAS-8] what is judged is not part of the mean it is judged by", () => {
    const before = quiet(30);
    const slower = steps(before.health, before.step, 3, 20, 1, 160);
    expect(kinds(slower.health, slower.step * STEP_MS)).toEqual(["latency"]);
  });

  it("[CAS-8] it is the slow twentieth that counts, at most a tenth too high", () => {
    let health = createHealth(0);
    for (let call = 1; call <= 100; call += 1)
      health = noteCall(health, { failed: false, durationMs: call * 10 }, call);
    const [step] = healthAt(health, STEP_MS).past;
    expect(step?.p95Ms).toBeGreaterThanOrEqual(950);
    expect(step?.p95Ms).toBeLessThanOrEqual(950 * 1.1);
  });

  it("[CAS-8] a call whose duration nobody knows counts as one, and as no duration", () => {
    let health = createHealth(0);
    for (let call = 0; call < 20; call += 1) health = noteCall(health, { failed: false, durationMs: null }, call);
    expect(healthAt(health, STEP_MS).past).toMatchObject([{ calls: 20, timed: 0, p95Ms: null }]);
    health = noteCall(health, { failed: false, durationMs: 1000 }, STEP_MS - 1);
    const [step] = healthAt(health, STEP_MS).past;
    expect(step).toMatchObject({ calls: 21, timed: 1 });
    expect(step?.p95Ms).toBeGreaterThanOrEqual(1000);
  });

  it("says nothing before there is a mean, of few calls, or of the first error ever", () => {
    const early = steps(quiet(29).health, 29, 1, 20, 20, 50);
    expect(kinds(early.health, early.step * STEP_MS)).toEqual([]);
    const before = quiet();
    const few = steps(before.health, before.step, 1, 9, 9, 50);
    expect(kinds(few.health, few.step * STEP_MS)).toEqual([]);
    const clean = steps(createHealth(0), 0, 60, 100, 0, 50);
    const first = steps(clean.health, clean.step, 1, 100, 1, 50);
    expect(kinds(first.health, first.step * STEP_MS)).toEqual([]);
  });

  it("forgets after an hour, and keeps no more than that", () => {
    const long = quiet(1000);
    expect(long.health.past.length).toBeLessThanOrEqual(360);
    expect(healthAt(long.health, (1000 + 361) * STEP_MS).past).toEqual([]);
  });
});
