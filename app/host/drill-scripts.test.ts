import { describe, expect, it } from "vitest";
import { DRILL_SCRIPTS } from "../agents/drill/scripts.ts";
import { createLocalPool } from "../agents/local-pool.ts";
import { enrolledOperator } from "../api/dispatch/operator.fixture.ts";
import { systemIds } from "../base/system.ts";
import { scored, seen, startDrill } from "./drill-director.fixture.ts";
import { handClock } from "./hand-clock.fixture.ts";
import { openedHost } from "./host.fixture.ts";

/** The partition begins 4 s after its start. */
const STOPPED_AFTER_MS = 5000;

describe("every script of a drill", () => {
  it.each(DRILL_SCRIPTS.map(({ id, sizes }) => [id, sizes.min] as const))(
    "[N25] [S12] %s is passed when all of its agents are stopped",
    async (script, size) => {
      const clock = handClock();
      const { client, host } = await openedHost({ clock, pool: createLocalPool({ clock, ids: systemIds }) });
      const alice = await enrolledOperator(client);
      const { wid } = await startDrill(client, alice, script, size);
      let passedMs = 0;
      const pass = (): void => {
        passedMs += 100;
        clock.advance(100);
      };
      await seen(async () => {
        const { counts } = (await client.workflow.get({ wid })).workflow;
        return passedMs >= STOPPED_AFTER_MS && (counts.done ?? 0) + (counts.running ?? 0) > 0 ? true : null;
      }, pass);
      const { jti } = await client.override.signal({
        token: await alice.signal("stop", { kind: "workflow", id: wid }),
      });
      // Whoever acknowledges does so before any time has passed; the others have their worker ended.
      const isIn = script !== "crash" && script !== "one-hangs" && script !== "partition" && script !== "mixed-fleet";
      await seen(async () => {
        const signal = (await client.override.list()).signals.find((one) => one.jti === jti);
        const acknowledged = signal?.targets.filter((target) => target.acknowledgedAtMs !== null).length ?? 0;
        return acknowledged >= (isIn ? size - 2 : 1) ? true : null;
      });
      const score = await scored(client, wid, pass);
      expect(score).toMatchObject({
        result: "passed",
        reasons: [],
        agents: size,
        missed: [],
        acted: [],
        unconfirmed: 0,
      });
      host.close();
    },
  );
});
