import { expect, it } from "vitest";
import {
  agentOnce,
  BUILDER,
  builderRun,
  jumpClock,
  orderAgent,
  putProfile,
} from "../../host/behavior/behavior.fixture.ts";
import { openedHost } from "../../host/host.fixture.ts";
import { createMemoryStorage } from "../../storage/memory/memory-storage.ts";
import { enrolledOperator } from "./operator.fixture.ts";

it("[BEH-10] [BEH-24] shows conduct as it was, and after a day away stale and quarantined before any timer has run", async () => {
  const storage = createMemoryStorage();
  const clock = jumpClock();
  const ticking = setInterval(() => clock.tick(), 5);
  const first = await openedHost({ storage, clock });
  const alice = await enrolledOperator(first.client);
  await putProfile(first.client, alice, { window_s: 60 });
  const other = "spiffe://console.local/agent/other";
  await putProfile(first.client, alice, { profile_id: "other", applies_to: [other] });
  await alice.start(builderRun(["build_site", "build_site"]));
  const good = await agentOnce(first.client, ({ state }) => state === "conformant");
  await alice.start(builderRun(["build_site"], "Of another", "other"));
  await agentOnce(first.client, () => true, other);
  const { position: before } = await first.client.behavior.fleet({});
  await orderAgent(first.client, alice, { agent: other, order: "quarantine" });
  clearInterval(ticking);
  first.host.close();
  // Away for a day; nothing was written meanwhile.
  clock.tick(86_400_000);
  const { host, client } = await openedHost({ storage, clock });
  const statesOf = async (at?: number) => {
    const { agents } = await client.behavior.fleet(at === undefined ? {} : { at });
    return new Map(agents.map(({ agent, state }) => [agent, state]));
  };
  expect((await client.behavior.alarms({})).counts).toMatchObject({ stale: 1, quarantined: 1, conformant: 0 });
  const now = await statesOf();
  expect([now.get(BUILDER), now.get(other)]).toEqual(["stale", "quarantined"]);
  const then = await statesOf(before.size);
  expect([then.get(BUILDER), then.get(other)]).toEqual(["conformant", "unverified"]);
  const was = (await client.behavior.agent({ agent: BUILDER, at: before.size })).agent;
  expect(was).toMatchObject({ since: good.since, trust: good.trust });
  host.close();
});
