import { describe, expect, it } from "vitest";
import { must } from "../base/assert.ts";
import { alice, type Bench, startedWorkflow } from "./engine.fixture.ts";

const codeOf = (result: { ok: boolean; error?: { code: string } }): string =>
  result.ok ? "accepted" : (result.error?.code ?? "");
const statusOf = (bench: Bench, task: string) =>
  bench.engine.read((state) => state.workflows.get(bench.wid)?.tasks.get(task)?.status);

async function gated(bench: Bench, name: string): Promise<{ task: string; request: string }> {
  const task = bench.task(name);
  await bench.submit(await bench.intent(task, "deploy_site"));
  await bench.submit(await bench.request(task, "deploy_site"));
  const request = await bench.engine.read((state) =>
    must(state.workflows.get(bench.wid)?.tasks.get(task)?.request, "a request"),
  );
  return { task, request };
}

describe("an action within the policy", () => {
  it("[C8] [ECT-1] [ECT-50] [ECT-51] is asked for, permitted, let through and reported, each as an entry of its own", async () => {
    const bench = await startedWorkflow();
    const task = bench.task("build");
    const asked = await bench.submit(await bench.intent(task, "build_site"));
    expect(asked.ok && asked.value.logged.map(({ fact }) => fact.typ)).toEqual(["intent+jwt", "record+jwt"]);
    expect(await statusOf(bench, task)).toBe("running");
    await bench.engine.submit({ kind: "effect", wid: bench.wid, task, latch: null });
    expect(await statusOf(bench, task)).toBe("effect");
    expect(codeOf(await bench.submit(await bench.ect(task, "build_site")))).toBe("accepted");
    expect(await statusOf(bench, task)).toBe("done");
  });

  it("[ECT-11] [ECT-12] [ECT-16] takes one ECT per task, and only over known predecessors", async () => {
    const bench = await startedWorkflow();
    const task = bench.task("build");
    await bench.submit(await bench.intent(task, "build_site"));
    await bench.engine.submit({ kind: "effect", wid: bench.wid, task, latch: null });
    expect(codeOf(await bench.submit(await bench.ect(task, "build_site", [bench.task("never ran")])))).toBe(
      "dag_pred_missing",
    );
    await bench.submit(await bench.ect(task, "build_site"));
    expect(codeOf(await bench.submit(await bench.ect(task, "build_site")))).toBe("dag_duplicate_task");
  });

  it("[XA-16] a refusal is recorded like a permission: outside the policy, and beyond its limit", async () => {
    const bench = await startedWorkflow();
    await bench.submit(await bench.intent(bench.task("drop"), "drop_tables"));
    for (const name of ["a", "b", "c", "d"]) await bench.submit(await bench.intent(bench.task(name), "build_site"));
    const codes = await bench.engine.read((state) =>
      ["drop", "c", "d"].map((name) => state.workflows.get(bench.wid)?.tasks.get(bench.task(name))?.code),
    );
    expect(codes).toEqual(["acp_action_denied", null, "acp_constraint_violated"]);
  });

  it("[COM-7] a token id is taken once", async () => {
    const bench = await startedWorkflow();
    const intent = await bench.intent(bench.task("build"), "build_site");
    expect(codeOf(await bench.submit(intent))).toBe("accepted");
    expect(codeOf(await bench.submit(intent))).toBe("token_replayed");
  });
});

