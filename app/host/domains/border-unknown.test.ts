import { expect, it } from "vitest";
import { enrolledOperator, until } from "../../api/dispatch/operator.fixture.ts";
import { err } from "../../base/result.ts";
import type { EventLog, Unavailable } from "../../engine/ports.ts";
import { createMemoryStorage } from "../../storage/memory/memory-storage.ts";
import { acted } from "../acting.fixture.ts";
import { besideOthers, trailOf } from "./domains.fixture.ts";
import { runAcross } from "./run-across.fixture.ts";

const two = () =>
  runAcross([
    ["plan", "core.example", []],
    ["carry", "metro.example", ["plan"]],
  ]);

it.each(["core.example", "metro.example"])(
  "[XDA-10] [XDA-31] goes on, and does nothing twice, where %s kept what it was given without an answer and could then not be read",
  async (name) => {
    const storage = createMemoryStorage();
    const away: Unavailable = { code: "storage_failed", retry: true, detail: "away by the test" };
    let armed = false;
    let isAway = false;
    let asked = 0;
    const log: EventLog = {
      ...storage.log,
      append: async (domain, size, frame) => {
        const kept = await storage.log.append(domain, size, frame);
        if (domain !== name || !armed || !frame.entries.some(({ token }) => token.includes(HANDOFF))) return kept;
        [armed, isAway] = [false, true];
        return err({ code: "unknown", detail: "cut off by the test" });
      },
      head: async (domain) => {
        if (domain !== name || !isAway) return storage.log.head(domain);
        asked += 1;
        return err(away);
      },
    };
    const open = await besideOthers(undefined, {}, { ...storage, log });
    await acted(open.client, two(), false);
    await (await open.desk()).settled();
    armed = true;
    const bob = await enrolledOperator(open.client, "Bob");
    const { wid } = await bob.start(two(), { speed: 1000 });
    // Read once with the append, and again by whoever tries again.
    await expect.poll(() => asked, { timeout: 15_000 }).toBeGreaterThan(3);
    isAway = false;
    const { counts } = await until(open.client, async () => {
      const { workflow } = await open.client.workflow.get({ wid });
      return workflow.status === "finished" ? workflow : null;
    });
    expect(counts).toMatchObject({ done: 2 });
    const { crossings, problems } = await trailOf(open, wid);
    expect([crossings.map(({ state, code }) => [state, code]), problems]).toEqual([[["verified", null]], []]);
    const { hosts } = await open.desk();
    for (const { ledger } of hosts.all())
      expect([ledger.segment(wid).handoffs.length, ledger.segment(wid).entries.length]).toEqual([1, 2]);
    open.host.close();
  },
);

/** Base64url of `"typ":"audit-handoff+jwt"` as the header of such a token has it. */
const HANDOFF = btoa('{"alg":"EdDSA","typ":"audit-handoff+jwt"').replace(/=*$/, "").slice(0, -1);
