import { describe, expect, it } from "vitest";
import { enrolledOperator, until } from "../api/dispatch/operator.fixture.ts";
import { signedByTwo } from "../api/dispatch/rollback.fixture.ts";
import { must } from "../base/assert.ts";
import { parseCompact } from "../protocol/jose/compact.ts";
import { builds, countsOf, effectsOf, give, hurry, order, running, signalOf } from "./orders.fixture.ts";

type Operator = Awaited<ReturnType<typeof enrolledOperator>>;
const nowS = (): number => Math.floor(Date.now() / 1000);

/** A takeover by one operator that a second one has signed too. */
async function takeoverByTwo(
  first: Operator,
  second: Operator,
  pepId: string,
  scope: { kind: string; id: string },
  change: object,
) {
  return signedByTwo(await order(first, "takeover", scope, change), first, second, pepId);
}

describe("a re-enactment whose agents an operator takes over", () => {
  it("[OVR-22] [OVR-30] [OVR-19] waits with each step until it is carried out, and is released into a pause", async () => {
    const { open, alice, wid, scope } = await running(builds(3));
    const { client } = open;
    const bob = await enrolledOperator(client, "Bob");
    const { pepId } = await client.identity.describe();
    const takeover = await give(
      open,
      await takeoverByTwo(alice, bob, pepId, scope, { params: {}, effect_until: nowS() + 600 }),
    );
    const [step] = (await client.override.due({ wid })).tasks ?? [];
    expect(step).toMatchObject({ index: 0, takeover });
    const { task } = must(step, "the suspended task is the next step");
    expect((await signalOf(client, takeover)).targets.map(({ state }) => state)).toEqual(["human_control"]);
    expect(await effectsOf(client, wid)).toBe(0);
    await hurry(client, wid);
    await give(open, await order(alice, "resume", { kind: "task", id: task }, { params: { of: takeover } }));
    // Its successor is due then, and waits in its turn.
    const next = await until(client, async () => {
      const [due] = (await client.override.due({ wid })).tasks ?? [];
      return due !== undefined && due.task !== task ? due : null;
    });
    expect([next.index, (await countsOf(client, wid)).done]).toEqual([1, 1]);
    const rows = (await client.audit.entries({ wid, limit: 1000 })).rows;
    const started = must(
      rows.find((row) => row.action === "effect_started"),
      "an effect",
    );
    const { token } = await client.audit.entry({ seq: started.seq });
    const record = parseCompact(token);
    expect(record.ok && record.value.payload.data).toMatchObject({ task, operator: alice.subject });
    await give(open, await order(alice, "release", scope, { params: { of: takeover } }));
    expect((await client.override.agents({ wid })).agents.map(({ state }) => state)).toEqual(["paused"]);
    expect((await client.override.due({ wid })).tasks).toEqual([]);
    await give(open, await order(alice, "resume", scope, { params: { of: takeover } }));
    await until(client, async () => ((await countsOf(client, wid)).done === 3 ? true : null));
    const verdicts = (await client.audit.entries({ typ: "override-compliance+jwt", limit: 10 })).rows;
    expect(verdicts.map((row) => row.outcome)).not.toContain("violated");
    open.host.close();
  });
});

describe("limits of a re-enactment that an operator changes", () => {
  it("[S14] are told with the policy's value beside the one in force, and hold for the next action", async () => {
    const { open, alice, wid, scope } = await running(builds(3));
    const { client } = open;
    const callsOf = async () =>
      (await client.override.limits({ wid })).agents.flatMap(({ changes, nodes }) =>
        nodes.flatMap(({ limits }) =>
          limits
            .filter(({ name }) => name === "max_calls")
            .map(({ policy, inForce, delegated }) => ({ policy, inForce, delegated, changes: changes.length })),
        ),
      );
    expect(await callsOf()).toEqual([{ policy: null, inForce: null, delegated: null, changes: 0 }]);
    const change = await give(
      open,
      await order(alice, "modify", scope, { params: { set: { max_calls: 1 }, only_narrow: true } }),
    );
    expect(await callsOf()).toEqual([{ policy: null, inForce: 1, delegated: null, changes: 1 }]);
    await hurry(client, wid);
    await until(client, async () => ((await countsOf(client, wid)).refused === 1 ? true : null));
    expect(await countsOf(client, wid)).toMatchObject({ done: 1, refused: 1 });
    const signal = await signalOf(client, change);
    expect(signal.targets.map(({ compliedAtMs }) => compliedAtMs !== null)).toEqual([true]);
    open.host.close();
  });
});
