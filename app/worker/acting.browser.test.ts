import { createRouterClient } from "@orpc/server";
import { deleteDB } from "idb";
import { describe, expect, test } from "vitest";
import { enrolledOperator, until } from "../api/dispatch/operator.fixture.ts";
import { orderOfTwo } from "../api/dispatch/rollback.fixture.ts";
import { router } from "../api/dispatch/router.ts";
import { must } from "../base/assert.ts";
import { acted } from "../host/acting.fixture.ts";
import { builds } from "../host/orders.fixture.ts";
import { openEmbeddedHost } from "./embedded-host.ts";

async function opened(profile: string) {
  const result = await openEmbeddedHost(1, profile);
  const host = must(result.ok ? result.value : null, JSON.stringify(result));
  return { host, client: createRouterClient(router, { context: { host } }) };
}

describe("agents in workers of their own", () => {
  test("[CAS-10] [CAS-17] write over IndexedDB, and take it back after the host was opened again", {
    timeout: 60_000,
  }, async () => {
    const profile = `acting-test-${crypto.randomUUID()}`;
    const first = await opened(profile);
    const run = builds(3, 1000);
    const { alice, wid } = await acted(first.client, run);
    const bob = await enrolledOperator(first.client, "Bob");
    const texts = async ({ host }: typeof first) => {
      const listed = await host.resources.list(`store://${wid}/`);
      return listed.ok ? listed.value.map(({ text }) => text.split("\n")[0]) : [];
    };
    expect(await texts(first)).toEqual(run.tasks.map(({ outputs }) => `re-enacted content of ${outputs[0]}`));
    const { pool } = first.host.ports;
    expect(pool.size().workers).toBeGreaterThan(0);
    first.host.close();

    const again = await opened(profile);
    const [kept] = [alice.rebound(again.client)];
    expect(await texts(again)).toHaveLength(run.tasks.length);
    const aim = { wid, target: { kind: "workflow" as const, id: wid }, keepTarget: false, bestEffort: false };
    const { token } = await orderOfTwo(again.client, kept, bob, aim);
    const { rbId } = await again.client.rollback.request({ token });
    await until(again.client, async () =>
      (await again.client.rollback.show({ rbId })).rollback.phase === "confirmed" ? true : null,
    );
    expect(await texts(again)).toEqual([]);
    again.host.close();
    await deleteDB(profile);
  });
});
