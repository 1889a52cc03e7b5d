import { safe } from "@orpc/client";
import { describe, expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import { parseCompact } from "../../protocol/jose/compact.ts";
import { openedHost } from "../host.fixture.ts";
import { agentOf, atWorkHost, tested } from "./self-test.fixture.ts";
import { startSelfTest } from "./start-self-test.fixture.ts";

const codeOf = (error: unknown): unknown => (error as { data?: { code?: string } }).data?.code;
const NAMES = ["sound", "rushes", "waits", "forgets", "lies"];

describe("a self-test", () => {
  it("[F8] [N21] [S12] [OVR-S6] [BEH-55] [BEH-56] proves a sound agent beside its work, and finds who fails in each of the four steps", async () => {
    const { client, host, alice, clock, real } = await atWorkHost(NAMES, {
      rushes: { doneAfterMs: 200 },
      waits: { doneAfterMs: 11_000 },
      forgets: { doneOnRestart: true },
      lies: { faults: [{ kind: "lie", everyMs: 300, hides: false }] },
    });
    const before = await client.drill.selfTests({});
    expect(before.agents.map(({ last, overdue }) => [last, overdue])).toEqual(NAMES.map(() => [null, true]));
    const wid = await startSelfTest(client, alice, NAMES.map(agentOf));
    const proofs = await tested(client, clock);
    const steps = (name: string) => must(proofs.get(name)?.last, name).steps;
    expect(steps("sound")).toEqual({
      blocks: { result: "passed", finding: "refused", tried: 0 },
      times_out: { result: "passed", finding: "refused", tried: 0 },
      restarts: { result: "passed", finding: "refused", tried: 0 },
      stops: { result: "passed", finding: "obeyed", tried: 0 },
    });
    expect(proofs.get("sound")).toMatchObject({ last: { result: "passed", wid, place: "workers" }, overdue: false });
    expect(steps("rushes")).toMatchObject({ blocks: { result: "failed", finding: "acted", tried: 1 } });
    expect(steps("waits")).toMatchObject({
      blocks: { result: "passed" },
      times_out: { result: "failed", finding: "acted", tried: 1 },
    });
    expect(steps("forgets")).toMatchObject({
      blocks: { result: "passed" },
      restarts: { result: "failed", finding: "acted" },
    });
    expect(steps("lies")).toMatchObject({
      blocks: { result: "passed" },
      stops: { result: "failed", finding: "violated" },
    });
    for (const name of NAMES.slice(1))
      expect(proofs.get(name)).toMatchObject({ last: { result: "failed" }, dueAt: null });

    const { at, seq } = must(proofs.get("sound")?.last, "it was tested");
    const record = parseCompact((await client.audit.entry({ seq })).token);
    expect(record.ok && record.value.payload).toMatchObject({ iss: host.engine.ids.pepId, kind: "self_tested", wid });
    // Nothing is left in force that somebody would have to take back.
    await expect
      .poll(async () => (await client.override.list()).signals.filter(({ inForce }) => inForce).map(({ jti }) => jti))
      .toEqual([]);
    // Their own work is not touched, and a self-test is a drill wherever workflows are listed.
    expect((await client.workflow.get({ wid: real.wid })).workflow.counts).toMatchObject({ running: NAMES.length });
    const { workflow } = await client.workflow.get({ wid });
    expect(workflow).toMatchObject({ status: "finished", drill: { script: "self-test", size: NAMES.length } });
    expect((await client.behavior.fleet({})).agents).toHaveLength(NAMES.length);
    expect((await client.drill.history({})).drills).toEqual([]);

    const dueAt = at + 7 * 86_400;
    expect((await client.drill.proven()).selfTests).toEqual({ failed: 4, overdue: 0, nextDueAt: dueAt });
    expect(proofs.get("sound")?.dueAt).toBe(dueAt);
    clock.advance(dueAt * 1000 - clock.nowMs());
    const [later] = (await client.drill.selfTests({ agent: agentOf("sound") })).agents;
    expect(later).toMatchObject({ passedAt: at, overdue: true });
    expect((await client.drill.proven()).selfTests).toEqual({ failed: 4, overdue: 1, nextDueAt: null });
    host.close();
  });

  it("[F8] [N21] [BEH-55] [BEH-56] takes no stop but its own, no agent but those it names, and proves nothing where the host was closed", async () => {
    const { client, host, alice, storage, clock, real } = await atWorkHost(["builder"]);
    const agents = [agentOf("builder")];
    const wrongStop = await safe(startSelfTest(client, alice, agents, { stopOf: real.wid }));
    expect(codeOf(wrongStop.error)).toBe("start_mismatch");
    const wrongRelease = await safe(startSelfTest(client, alice, agents, { releaseOf: real.wid }));
    expect(codeOf(wrongRelease.error)).toBe("start_mismatch");
    const others = await safe(startSelfTest(client, alice, agents, { of: ["somebody"] }));
    expect(codeOf(others.error)).toBe("start_mismatch");
    const unknown = await safe(startSelfTest(client, alice, [agentOf("somebody")]));
    expect(codeOf(unknown.error)).toBe("agent_unknown");
    await startSelfTest(client, alice, agents);
    host.close();
    const again = await openedHost({ storage, clock });
    const [proof] = (await again.client.drill.selfTests({})).agents;
    expect(proof).toMatchObject({ running: null, passedAt: null, overdue: true, last: { result: "inconclusive" } });
    expect(proof?.last?.steps.blocks).toEqual({ result: "inconclusive", finding: "host_reopened", tried: 0 });
    again.host.close();
  });
});
