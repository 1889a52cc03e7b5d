import { expect, it } from "vitest";
import { drained } from "../../base/steps.ts";
import { PROPOSE } from "../../protocol/attention/limits.ts";
import { person, START, type WrittenLog, writtenLog } from "./attention.fixture.ts";
import { judgeSteps, leastReadingS, type ViewFacts } from "./judged.ts";

const SPAN = { from: START, to: START + 400_000 };
const judge = (log: WrittenLog, views: ReadonlyMap<string, ViewFacts> = new Map()) =>
  drained(judgeSteps(log.now(SPAN.to), views, SPAN));

/** Somebody who answers so many requests of a class, each looked at for so long. */
function operator(
  log: WrittenLog,
  of: { who: string; count: number; lookS: number; rejects?: number; action?: string; words?: string; at?: number },
): void {
  const { who, count, lookS, rejects = 0, action = "copy", words = "x".repeat(300), at = START } = of;
  for (let index = 0; index < count; index += 1) {
    const asked = at + index * 100;
    const request = log.request({ at: asked, action, words });
    const outcome = index < rejects ? "reject" : "approve";
    log.answer({ request, at: asked + lookS + 5, by: person(who), outcome, lookS });
  }
}

it("[R1] ranks known people by what they answer faster than it can be read, beyond what their classes explain", () => {
  const log = writtenLog();
  // The class that nobody reads is answered by Cara alone; Ben clicks through one that others read.
  operator(log, { who: "ann", count: 40, lookS: 30, rejects: 8 });
  operator(log, { who: "ben", count: 40, lookS: 1 });
  operator(log, { who: "cara", count: 40, lookS: 1, action: "noise" });
  operator(log, { who: "few", count: 5, lookS: 0 });
  const { people, classes, all } = judge(log);
  expect(people.map(({ who }) => who)).toEqual(["ben", "cara", "ann", "few"].map(person));
  const [ben, cara, ann, few] = people;
  expect(ben?.tooFast.rate).toBe(1);
  expect(ben?.ownTooFast).toBeGreaterThan(0.4);
  // As fast as Ben, but so is everybody there: that is the class's, not hers (R2).
  expect(cara).toMatchObject({ tooFast: { rate: 1 }, ownTooFast: 0 });
  expect(ann?.ownTooFast).toBeLessThan(0);
  expect(ann?.approvals).toMatchObject({ n: 32, of: 40, rate: 0.8 });
  expect(few).toMatchObject({ tooFast: { n: 5, of: 5, rate: null }, ownTooFast: null });
  expect(classes.map(({ action, isProposed }) => [action, isProposed])).toEqual([
    ["noise", true],
    ["copy", false],
  ]);
  expect(all).toMatchObject({ decisions: 125, looks: 125 });
});

it("[R2] proposes a class that is nearly always approved at once, and none that is read, refused or rare", () => {
  const log = writtenLog();
  operator(log, { who: "ann", count: 40, lookS: 1, action: "at once", rejects: 1 });
  operator(log, { who: "ann", count: 40, lookS: 1, action: "refused", rejects: 2 });
  operator(log, { who: "ann", count: 40, lookS: PROPOSE.medianS, action: "looked at" });
  operator(log, { who: "ann", count: 19, lookS: 0, action: "rare" });
  const { classes } = judge(log);
  expect(classes.filter(({ isProposed }) => isProposed).map(({ action }) => action)).toEqual(["at once"]);
  expect(classes[0]).toMatchObject({ action: "at once", medianLookS: 1, ruleIds: ["r1"] });
  expect(classes.find(({ action }) => action === "rare")?.approvals.rate).toBeNull();
});

it("[R1] what was on screen says how long reading takes at least; without its view what the request says does", () => {
  expect([leastReadingS(0), leastReadingS(600)]).toEqual([0.5, 10.5]);
  const log = writtenLog();
  const request = log.request({ at: START, words: "x".repeat(30) });
  log.answer({ request, at: START + 9, by: person("ann"), lookS: 3, view: "long" });
  log.answer({ request, at: START + 9, by: person("ben"), lookS: 3, view: "unknown" });
  log.answer({ request, at: START + 9, by: person("cara"), lookS: null });
  const views = new Map([["long", { characters: 600, isWhole: false, batch: 12 }]]);
  const { people, all } = judge(log, views);
  const of = (who: string) => people.find((one) => one.who === person(who));
  expect(of("ann")).toMatchObject({ leastReadingS: 10.5, tooFast: { n: 1, of: 1 }, readWhole: { n: 0, of: 1 } });
  expect(of("ann")?.batches).toEqual({ known: 1, median: 12, largest: 12 });
  expect(of("ben")).toMatchObject({ leastReadingS: 1, tooFast: { n: 0, of: 1 }, readWhole: { of: 0 } });
  expect(of("cara")).toMatchObject({ looks: 0, medianLookS: null, medianWaitS: 9, tooFast: { of: 0 } });
  expect(all.readWhole).toMatchObject({ n: 0, of: 1 });
});

it("[R1] tells the hours of a shift apart, which begins after four hours without anything", () => {
  const log = writtenLog();
  operator(log, { who: "ann", count: 30, lookS: 20 });
  operator(log, { who: "ann", count: 30, lookS: 1, at: START + 2 * 3600 + 100 });
  operator(log, { who: "ann", count: 30, lookS: 20, at: START + 20 * 3600 });
  const [ann] = judge(log).people;
  expect(ann?.shift.map(({ hour, decisions, medianLookS }) => [hour, decisions, medianLookS])).toEqual([
    [1, 60, 20],
    [3, 30, 1],
  ]);
  expect(ann?.shift.map(({ tooFast }) => tooFast.rate)).toEqual([0, 1]);
});

it("[A1] counts for a person what was asked of roles they held, in the hours the log names them", () => {
  const log = writtenLog();
  log.roles(START, person("ann"), ["operator"], START + 2 * 3600);
  const request = log.request({ at: START + 10 });
  log.request({ at: START + 20, role: "finance" });
  log.answer({ request, at: START + 30, by: person("ann") });
  const late = log.request({ at: START + 3 * 3600 });
  log.answer({ request: late, at: START + 3 * 3600 + 5, by: person("ann") });
  log.request({ at: START + 7 * 3600 });
  expect(judge(log).people).toMatchObject([{ who: person("ann"), hours: 2, demands: 1, demandsAnHour: 0.5 }]);
});

it("[R1] as an agent in any workflow it is one class, and decisions about nothing known are none", () => {
  const log = writtenLog();
  log.answer({ request: "nobody asked", at: START, by: person("ann") });
  const request = log.request({ at: START });
  log.answer({ request, at: START + 9, by: person("ann"), outcome: "escalate" });
  log.answer({ request, at: START + 9, by: person("ann") });
  const { classes, all } = judge(log);
  expect(all.decisions).toBe(1);
  expect(classes).toMatchObject([{ standing: "spiffe://console.local/agent/executor", action: "copy" }]);
});
