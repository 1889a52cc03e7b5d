import { v4 } from "uuid";
import { describe, expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import { toBase64url, utf8 } from "../../base/bytes.ts";
import { generateSigner } from "../../protocol/jose/keys.ts";
import { signToken } from "../../protocol/jose/sign-token.ts";
import { alice, type Bench, digestOf, ids, startedWorkflow } from "../engine.fixture.ts";
import { evolve } from "../evolve.ts";

const codeOf = (result: { ok: boolean; error?: { code: string } }): string =>
  result.ok ? "accepted" : (result.error?.code ?? "");
const taskOf = (bench: Bench, task: string) =>
  bench.engine.read((state) => structuredClone(state.workflows.get(bench.wid)?.tasks.get(task)));
const workflowOf = (bench: Bench) =>
  bench.engine.read((state) => structuredClone(must(state.workflows.get(bench.wid), "the workflow")));

/** A task whose effect was let through: its ECT is due. */
async function due(bench: Bench, name: string, pred: readonly string[] = [], execAct = "build_site"): Promise<string> {
  const task = bench.task(name);
  await bench.submit(await bench.intent(task, execAct, pred));
  await bench.engine.submit({ kind: "effect", wid: bench.wid, task, latch: null });
  expect((await taskOf(bench, task))?.status).toBe("effect");
  return task;
}

async function done(bench: Bench, name: string, pred: readonly string[] = []): Promise<string> {
  const task = await due(bench, name, pred);
  expect(codeOf(await bench.submit(await bench.ect(task, "build_site", pred)))).toBe("accepted");
  return task;
}

/** The agent's ECT for a task, with claims of one's choosing. */
function ectOf(bench: Bench, task: string, change: object = {}): Promise<string> {
  const at = Math.floor(bench.clock.nowMs() / 1000);
  const claims = {
    iss: bench.agentId,
    aud: [ids.pepId],
    iat: at,
    exp: at + 300,
    jti: task,
    wid: bench.wid,
    exec_act: "build_site",
    pred: [],
    inp_hash: digestOf(`in ${task}`),
    ect_ext: { acp_ref: bench.acp },
  };
  return signToken("exec+jwt", { ...claims, ...change }, bench.agent);
}

const join = (bench: Bench, jti: string, pred: readonly string[]): Promise<string> =>
  ectOf(bench, jti, { exec_act: "join", pred, inp_hash: undefined, ect_ext: undefined });

describe("an ECT that arrives", () => {
  it("[ECT-3] [ECT-9] [ECT-16] [ECT-40] [COM-1] is verified by ect.md's steps, one code for the first that fails", async () => {
    const bench = await startedWorkflow();
    const task = await due(bench, "build");
    const at = Math.floor(bench.clock.nowMs() / 1000);
    const cases: readonly (readonly [string, object])[] = [
      ["ect_issuer_mismatch", { iss: `${bench.agentId}x`, aud: "spiffe://other.example/x" }],
      ["ect_audience_mismatch", { aud: "spiffe://other.example/x", exp: at - 30 }],
      ["ect_expired", { iat: at - 930, exp: at - 30 }],
      ["ect_iat_out_of_window", { iat: at - 901, exp: at - 1 }],
      ["ect_iat_out_of_window", { iat: at + 31, exp: at + 60, pred: [task] }],
      ["ect_claim_invalid", { pred: [task] }],
      ["ect_ext_too_large", { ect_ext: { pol: "p".repeat(4097) } }],
      ["ect_pol_pair", { ect_ext: { pol: "p" }, pred: [bench.task("never ran")] }],
      ["dag_pred_missing", { pred: [bench.task("never ran")], exec_act: "other" }],
      ["hitl_bind_mismatch", { exec_act: "other" }],
      ["accepted", {}],
    ];
    for (const [expected, change] of cases)
      expect([expected, codeOf(await bench.submit(await ectOf(bench, task, change)))]).toEqual([expected, expected]);
  });

  it("[ECT-22] [ECT-24] [ECT-33] is signed: an unsigned record is of too low a level, a broken one malformed", async () => {
    const bench = await startedWorkflow();
    const task = await due(bench, "build");
    const [header = "", payload = ""] = (await ectOf(bench, task)).split(".");
    const unsigned = await bench.submit(payload);
    expect(
      unsigned.ok ? "accepted" : [unsigned.error.code, "status" in unsigned.error && unsigned.error.status],
    ).toEqual(["ect_level_insufficient", 403]);
    const broken = await bench.submit(`${header}.${toBase64url(utf8("[]"))}.AA`);
    expect(broken.ok ? "accepted" : [broken.error.code, "status" in broken.error && broken.error.status]).toEqual([
      "ect_malformed",
      400,
    ]);
    const strange = await generateSigner("ES256");
    const claims = JSON.parse(new TextDecoder().decode(Buffer.from(payload, "base64url"))) as object;
    expect(codeOf(await bench.submit(await signToken("exec+jwt", claims, strange.signer)))).toBe("ect_key_unknown");
  });

  it("[ECT-11] [ECT-12] is taken once: the same token is a replay, another one for its task a duplicate", async () => {
    const bench = await startedWorkflow();
    const task = await due(bench, "build");
    const token = await ectOf(bench, task);
    expect(codeOf(await bench.submit(token))).toBe("accepted");
    expect(codeOf(await bench.submit(token))).toBe("ect_replayed");
    expect(codeOf(await bench.submit(await ectOf(bench, task)))).toBe("dag_duplicate_task");
    const started = await bench.engine.read((state) => [...(state.workflows.get(bench.wid)?.ects.keys() ?? [])][0]);
    expect(codeOf(await bench.submit(await join(bench, must(started, "a run_start"), [task])))).toBe(
      "dag_duplicate_task",
    );
  });

  it("[COM-3] comes after its predecessors, give or take half a minute", async () => {
    const bench = await startedWorkflow();
    const at = Math.floor(bench.clock.nowMs() / 1000);
    const first = await due(bench, "first");
    expect(codeOf(await bench.submit(await ectOf(bench, first, { iat: at + 25, exp: at + 60 })))).toBe("accepted");
    const second = await due(bench, "second", [first]);
    const made = (iat: number) => ectOf(bench, second, { pred: [first], iat });
    expect(codeOf(await bench.submit(await made(at - 5)))).toBe("dag_time_order");
    expect(codeOf(await bench.submit(await made(at - 4)))).toBe("accepted");
  });

  it("[ECT-16] [ECT-S2] closes no cycle: what rests on what is not there yet is refused where the cycle would begin", async () => {
    const bench = await startedWorkflow();
    const [a, b] = [bench.task("a"), bench.task("b")];
    for (const [task, pred] of [
      [a, b],
      [b, a],
    ] as const) {
      await bench.submit(await bench.intent(task, "build_site", [pred]));
      expect((await taskOf(bench, task))?.code).toBe("dag_pred_missing");
      expect(codeOf(await bench.submit(await ectOf(bench, task, { pred: [pred] })))).toBe("dag_pred_missing");
    }
  });

  it("[COM-2] is judged at the time of its entry, however long it waited for it", async () => {
    const bench = await startedWorkflow();
    const task = await due(bench, "build");
    const received = await bench.engine.receive(await ectOf(bench, task));
    const { verified, fact } = must(received.ok ? received.value : null, "a received ECT");
    bench.clock.advance(330);
    expect(codeOf(await bench.engine.submit({ kind: "token", verified, fact }))).toBe("ect_expired");
  });
});

describe("an ECT's predecessors", () => {
  it("[ECT-53] are those of its intent: none left out, none made up", async () => {
    const bench = await startedWorkflow();
    const [first, other] = [await done(bench, "first"), await done(bench, "other")];
    const task = await due(bench, "task", [first]);
    const state = (pred: readonly string[]) => bench.ect(task, "build_site", pred).then(bench.submit);
    expect(await state([])).toMatchObject({ error: { code: "ect_pred_mismatch", tasks: [first] } });
    expect(await state([other])).toMatchObject({ error: { code: "ect_pred_mismatch", tasks: [first, other] } });
    expect(await state([first, other])).toMatchObject({ error: { code: "ect_pred_mismatch", tasks: [other] } });
    expect(codeOf(await state([first]))).toBe("accepted");
  });

  it("[ECT-53] may be joined by the tasks that were called while it was under way", async () => {
    const bench = await startedWorkflow();
    const caller = bench.task("caller");
    await bench.submit(await bench.intent(caller, "build_site"));
    const called = await done(bench, "called");
    await bench.engine.submit({ kind: "effect", wid: bench.wid, task: caller, latch: null });
    expect(codeOf(await bench.submit(await bench.ect(caller, "build_site", [called])))).toBe("accepted");
  });

  it("[ECT-53] [ECT-16] stand for what they join, in an intent and in its ECT", async () => {
    const bench = await startedWorkflow();
    const [first, second] = [await done(bench, "first"), await done(bench, "second")];
    const [one, both] = [v4(), v4()];
    expect(codeOf(await bench.submit(await join(bench, v4(), [])))).toBe("ect_claim_invalid");
    expect(codeOf(await bench.submit(await join(bench, one, [second])))).toBe("accepted");
    expect(codeOf(await bench.submit(await join(bench, both, [first, one])))).toBe("accepted");
    const task = await due(bench, "task", [both]);
    const state = (pred: readonly string[]) => bench.ect(task, "build_site", pred).then(bench.submit);
    expect(await state([])).toMatchObject({ error: { code: "ect_pred_mismatch" } });
    expect(await state([one])).toMatchObject({ error: { code: "ect_pred_mismatch", tasks: [first] } });
    expect(codeOf(await state([second, first]))).toBe("accepted");
  });
});

describe("what an agent may call its work", () => {
  it("[S4] [OVR-14] [ECT-54] a stopped agent starts nothing, by no name and under no policy", async () => {
    const bench = await startedWorkflow();
    const task = await due(bench, "build");
    const running = bench.task("running");
    await bench.submit(await bench.intent(running, "build_site"));
    await bench.submit(await bench.stop());
    const before = await workflowOf(bench);
    expect([before.status, [...before.halted]]).toEqual(["stopped", [bench.agentId]]);
    const start = (jti: string) =>
      ectOf(bench, jti, {
        exec_act: "run_start",
        inp_hash: undefined,
        ect_ext: {
          obj_typ: "recorded-run+json",
          obj_id: "run",
          obj_hash: digestOf("run"),
          "org.signalbox.acp": { jti: v4(), hash: digestOf("another policy") },
        },
      });
    for (const jti of [running, task, v4()])
      expect(codeOf(await bench.submit(await start(jti)))).toBe("ect_act_reserved");
    expect(await workflowOf(bench)).toEqual(before);
  });

  it("[S4] [OVR-14] [ECT-55] a run_start that is in a log all the same starts nothing when it is not a human's", async () => {
    const bench = await startedWorkflow();
    await bench.submit(await bench.stop());
    await bench.engine.read((state) => {
      const copy = structuredClone(state);
      const claims = {
        iss: bench.agentId,
        aud: [ids.pepId],
        iat: 1,
        exp: 2,
        jti: v4(),
        wid: bench.wid,
        exec_act: "run_start",
        pred: [],
        ect_ext: { obj_typ: "recorded-run+json", obj_hash: digestOf("run"), "org.signalbox.acp": { ...bench.acp } },
      };
      const logged = { seq: copy.size, receivedAt: 1, digest: "" };
      evolve(copy, { ...logged, fact: { typ: "exec+jwt", claims } });
      expect(copy.workflows.get(bench.wid)).toMatchObject({ status: "stopped", acp: bench.acp.jti });
      for (const named of [
        { ...bench.acp, jti: v4() },
        { ...bench.acp, hash: digestOf("another policy") },
      ]) {
        const ect_ext = { ...claims.ect_ext, "org.signalbox.acp": named };
        evolve(copy, { ...logged, fact: { typ: "exec+jwt", claims: { ...claims, iss: alice, ect_ext } } });
        expect(copy.workflows.get(bench.wid)).toMatchObject({ status: "stopped", acp: bench.acp.jti });
      }
      evolve(copy, { ...logged, fact: { typ: "exec+jwt", claims: { ...claims, iss: alice } } });
      expect(copy.workflows.get(bench.wid)).toMatchObject({ status: "running" });
    });
  });

  it.each(["run_start", "join", "compensate", "hitl_decision", "override_ack", "rollback_result"])(
    "[ECT-54] [ECT-50] an intent for %s is refused on record",
    async (execAct) => {
      const bench = await startedWorkflow();
      const task = bench.task(execAct);
      expect(codeOf(await bench.submit(await bench.intent(task, execAct)))).toBe("accepted");
      expect(await taskOf(bench, task)).toMatchObject({ status: "refused", code: "ect_act_reserved" });
    },
  );

  it("[ECT-54] a stopped agent's ECT is evidence only of the task it had asked for", async () => {
    const bench = await startedWorkflow();
    const task = bench.task("build");
    await bench.submit(await bench.intent(task, "build_site"));
    await bench.submit(await bench.stop());
    expect(codeOf(await bench.submit(await ectOf(bench, task, { exec_act: "deploy_site" })))).toBe(
      "hitl_bind_mismatch",
    );
    expect(codeOf(await bench.submit(await ectOf(bench, task)))).toBe("accepted");
    expect(await taskOf(bench, task)).toMatchObject({ status: "stopped" });
  });
});
