import fc from "fast-check";
import { expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import { planRun } from "../../engine/workflow/plan.ts";
import { runAcross } from "./run-across.fixture.ts";
import { domainsOfRun, plannedKey, type RunDomains } from "./run-domains.ts";
import { createTrailWork } from "./trail-work.ts";

const DOMAINS = ["core.example", "metro.example", "access.example"];

/** What a border director finds and does, without logs: a crossing once what it hands on is kept, a task once all came in. */
interface World {
  readonly done: Set<number>;
  readonly away: Set<string>;
  readonly kept: Set<number>;
  readonly carried: Set<string>;
}
const world = (): World => ({ done: new Set(), away: new Set(), kept: new Set(), carried: new Set() });

/** Looks at one task. False where a domain it needs is away. */
function look({ done, away, kept, carried }: World, { of, crossings }: RunDomains, index: number): boolean {
  const isHere = (domain: string | null | undefined): boolean => typeof domain === "string" && !away.has(domain);
  if (!isHere(of[index])) return false;
  const needed = crossings[index] ?? [];
  for (const crossing of needed)
    if (isHere(crossing.from) && crossing.last.every((before) => kept.has(before))) carried.add(plannedKey(crossing));
  if (done.has(index) && needed.every((crossing) => carried.has(plannedKey(crossing)))) kept.add(index);
  return needed.every(({ from }) => isHere(from));
}

const plans = fc.array(fc.record({ domain: fc.nat({ max: 3 }), after: fc.array(fc.nat(), { maxLength: 3 }) }), {
  minLength: 2,
  maxLength: 12,
});
/** A task ends, or a domain goes away or comes back. */
const events = fc.array(fc.record({ what: fc.constantFrom("ends", "ends", "ends", "moves"), which: fc.nat() }), {
  minLength: 4,
  maxLength: 40,
});

it("[XDA-30] [XDA-31] looks only at what may have come into reach, and does what looking at everything each time does", () => {
  fc.assert(
    fc.property(plans, events, (steps, happened) => {
      const run = runAcross(
        steps.map(({ domain, after }, at) => [
          `t${at}`,
          DOMAINS[domain] ?? "console.local",
          at === 0 ? [] : [...new Set(after.map((index) => `t${index % at}`))],
        ]),
      );
      const plan = planRun("a run", run);
      const domains = domainsOfRun(plan, "console.local");
      if (domains === null) return;
      const [whole, parts] = [world(), world()];
      const work = createTrailWork(plan, domains);
      let looked = 0;
      for (const { what, which } of happened) {
        for (const { done, away } of [whole, parts]) {
          const domain = must(DOMAINS[which % DOMAINS.length], "a domain");
          if (what === "ends") done.add(which % steps.length);
          else if (!away.delete(domain)) away.add(domain);
        }
        for (const index of plan.order) look(whole, domains, index);
        for (const index of work.open()) work.heard(index, String(parts.done.has(index)));
        for (let due = work.next(-1); due !== null; due = work.next(due.place)) {
          looked += 1;
          if (look(parts, domains, due.index)) work.done(due.index);
          if (parts.kept.has(due.index)) work.kept(due.index);
        }
        expect([parts.kept, parts.carried]).toEqual([whole.kept, whole.carried]);
      }
      // With nothing new and nobody away there is nothing to look at.
      for (const { away } of [whole, parts]) away.clear();
      for (let due = work.next(-1); due !== null; due = work.next(due.place)) {
        look(parts, domains, due.index);
        work.done(due.index);
        if (parts.kept.has(due.index)) work.kept(due.index);
      }
      expect(work.next(-1)).toBeNull();
      expect(looked).toBeGreaterThan(0);
    }),
    { numRuns: 60 },
  );
});
