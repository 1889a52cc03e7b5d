import fc from "fast-check";
import { expect, it } from "vitest";
import { aliceOf, codeOf, DEPLOY, gateOf, handling, nowS, ruled, waiting } from "../gate/gate-tokens.fixture.ts";
import { holds } from "../gate/handling.ts";
import { answeredOf } from "./answered.ts";
import { standingItems } from "./standing.ts";

const HOUR_S = 3600;
/** Acknowledge, shelve and decide as somebody does them, and what undoes the first two. Notice is what nobody signs. */
const VERBS = ["claim", "unclaim", "shelve", "unshelve", "reject", "wait"] as const;

/** What each verb changes, and nothing else (A7): one line of the table is one verb. */
interface Model {
  claimedUntil: number;
  shelvedUntil: number;
  settled: boolean;
}

it("[A7] notice, acknowledge, shelve, decide and resolve are different: each changes its own, in any order", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...VERBS), { maxLength: 8 }), async (verbs) => {
      const bench = await ruled([{ ...DEPLOY, timeout_s: 8 * HOUR_S }]);
      const { request } = await waiting(bench, "deploy");
      const began = nowS(bench);
      const model: Model = { claimedUntil: 0, shelvedUntil: 0, settled: false };
      for (const verb of verbs) {
        const now = nowS(bench);
        const [claimed, shelved] = [now < model.claimedUntil, now < model.shelvedUntil];
        let expected = model.settled ? "hitl_not_pending" : "accepted";
        let code = expected;
        if (verb === "wait") bench.clock.advance(400);
        else if (verb === "reject") code = codeOf(await bench.submit(await bench.decision(request, "reject")));
        else {
          const needless = { unclaim: !claimed, shelve: shelved, unshelve: !shelved, claim: false }[verb];
          if (!model.settled && needless) expected = "hitl_handling_needless";
          const until = verb === "claim" || verb === "shelve" ? { until: now + 600 } : {};
          code = codeOf(await bench.submit(await handling(bench, aliceOf(bench), request, verb, until)));
        }
        expect(code).toBe(expected);
        if (expected === "accepted") {
          if (verb === "claim") model.claimedUntil = now + 600;
          if (verb === "unclaim") model.claimedUntil = 0;
          if (verb === "shelve") model.shelvedUntil = now + 600;
          if (verb === "unshelve") model.shelvedUntil = 0;
          if (verb === "reject") model.settled = true;
        }
        const later = nowS(bench);
        const { items, shelf, waiting: open } = await bench.engine.read((state) => standingItems(state, later));
        const { settled } = await bench.engine.read((state) => answeredOf(state, began, later + 1));
        // It stands open until it is resolved, whoever has noticed, taken up or put it away.
        expect([items.length, open, settled]).toEqual(model.settled ? [0, 0, 1] : [1, 1, 0]);
        expect(shelf.map((one) => one.request)).toEqual(!model.settled && later < model.shelvedUntil ? [request] : []);
        const gate = await gateOf(bench, request);
        expect(holds(gate.claim, later)).toBe(later < model.claimedUntil);
        expect(gate.decisions).toHaveLength(model.settled ? 1 : 0);
      }
    }),
    { numRuns: 25 },
  );
});
