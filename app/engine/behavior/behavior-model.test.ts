import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { agent, codeOf } from "../cascade/cascade-world.fixture.ts";
import { BehaviorWorld, CLEAN, DRIFTING, LEAK, standing, WRONG } from "./behavior-world.fixture.ts";
import { conductKnown } from "./effects.ts";

const CONDUCT = { clean: CLEAN, drifting: DRIFTING, wrong: WRONG, leak: LEAK } as const;

const step = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom("clean" as const, "drifting" as const, "wrong" as const, "leak" as const) },
  {
    weight: 3,
    arbitrary: fc.constantFrom("silence" as const, "quarantine" as const, "version" as const, "release" as const),
  },
);

/** The stretch of the log since an entry, as states moved from and to. */
const moves = (world: BehaviorWorld, since: number) =>
  (world.state.behavior.agents.get(standing("worker"))?.changes ?? []).filter(
    ({ seq, from, to }) => seq >= since && from !== to,
  );

describe("[BEH-10] [BEH-12] [BEH-13] [BEH-14] [BEH-S8] whatever an agent does and whatever is ordered", () => {
  it("trust stays a share, states move once a window, and nobody but a person ends a quarantine", () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 14 }), (steps) => {
        const world = new BehaviorWorld(["worker", "other"]);
        world.putProfile();
        let version = 1;
        for (const next of steps) {
          const before = world.state.behavior.agents.get(standing("worker"))?.now.state ?? "unverified";
          const since = world.log.length;
          let released = false;
          if (next === "silence") {
            world.pass(120);
            world.submit({ kind: "behavior_stale", agent: standing("worker") });
          } else if (next === "quarantine") world.orderAgent("quarantine", "worker");
          else if (next === "version") {
            version += 1;
            world.putProfile({ version });
          } else if (next === "release") {
            const basis = { profile_id: "worker", version };
            released = codeOf(world.orderAgent("release", "worker", { basis })) === "accepted";
          } else {
            const asked = world.does("worker", CONDUCT[next]);
            if (before === "quarantined")
              for (const answer of asked)
                expect(answer).toMatchObject({
                  logged: [{}, { fact: { claims: { data: { code: "behavior_quarantined" } } } }],
                });
            world.pass(60);
            for (let left = world.firstWindow("worker"); left !== null; left = world.firstWindow("worker"))
              world.judge("worker");
          }
          const of = world.state.behavior.agents.get(standing("worker"));
          if (of === undefined) continue;
          const { trust, now, quarantine } = of;
          expect(trust.score).toBeGreaterThanOrEqual(0);
          expect(trust.score).toBeLessThanOrEqual(1);
          const judged = of.windows.filter(({ seq }) => seq >= since).length;
          expect(moves(world, since).length).toBeLessThanOrEqual(Math.max(1, judged));
          expect(now.state === "quarantined").toBe(quarantine !== null);
          if (before === "quarantined") expect(now.state).toBe(released ? "unverified" : "quarantined");
          if (now.state === "stale")
            expect(conductKnown(world.state, agent("worker"), world.nowS).verdict).not.toBe("conformant");
          if (trust.score < trust.floor) expect(now.state).toBe("quarantined");
        }
        expect(world.refolded()).toEqual(world.state);
      }),
      { numRuns: 40 },
    );
  });
});