describe("an action that needs a human", () => {
  it("[ACP-11] [ACP-12] [ACP-S3] runs once, after an approval of exactly it", async () => {
    const bench = await startedWorkflow();
    const { task, request } = await gated(bench, "deploy");
    expect(await statusOf(bench, task)).toBe("waiting");
    await bench.engine.submit({ kind: "effect", wid: bench.wid, task, latch: null });
    expect(await statusOf(bench, task)).toBe("waiting");
    const other = { bind: { exec_act: "deploy_site", inp_hash: "A".repeat(43), args_hash: "A".repeat(43) } };
    expect(codeOf(await bench.submit(await bench.decision(request, "approve", other)))).toBe("hitl_bind_mismatch");
    expect(codeOf(await bench.submit(await bench.decision(request, "approve")))).toBe("accepted");
    await bench.engine.submit({ kind: "effect", wid: bench.wid, task, latch: null });
    expect(await statusOf(bench, task)).toBe("effect");
    expect(await bench.engine.read((state) => state.gates.get(request)?.status)).toBe("consumed");
    expect(codeOf(await bench.submit(await bench.decision(request, "approve")))).toBe("hitl_not_pending");
    expect(codeOf(await bench.engine.submit({ kind: "effect", wid: bench.wid, task, latch: null }))).toBe(
      "task_not_permitted",
    );
  });

  it("[ACP-17] is refused for good by a reject", async () => {
    const bench = await startedWorkflow();
    const { task, request } = await gated(bench, "deploy");
    await bench.submit(await bench.decision(request, "reject"));
    expect(await statusOf(bench, task)).toBe("refused");
    expect(codeOf(await bench.submit(await bench.decision(request, "approve")))).toBe("hitl_not_pending");
  });

  it("[ACP-10] [R8] [ECT-52] is denied when nobody answers, by a record that names the timer", async () => {
    const bench = await startedWorkflow();
    const { task, request } = await gated(bench, "deploy");
    bench.clock.advance(61);
    const expired = await bench.engine.submit({ kind: "gate_deadline", request });
    const fact = expired.ok ? expired.value.logged[0]?.fact : undefined;
    expect(fact?.typ === "record+jwt" && fact.claims.cause).toEqual({ timer: "gate_deadline", of: request });
    expect(await statusOf(bench, task)).toBe("refused");
  });

  it.each([
    ["hitl_auth_stale", { auth_time: 1_772_000_000 }],
    ["hitl_reason_missing", { reason: " " }],
    ["hitl_role_denied", { role: "finance" }],
    ["object_hash_mismatch", { request: { jti: "", hash: "A".repeat(43) } }],
  ])("[ACP-11] a decision with %s is refused and the gate stays closed", async (code, change) => {
    const bench = await startedWorkflow();
    const { task, request } = await gated(bench, "deploy");
    const altered = "request" in change ? { request: { jti: request, hash: change.request.hash } } : change;
    expect(codeOf(await bench.submit(await bench.decision(request, "approve", altered)))).toBe(code);
    expect(await statusOf(bench, task)).toBe("waiting");
  });

  it("[ACP-S7] the agent cannot skip the request, nor ask under terms of its own", async () => {
    const bench = await startedWorkflow();
    const task = bench.task("deploy");
    await bench.submit(await bench.intent(task, "deploy_site"));
    expect(codeOf(await bench.engine.submit({ kind: "effect", wid: bench.wid, task, latch: null }))).toBe(
      "task_not_permitted",
    );
    expect(codeOf(await bench.submit(await bench.request(task, "deploy_elsewhere")))).toBe("hitl_bind_mismatch");
    expect(codeOf(await bench.submit(await bench.ect(task, "deploy_site")))).toBe("task_not_permitted");
  });

  it("[ACP-S3] an approval that was not used in time lets nothing through", async () => {
    const bench = await startedWorkflow();
    const { task, request } = await gated(bench, "deploy");
    await bench.submit(await bench.decision(request, "approve"));
    bench.clock.advance(301);
    await bench.engine.submit({ kind: "effect", wid: bench.wid, task, latch: null });
    expect(await bench.engine.read((state) => state.workflows.get(bench.wid)?.tasks.get(task)?.code)).toBe(
      "hitl_decision_expired",
    );
  });
});

