import { v4 } from "uuid";
import { describe, expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import { signToken, tokenDigest } from "../../protocol/jose/sign-token.ts";
import { alice, type Bench, digestOf, ids, sha256, startedWorkflow } from "../engine.fixture.ts";
import type { FactOf } from "../fact.ts";

const HOUR_S = 3600;
const nowS = (bench: Bench): number => Math.floor(bench.clock.nowMs() / 1000);
const codeOf = (result: { ok: boolean; error?: { code: string } }): string =>
  result.ok ? "accepted" : (result.error?.code ?? "");

const agentKey = (bench: Bench) =>
  bench.engine.read((state) => structuredClone(must(state.keys.get(bench.agent.kid), "the agent's key")));

async function stopAndRelease(bench: Bench): Promise<void> {
  await bench.submit(await bench.stop());
  const of = await bench.engine.read((state) => must([...state.overrides.keys()][0], "a signal"));
  const release = { level: "mandatory", action: "release", params: { of }, seq: 2, reason: "looked at it" };
  expect(codeOf(await bench.submit(await bench.stop(release)))).toBe("accepted");
}

/** The operator starts the workflow again, under the same policy with another end. */
async function startAgain(
  bench: Bench,
  { policyS, agent = bench.agentId, waitS = 0 }: { policyS: number; agent?: string; waitS?: number },
) {
  const { policy, key } = await bench.engine.read((state) => ({
    policy: structuredClone(must(state.policies.get(bench.acp.jti), "the policy").claims),
    key: structuredClone(must(state.keys.get(bench.agent.kid), "the agent's key")),
  }));
  const at = nowS(bench);
  const acpToken = await signToken("acp+jwt", { ...policy, jti: v4(), iat: at, exp: at + policyS }, bench.operator);
  const acp = await bench.engine.receive(acpToken);
  const policyFact = must(acp.ok ? acp.value : null, JSON.stringify(acp));
  const startToken = await signToken(
    "exec+jwt",
    {
      iss: alice,
      aud: [ids.pepId],
      iat: at,
      exp: at + 300,
      jti: v4(),
      wid: bench.wid,
      exec_act: "run_start",
      pred: [],
      ect_ext: {
        obj_typ: "recorded-run+json",
        obj_id: "run",
        obj_hash: digestOf("run"),
        "org.signalbox.acp": { jti: policyFact.fact.claims.jti, hash: tokenDigest(acpToken, sha256) },
      },
    },
    bench.operator,
  );
  const start = await bench.engine.receive(startToken);
  const startFact = must(start.ok ? start.value : null, JSON.stringify(start));
  bench.clock.advance(waitS);
  return bench.engine.submit({
    kind: "start",
    acp: { verified: policyFact.verified, fact: policyFact.fact as FactOf<"acp+jwt"> },
    start: { verified: startFact.verified, fact: startFact.fact as FactOf<"exec+jwt"> },
    agents: [{ subject: agent, name: "deployer", jwk: key.jwk, kid: key.kid }],
  });
}

describe("an agent's key", () => {
  it("[ECT-56] is bound for a day, or for as long as its policy and an ECT made at its end", async () => {
    const bench = await startedWorkflow();
    const first = await agentKey(bench);
    expect(first.exp).toBe(nowS(bench) + 24 * HOUR_S);
    await stopAndRelease(bench);
    expect(codeOf(await startAgain(bench, { policyS: 24 * HOUR_S }))).toBe("accepted");
    expect((await agentKey(bench)).exp).toBe(nowS(bench) + 24 * HOUR_S + 900);
  });

  it("[ECT-56] is bound anew when a start finds that it would end too early, and only then", async () => {
    const bench = await startedWorkflow();
    const first = await agentKey(bench);
    await stopAndRelease(bench);
    expect(codeOf(await startAgain(bench, { policyS: HOUR_S }))).toBe("accepted");
    expect(await agentKey(bench)).toEqual(first);

    const later = await startedWorkflow();
    const bound = await agentKey(later);
    later.clock.advance(23 * HOUR_S);
    await stopAndRelease(later);
    const again = await startAgain(later, { policyS: 2 * HOUR_S });
    expect(again.ok && again.value.logged.map(({ fact }) => fact.typ)).toEqual(["wit+jwt", "acp+jwt", "exec+jwt"]);
    const renewed = await agentKey(later);
    expect([renewed.exp, renewed.seq > bound.seq]).toEqual([bound.exp + 23 * HOUR_S, true]);
    later.clock.advance(2 * HOUR_S - 60);
    const asked = await later.engine.receive(await later.intent(later.task("late"), "build_site"));
    expect(codeOf(asked)).toBe("accepted");
  });

  it("[ECT-3] is not bound to a second subject", async () => {
    const bench = await startedWorkflow();
    await stopAndRelease(bench);
    const taken = await startAgain(bench, { policyS: HOUR_S, agent: `${bench.agentId}-2` });
    expect(codeOf(taken)).toBe("key_enrolled");
  });
});

describe("a start", () => {
  it("[COM-2] [ECT-12] is an ECT like any other: verified at the moment of its entry, and held", async () => {
    const bench = await startedWorkflow();
    await stopAndRelease(bench);
    expect(codeOf(await startAgain(bench, { policyS: HOUR_S, waitS: 330 }))).toBe("ect_expired");
    expect(codeOf(await startAgain(bench, { policyS: HOUR_S }))).toBe("accepted");
    const acts = await bench.engine.read((state) =>
      [...(state.workflows.get(bench.wid)?.ects.values() ?? [])].map((held) => held.execAct),
    );
    expect(acts).toEqual(["run_start", "run_start"]);
  });

  it("[S4] [OVR-14] [ECT-12] after it a task is asked for anew, unless the stopped agent has stated it done", async () => {
    const bench = await startedWorkflow();
    const [stated, open] = [bench.task("stated"), bench.task("open")];
    for (const task of [stated, open]) await bench.submit(await bench.intent(task, "build_site"));
    await stopAndRelease(bench);
    expect(codeOf(await bench.submit(await bench.ect(stated, "build_site")))).toBe("accepted");
    const again = await startAgain(bench, { policyS: HOUR_S });
    const acp = again.ok ? again.value.logged.find(({ fact }) => fact.typ === "acp+jwt") : undefined;
    for (const task of [stated, open]) {
      const intent = await signToken(
        "intent+jwt",
        {
          iss: bench.agentId,
          aud: [ids.pepId],
          iat: nowS(bench),
          exp: nowS(bench) + 300,
          jti: v4(),
          wid: bench.wid,
          task,
          exec_act: "build_site",
          pred: [],
          inp_hash: digestOf(`in ${task}`),
          args_hash: digestOf(`args ${task}`),
          acp: { jti: acp?.fact.claims.jti, hash: acp?.digest },
        },
        bench.agent,
      );
      await bench.submit(intent);
    }
    const tasks = await bench.engine.read((state) =>
      [stated, open]
        .map((task) => state.workflows.get(bench.wid)?.tasks.get(task))
        .map((task) => [task?.status, task?.code]),
    );
    expect(tasks).toEqual([
      ["refused", "dag_duplicate_task"],
      ["running", null],
    ]);
  });
});
