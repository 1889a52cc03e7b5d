import { describe, expect, it } from "vitest";
import { enrolledOperator, smallRun, until } from "../../api/dispatch/operator.fixture.ts";
import { must } from "../../base/assert.ts";
import { systemClock } from "../../base/system.ts";
import { acted } from "../acting.fixture.ts";
import { openedHost } from "../host.fixture.ts";
import { aheadOf } from "./domain-hosts.ts";
import { acrossThree, besideOthers, trailOf } from "./domains.fixture.ts";
import { runAcross } from "./run-across.fixture.ts";

/** Base64url of `{"alg":"EdDSA","typ":"audit-handoff+jwt"`, how such a token begins. */
const HANDOFF_HEADER = btoa('{"alg":"EdDSA","typ":"audit-handoff+jwt"').replace(/=*$/, "").slice(0, -1);

describe("a workflow whose agents live in three domains", () => {
  it("[XDA-1] [XDA-2] [XDA-6] [XDA-10] leaves a log for each, with keys of its own, and every crossing proved by both", async () => {
    const open = await besideOthers();
    const { wid, counts } = await acted(open.client, acrossThree(), false);
    expect(counts).toMatchObject({ done: 4 });
    const trail = await trailOf(open, wid);
    expect(
      trail.crossings.map(({ state, from, to }) => [state, from.split(".")[0], to.split(".")[0]]).toSorted(),
    ).toEqual([
      ["verified", "access", "core"],
      ["verified", "core", "access"],
      ["verified", "core", "metro"],
      ["verified", "metro", "core"],
    ]);
    expect([trail.problems, trail.gaps, trail.level]).toEqual([[], [], 3]);
    const { hosts } = await open.desk();
    const kids = new Set<string>();
    for (const { host, domain } of hosts.all()) {
      expect((await host.integrity.verify()).firstBad).toBeNull();
      expect(host.index.rows().every((row) => row.domain === domain)).toBe(true);
      const own = await host.engine.read((state) =>
        [...state.keys.values()].find(({ subject }) => subject === host.engine.ids.pepId),
      );
      kids.add(must(own, "its gateway's key").kid);
    }
    expect(kids.size).toBe(3);
    open.host.close();
  });

  it("[XDA-4] [XDA-S3] shows a receiver no id of a sender that uses pseudonyms", async () => {
    const open = await besideOthers();
    const { wid } = await acted(open.client, acrossThree(), false);
    const trail = await trailOf(open, wid);
    const { hosts } = await open.desk();
    const [carry] = trail.order.filter(({ domain, execAct }) => domain === "metro.example" && execAct === "build_site");
    const back = must(
      trail.crossings.find(({ from }) => from === "metro.example"),
      "the way back",
    );
    const id = must(carry, "metro's task").jti;
    expect(back.out?.pred).toEqual([id]);
    expect(back.in?.pred).toHaveLength(1);
    const core = must(hosts.get("core.example"), "core");
    for await (const entries of core.host.ports.storage.log.read("core.example", 0, 1000))
      for (const { token } of entries)
        expect(atob(token.split(".")[1]?.replaceAll("-", "+").replaceAll("_", "/") ?? "")).not.toContain(id);
    open.host.close();
  });

  it("[XDA-5] [XDA-33] [L7] keeps the order of causes where a domain's clock is 5 s ahead, and finds out how far it is", async () => {
    const skewed = (domain: string) => (domain === "metro.example" ? aheadOf(systemClock, 5000) : systemClock);
    const open = await besideOthers(undefined, { domains: { clock: skewed } });
    const { wid } = await acted(open.client, acrossThree(), false);
    const trail = await trailOf(open, wid);
    expect([trail.problems, trail.crossings.every(({ state }) => state === "verified")]).toEqual([[], true]);
    const place = new Map(trail.order.map(({ key }, at) => [key, at]));
    for (const [cause, effect] of trail.edges) expect(place.get(cause)).toBeLessThan(place.get(effect) ?? -1);
    const { lowMs, highMs, contradictory } = (await open.desk()).hosts.offset("core.example", "metro.example");
    expect(contradictory).toBe(false);
    expect(must(lowMs, "a bound")).toBeLessThanOrEqual(5000);
    expect(must(highMs, "a bound")).toBeGreaterThanOrEqual(5000);
    expect(must(lowMs, "a bound")).toBeGreaterThan(500);
    open.host.close();
  });
});

describe("a domain's log that was tampered with", () => {
  it("[XDA-6] is found damaged when it is opened again, takes nothing more, and proves no crossing any more", async () => {
    const first = await besideOthers();
    const { alice, wid } = await acted(first.client, acrossThree(), false);
    await trailOf(first, wid);
    first.host.close();
    const { log } = first.storage;
    const tampered = {
      ...first.storage,
      log: {
        ...log,
        read: async function* (domain: string, from: number, to: number) {
          for await (const entries of log.read(domain, from, to))
            yield entries.map((entry) =>
              domain === "metro.example" && entry.token.includes(HANDOFF_HEADER)
                ? { ...entry, received_at: entry.received_at - 1 }
                : entry,
            );
        },
      },
    };
    const again = await besideOthers(undefined, {}, tampered);
    const metro = await until(again.client, async () => {
      const { domains } = await again.client.domains.list();
      return domains.find(({ domain, state }) => domain === "metro.example" && state === "damaged") ?? null;
    });
    expect(metro.detail).not.toBe("");
    const states = (await trailOf(again, wid)).crossings.map(({ from, to, state }) => [from, to, state]);
    for (const [from, to, state] of states)
      expect(state === "verified").toBe(from !== "metro.example" && to !== "metro.example");
    const run = runAcross([
      ["plan", "core.example", []],
      ["carry", "metro.example", ["plan"]],
    ]);
    const late = await alice.rebound(again.client).start(run, { speed: 1000 });
    const refused = await until(again.client, async () => {
      const { rows } = await again.client.audit.entries({ wid: late.wid, action: "refused" });
      return rows[0] ?? null;
    });
    expect(refused.outcome).toBe("domain_unavailable");
    again.host.close();
  });
});

describe("a workflow that names no domain", () => {
  it("[XDA-2] stays in the console's own log, and no other is opened", async () => {
    const { host, client } = await openedHost({ domains: {} });
    const alice = await enrolledOperator(client);
    const run = smallRun("At home", 2);
    const { wid } = await alice.start({ ...run, tasks: run.tasks.slice(0, 2) });
    await until(client, async () =>
      (await client.workflow.get({ wid })).workflow.status === "finished" ? true : null,
    );
    expect(await host.domains.desk()).toBeNull();
    host.close();
  });
});