describe("a stop", () => {
  it("[OVR-16] [S3] halts what is running and waiting, aborts its gates and refuses what comes after", async () => {
    const bench = await startedWorkflow();
    const { task, request } = await gated(bench, "deploy");
    const build = bench.task("build");
    await bench.submit(await bench.intent(build, "build_site"));
    expect(codeOf(await bench.submit(await bench.stop()))).toBe("accepted");
    expect([await statusOf(bench, task), await statusOf(bench, build)]).toEqual(["stopped", "stopped"]);
    expect(await bench.engine.read((state) => state.gates.get(request)?.status)).toBe("aborted");
    const late = bench.task("late");
    await bench.submit(await bench.intent(late, "build_site"));
    expect(await bench.engine.read((state) => state.workflows.get(bench.wid)?.tasks.get(late)?.code)).toBe(
      "override_active",
    );
    expect(codeOf(await bench.engine.submit({ kind: "effect", wid: bench.wid, task: build, latch: null }))).toBe(
      "task_not_permitted",
    );
  });

  it("[S3] stays latched when the engine is opened again over the same log", async () => {
    const bench = await startedWorkflow();
    await bench.submit(await bench.stop());
    const again = await bench.reopen();
    expect(again.fault()).toBeNull();
    expect(await again.read((state) => [...state.overrides.values()].map((signal) => signal.latched))).toEqual([true]);
    expect(await again.read((state) => state.workflows.get(bench.wid)?.status)).toBe("stopped");
  });

  it("[S4] [OVR-14] a release takes the latch away and starts nothing", async () => {
    const bench = await startedWorkflow();
    const stop = await bench.stop();
    await bench.submit(stop);
    const jti = await bench.engine.read((state) => must([...state.overrides.keys()][0], "a signal"));
    const release = await bench.stop({
      level: "mandatory",
      action: "release",
      params: { of: jti },
      seq: 2,
      reason: "looked at it",
    });
    expect(codeOf(await bench.submit(release))).toBe("accepted");
    expect(await bench.engine.read((state) => state.workflows.get(bench.wid)?.status)).toBe("stopped");
    const after = bench.task("after");
    await bench.submit(await bench.intent(after, "build_site"));
    expect(await statusOf(bench, after)).toBe("stopped");
  });

  it("[OVR-S1] [OVR-S5] an unauthorized stop halts all the same and is reported; an unauthorized release does nothing", async () => {
    const bench = await startedWorkflow();
    await bench.submit(await bench.stop({ auth_time: 1 }));
    const signal = await bench.engine.read((state) => must([...state.overrides.values()][0], "a signal"));
    expect([signal.latched, signal.code]).toEqual([true, "override_unauthorized"]);
    const release = await bench.stop({
      level: "mandatory",
      action: "release",
      params: { of: signal.jti },
      seq: 2,
      auth_time: 1,
    });
    expect(codeOf(await bench.submit(release))).toBe("override_unauthorized");
  });
});

describe("the log", () => {
  it("[INV-1] [XA-9] folding it again gives the same state and the same root", async () => {
    const bench = await startedWorkflow();
    const { request } = await gated(bench, "deploy");
    await bench.submit(await bench.decision(request, "approve"));
    await bench.submit(await bench.stop());
    const before = await bench.engine.read((state, head) =>
      structuredClone({ state: { ...state, seen: null }, root: head.root }),
    );
    const again = await bench.reopen();
    const after = await again.read((state, head) =>
      structuredClone({ state: { ...state, seen: null }, root: head.root }),
    );
    expect(after.root).toBe(before.root);
    expect(after.state.workflows).toEqual(before.state.workflows);
    expect(after.state.gates).toEqual(before.state.gates);
    expect(after.state.overrides).toEqual(before.state.overrides);
  });

  it("[XA-11] a head is signed at once after a stop", async () => {
    const bench = await startedWorkflow();
    const heads = async () => {
      const stored = await bench.storage.log.heads("console.local");
      return stored.ok ? stored.value.length : 0;
    };
    const before = await heads();
    await bench.submit(await bench.intent(bench.task("a"), "build_site"));
    expect(await heads()).toBe(before);
    await bench.submit(await bench.stop());
    expect(await heads()).toBe(before + 1);
  });

  it("[COM-12] [ECT-3] a token by a key nobody enrolled, or for another issuer, is refused", async () => {
    const bench = await startedWorkflow();
    const other = await startedWorkflow();
    expect(codeOf(await bench.submit(await other.stop()))).toBe("token_key_unknown");
    expect(codeOf(await bench.submit(await bench.stop({ iss: `${alice}x` })))).toBe("token_issuer_mismatch");
  });
});
