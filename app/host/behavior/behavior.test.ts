import { v4 } from "uuid";
import { describe, expect, it } from "vitest";
import { enrolledOperator, smallRun, until } from "../../api/dispatch/operator.fixture.ts";
import { must } from "../../base/assert.ts";
import { signToken } from "../../protocol/jose/sign-token.ts";
import { createMemoryStorage } from "../../storage/memory/memory-storage.ts";
import { openedHost } from "../host.fixture.ts";
import { loadKey } from "../host-keys.ts";
import { agentKeyName } from "../open-host.ts";
import { agentOnce, BUILDER, builderRun, jumpClock, orderAgent, putProfile } from "./behavior.fixture.ts";

/** Where the test has the timers run: it is looked again at once. */
const SOON = { interval: 5 };

const BUILDS = ["build_site", "build_site", "build_site"];

describe("conduct is judged from the log, behind what agents do", () => {
  it("[BEH-1] [BEH-2] [BEH-3] [BEH-20] a workflow that is over is appraised, with evidence, result and record", async () => {
    const { host, client } = await openedHost();
    const alice = await enrolledOperator(client);
    const before = await client.behavior.fleet({});
    expect(before.agents).toEqual([]);
    await putProfile(client, alice);
    const { wid } = await alice.start(builderRun(BUILDS));
    const agent = await agentOnce(client, ({ verdict }) => verdict !== null);
    expect(agent).toMatchObject({
      ...{ agent: BUILDER, name: "builder", state: "conformant", verdict: "conformant", compliance: 1, drift: 0 },
      ...{ samples: 3, reasons: 0, worst: null, trust: 0.52, floor: 0.2, instanceCount: 1, quarantine: null },
    });
    const detail = await client.behavior.agent({ agent: BUILDER });
    expect(detail.windows).toMatchObject([{ wid, closed: "over", counts: { build_site: 3 } }]);
    expect(detail.windows[0]?.observers.toSorted()).toEqual(["gateway", "self", "sidecar"]);
    expect(detail.changes).toMatchObject([{ from: "unverified", to: "conformant", delta: 0.02 }]);
    expect(detail.mix).toMatchObject([{ key: "build_site", observed: 3, expectedShare: 1, contribution: 0 }]);
    // Who is not under a profile is not judged, and nothing is made up about them.
    const { evidence } = await client.behavior.evidence({ agent: BUILDER, reader: alice.subject });
    expect(evidence.map(({ typ, observer, problem }) => [typ, observer, problem])).toEqual([
      ["ear", null, null],
      ["bet", "gateway", null],
      ["bet", "self", null],
      ["bet", "sidecar", null],
    ]);
    expect(evidence[0]?.bets).toEqual(
      evidence
        .slice(1)
        .map(({ jti, hash }) => ({ jti, hash }))
        .reverse(),
    );
    // Evidence and appraisal are nodes of the workflow's own DAG, and verify as such.
    const nodes = await client.audit.entries({ wid, text: "behavior_", order: "oldest" });
    expect(nodes.rows.map(({ typ, action }) => `${typ} ${action}`)).toEqual([
      ...new Array<string>(3).fill("bet+jwt behavior_evidence"),
      "ear+jwt behavior_result",
      "exec+jwt behavior_appraise",
      "record+jwt behavior_appraised",
    ]);
    for (const { seq } of nodes.rows) {
      const { steps } = await client.audit.entry({ seq });
      expect([steps.length > 0, steps.filter(({ result }) => result === "failed")]).toEqual([true, []]);
    }
    host.close();
  });

  it("[BEH-11] [BEH-13] [BEH-14] [BEH-S6] a forbidden action leads to quarantine at once, and only a person ends it", async () => {
    const { host, client } = await openedHost();
    const alice = await enrolledOperator(client);
    await putProfile(client, alice);
    await alice.start(builderRun(["build_site", "leak_data", "build_site"]));
    const agent = await agentOnce(client, ({ state }) => state === "quarantined");
    expect(agent).toMatchObject({
      verdict: "nonconformant",
      compliance: 0,
      worst: 5,
      quarantine: { cause: "severity" },
    });
    const told = await client.behavior.agent({ agent: BUILDER });
    const reasons = told.reasons.filter(({ seq }) => seq === agent.seq);
    // Beside it, that a third of what it did is nothing it was expected to do.
    expect(reasons.filter(({ severity }) => severity !== null)).toMatchObject([
      { rule: "action-forbidden", kind: "forbidden", action: "leak_data", hidden: false },
    ]);
    expect(new Set(reasons.map(({ kind }) => kind))).toEqual(new Set(["drift", "forbidden"]));
    await expect(alice.start(builderRun(BUILDS, "Another"))).rejects.toMatchObject({
      data: { code: "behavior_quarantined" },
    });
    await expect(
      orderAgent(client, alice, { order: "release", basis: { profile_id: "builder", version: 1 } }),
    ).rejects.toMatchObject({ data: { code: "behavior_basis_same" } });
    await putProfile(client, alice, { version: 2 });
    await orderAgent(client, alice, { order: "release", basis: { profile_id: "builder", version: 2 } });
    const released = await agentOnce(client, ({ state }) => state === "unverified");
    expect(released).toMatchObject({ quarantine: null, trust: 0.2 });
    await alice.start(builderRun(BUILDS, "Another"));
    await agentOnce(client, ({ state }) => state === "conformant");
    host.close();
  });

  it("[BEH-4] under Regulated signs a head over the evidence before it appraises", async () => {
    const { host, client } = await openedHost();
    const alice = await enrolledOperator(client);
    await putProfile(client, alice, { assurance: "regulated" });
    await alice.start(builderRun(BUILDS));
    expect(await agentOnce(client, ({ verdict }) => verdict !== null)).toMatchObject({ verdict: "conformant" });
    host.close();
  });

  it("[BEH-21] a rule of severity 5 that is broken closes a window while its workflow goes on", async () => {
    const { host, client } = await openedHost();
    const alice = await enrolledOperator(client);
    const never = { id: "never-pack", kind: "never_after", a: "build_site", b: "pack_site", severity: 5 } as const;
    await putProfile(client, alice, { allowed_actions: ["*"], sequences: [never] });
    const run = smallRun("Packs, then waits at its end");
    const tasks = run.tasks.map((task) => (task.id === "build-1" ? { ...task, action: "pack_site" } : task));
    const { wid } = await alice.start({ ...run, tasks });
    const agent = await agentOnce(client, ({ state }) => state === "quarantined");
    expect(agent.quarantine).toMatchObject({ cause: "severity" });
    const { windows, reasons } = await client.behavior.agent({ agent: BUILDER });
    expect(windows[0]).toMatchObject({ wid, closed: "severity", worst: 5 });
    expect(reasons.find(({ rule }) => rule === "never-pack")).toMatchObject({
      kind: "never_after",
      action: "pack_site",
    });
    host.close();
  });

  it("[BEH-21] [BEH-64] a host that was closed before it looked does so when it is opened again, though nobody asks for anything", async () => {
    const storage = createMemoryStorage();
    const clock = jumpClock();
    const first = await openedHost({ storage, clock });
    const alice = await enrolledOperator(first.client);
    await putProfile(first.client, alice, { allowed_actions: ["*"] });
    const run = smallRun("Packs, then waits at its end");
    const tasks = run.tasks.map((task) => (task.id === "build-1" ? { ...task, action: "pack_site" } : task));
    const { wid } = await alice.start({ ...run, tasks });
    await expect
      .poll(async () => {
        clock.tick();
        return (await first.client.gate.queue({ wid, state: "pending" })).rows.length;
      }, SOON)
      .toBe(1);
    const never = { id: "never-pack", kind: "never_after", a: "build_site", b: "pack_site", severity: 5 } as const;
    await putProfile(first.client, alice, { version: 2, allowed_actions: ["*"], sequences: [never] });
    first.host.close();
    const again = await openedHost({ storage, clock });
    await expect
      .poll(async () => {
        clock.tick();
        return (await again.client.behavior.agent({ agent: BUILDER })).windows.map(({ closed, worst }) => [
          closed,
          worst,
        ]);
      }, SOON)
      .toEqual([["severity", 5]]);
    again.host.close();
  });

  it("[BEH-10] by the host's clock: windows close when their time is over, also while it was away, and silence is stale", async () => {
    const storage = createMemoryStorage();
    const clock = jumpClock();
    const first = await openedHost({ storage, clock });
    const alice = await enrolledOperator(first.client);
    await putProfile(first.client, alice, { window_s: 60 });
    // It waits for a person at its end, so that its workflow goes on.
    const { wid } = await alice.start(smallRun("Waits at its end"));
    const asked = () => first.client.gate.queue({ wid, state: "pending" });
    await expect
      .poll(async () => {
        clock.tick();
        return (await asked()).rows.length;
      }, SOON)
      .toBe(1);
    expect((await first.client.behavior.agent({ agent: BUILDER })).windows).toEqual([]);
    first.host.close();
    // Its window has been over for long when the host is there again.
    clock.tick(90_000);
    const again = await openedHost({ storage, clock });
    const told = () => again.client.behavior.agent({ agent: BUILDER });
    await expect
      .poll(async () => {
        clock.tick();
        return (await told()).windows.length;
      }, SOON)
      .toBe(1);
    const { windows, agent } = await told();
    expect(windows).toMatchObject([{ wid, closed: "time", samples: 3, verdict: "conformant" }]);
    expect(windows[0]?.to).toBe((windows[0]?.from ?? 0) + 60);
    expect(agent.staleAt).toBe((windows[0]?.to ?? 0) + 120);
    await expect
      .poll(async () => {
        clock.tick(30_000);
        return (await told()).agent.state;
      }, SOON)
      .toBe("stale");
    // A window with nothing in it says nothing, and is none.
    expect((await told()).windows).toHaveLength(1);
    again.host.close();
  });

  it("[BEH-8] [BEH-19] [BEH-23] [BEH-S2] waits for evidence that it has asked for, and verifies it like its own", async () => {
    const storage = createMemoryStorage();
    const clock = jumpClock();
    const { host, client } = await openedHost({ storage, clock, observers: { ask: async () => [] } });
    const alice = await enrolledOperator(client);
    await putProfile(client, alice, { window_s: 60 });
    const { wid } = await alice.start(smallRun("Is asked about itself"));
    const agent = `spiffe://console.local/agent/${wid}/builder`;
    await expect
      .poll(async () => {
        clock.tick();
        return (await client.gate.queue({ wid, state: "pending" })).rows.length;
      }, SOON)
      .toBe(1);
    const asked = await client.behavior.challenge({ agent });
    const { window, profile } = asked;
    expect(window).toMatchObject({ closed: false, to: (window?.from ?? 0) + 60 });
    clock.tick(61_000);
    const key = await loadKey(storage.values, agentKeyName(wid, "builder"));
    const { signer } = must(key.ok ? key.value : null, "the agent's key");
    const nowS = Math.floor(clock.nowMs() / 1000);
    const claims = {
      ...{ iss: agent, aud: [(await client.identity.describe()).logId], iat: nowS, exp: nowS + 600, jti: v4(), wid },
      ...{ exec_act: "behavior_evidence", pred: [], bet_ver: 1, subject: agent, observer: "self", profile },
      window: { from: window?.from, to: window?.to },
      ...{ counts: { build_site: 3 }, samples: 3, violations: [], compliance: 1, drift: 0, nonce: asked.nonce },
    };
    // What is no answer to it uses nothing up.
    const forged = await signToken("bet+jwt", { ...claims, jti: v4(), nonce: "another-nonce" }, signer);
    expect((await client.behavior.submitEvidence({ token: forged })).problem?.code).toBe("bet_stale");
    // Its window is over, and is not appraised before it has answered.
    const brought = await client.behavior.submitEvidence({ token: await signToken("bet+jwt", claims, signer) });
    expect(brought.problem).toBeNull();
    await expect
      .poll(async () => {
        clock.tick();
        return (await client.behavior.agent({ agent })).windows[0]?.observers.toSorted();
      }, SOON)
      .toEqual(["gateway", "self"]);
    host.close();
  });

  it("[BEH-10] a host that is opened again goes on where the log ends: nothing doubled, nothing lost", async () => {
    const storage = createMemoryStorage();
    const first = await openedHost({ storage });
    const alice = await enrolledOperator(first.client);
    await putProfile(first.client, alice);
    const { wid } = await alice.start(builderRun(BUILDS));
    await until(first.client, async () =>
      (await first.client.workflow.get({ wid })).workflow.status === "finished" ? true : null,
    );
    // Closed before its window may have been appraised.
    first.host.close();
    const again = await openedHost({ storage });
    await agentOnce(again.client, ({ verdict }) => verdict !== null);
    again.host.close();
    const third = await openedHost({ storage });
    const { windows } = await third.client.behavior.agent({ agent: BUILDER });
    expect(windows.map(({ wid: of, verdict }) => [of, verdict])).toEqual([[wid, "conformant"]]);
    third.host.close();
  });
});
