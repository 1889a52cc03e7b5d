import { describe, expect, it } from "vitest";
import { enrolledOperator } from "../api/dispatch/operator.fixture.ts";
import { must } from "../base/assert.ts";
import { factOfEntry } from "../engine/fact.ts";
import { tokenDigest } from "../protocol/jose/sign-token.ts";
import { overrideNodeJti } from "../protocol/override/node.ts";
import { createMemoryStorage } from "../storage/memory/memory-storage.ts";
import { handClock } from "./hand-clock.fixture.ts";
import { openedHost } from "./host.fixture.ts";
import { builds, countsOf, give, order, signalOf } from "./orders.fixture.ts";
import { silentPool } from "./silent-pool.fixture.ts";

/** A run under way by a clock that moves when told, so that nothing is written before its time. */
async function atWork() {
  const clock = handClock();
  const storage = createMemoryStorage();
  const agents = silentPool(clock);
  const open = await openedHost({ storage, clock, pool: agents.pool });
  const alice = await enrolledOperator(open.client);
  const { wid } = await alice.start(builds(2), { speed: 1 });
  await expect.poll(async () => (await countsOf(open.client, wid)).running).toBe(1);
  return { ...agents, clock, storage, open, alice, wid, scope: { kind: "workflow", id: wid } };
}

type Opened = Pick<Awaited<ReturnType<typeof atWork>>, "open" | "clock">;

/** Every entry of the log, with what it says. */
async function entriesOf({ open }: Opened) {
  const { engine, ports } = open.host;
  const size = await engine.read((_state, head) => head.size);
  const all = [];
  for await (const chunk of ports.storage.log.read(engine.ids.domain, 0, size))
    for (const entry of chunk) {
      const fact = factOfEntry(entry);
      all.push({ seq: entry.seq, token: entry.token, fact: must(fact.ok ? fact.value : null, "it is read again") });
    }
  return all;
}

async function nodesOf(at: Opened) {
  const nodes = (await entriesOf(at)).flatMap(({ seq, fact }) =>
    fact.typ === "exec+jwt" && fact.claims.exec_act.startsWith("override_") ? [{ seq, claims: fact.claims }] : [],
  );
  return nodes;
}

const actsOf = async (at: Opened) => (await nodesOf(at)).map(({ claims }) => claims.exec_act);

/** Lets everything be written that is due by now. */
const written = (at: Opened, acts: readonly string[]) =>
  expect
    .poll(async () => {
      at.clock.advance(1000);
      return actsOf(at);
    })
    .toEqual(acts);

describe("override events in the DAG", () => {
  it("[OVR-5] [OVR-35] [OVR-11] leaves a node for a stop, its acknowledgement and its verdict, each after what it is about and after its effect", async () => {
    const at = await atWork();
    const { client } = at.open;
    const stop = await give(at.open, await at.alice.signal("stop", at.scope));
    await expect.poll(async () => (await signalOf(client, stop)).targets[0]?.acknowledgedAtMs).not.toBeNull();
    // Nothing of it is in the way of the stop.
    expect(await actsOf(at)).toEqual([]);
    await written(at, ["override_signal", "override_ack", "override_compliance"]);
    const [signal, ack, compliance] = await nodesOf(at);
    const entries = await entriesOf(at);
    for (const node of [signal, ack, compliance]) {
      const { ect_ext: ext } = must(node, "a node").claims;
      const object = must(
        entries.find(({ fact }) => fact.claims.jti === ext?.obj_id),
        "what it stands for",
      );
      expect(ext).toMatchObject({ obj_typ: object.fact.typ, ovr_level: "emergency", ovr_action: "stop" });
      expect(ext?.obj_hash).toBe(tokenDigest(object.token, at.open.host.ports.sha256));
      expect(node?.seq).toBeGreaterThan(object.seq);
    }
    expect(signal?.claims.jti).toBe(overrideNodeJti(stop, at.wid));
    const start = must(
      entries.find(({ fact }) => fact.typ === "exec+jwt" && fact.claims.exec_act === "run_start"),
      "the start",
    ).fact.claims.jti;
    // Its agent had done nothing yet, so that the stop follows the start.
    expect(signal?.claims.pred).toEqual([start]);
    expect(ack?.claims.pred).toEqual([signal?.claims.jti, start]);
    expect(compliance?.claims.pred).toEqual([signal?.claims.jti, ack?.claims.jti]);
    at.open.host.close();
  });

  it("[OVR-5] [OVR-33] leaves one for each rung of the ladder", async () => {
    const at = await atWork();
    at.muted.add("ack");
    await give(
      at.open,
      await order(at.alice, "pause", at.scope, { params: { mode: "after_task" }, deadline_ms: 1000 }),
    );
    await written(at, ["override_signal", ...Array.from({ length: 4 }, () => "override_escalation")]);
    at.open.host.close();
  });

  it("[OVR-35] writes after the host was opened again what was missing, and nothing twice", async () => {
    const at = await atWork();
    const stop = await give(at.open, await at.alice.signal("stop", at.scope, { deadline_ms: 500 }));
    await expect.poll(async () => (await signalOf(at.open.client, stop)).targets[0]?.acknowledgedAtMs).not.toBeNull();
    at.clock.advance(500);
    await expect.poll(async () => (await signalOf(at.open.client, stop)).targets[0]?.status).toBe("verified");
    await at.open.host.engine.idle();
    expect(await actsOf(at)).toEqual([]);
    at.open.host.close();
    const reopen = async () => ({
      clock: at.clock,
      open: await openedHost({ storage: at.storage, clock: at.clock, pool: silentPool(at.clock).pool }),
    });
    const again = await reopen();
    await written(again, ["override_signal", "override_ack", "override_compliance"]);
    again.open.host.close();
    const third = await reopen();
    third.clock.advance(5000);
    await third.open.host.engine.idle();
    expect(await actsOf(third)).toHaveLength(3);
    // The log that holds them is intact, entry by entry.
    expect((await third.open.host.integrity.verify()).firstBad).toBeNull();
    third.open.host.close();
  });
});
