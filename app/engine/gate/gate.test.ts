import { describe, expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import type { AcpClaimsInput } from "../../protocol/acp/claims.ts";
import { signToken } from "../../protocol/jose/sign-token.ts";
import { alice, type Bench, digestOf, startedWorkflow } from "../engine.fixture.ts";

const START_S = 1_772_064_000;
type Rule = AcpClaimsInput["hitl"]["rules"][number];

const RULE: Rule = {
  id: "r1",
  trigger: { kind: "action", patterns: ["deploy_*"] },
  role: "operator",
  action: "approve",
  timeout_s: 60,
};

function ruled(rules: readonly Rule[], hitl: Partial<AcpClaimsInput["hitl"]> = {}): Promise<Bench> {
  return startedWorkflow(START_S, (policy) => ({
    ...policy,
    hitl: { ...policy.hitl, ...hitl, rules: [...rules] },
  }));
}

/** A waiting request for a deployment, under the terms the policy gives it. */
async function waiting(bench: Bench, name: string, change: object = {}): Promise<{ task: string; request: string }> {
  const task = bench.task(name);
  await bench.submit(await bench.intent(task, "deploy_site"));
  const asked = await bench.submit(await bench.request(task, "deploy_site", change));
  must(asked.ok ? asked : null, JSON.stringify(asked));
  const request = await bench.engine.read((state) =>
    must(state.workflows.get(bench.wid)?.tasks.get(task)?.request, "a request"),
  );
  return { task, request };
}

const codeOf = (result: { ok: boolean; error?: { code: string } }): string =>
  result.ok ? "accepted" : (result.error?.code ?? "");
const statusOf = (bench: Bench, task: string) =>
  bench.engine.read((state) => {
    const found = state.workflows.get(bench.wid)?.tasks.get(task);
    return [found?.status, found?.code];
  });
const gateOf = (bench: Bench, request: string) =>
  bench.engine.read((state) => {
    const gate = state.gates.get(request);
    return { status: gate?.status, escalated: [...(gate?.escalated ?? [])] };
  });

describe("several approvals", () => {
  const rules: Rule[] = [
    { ...RULE, approvals: 2 },
    { ...RULE, id: "r2", role: "finance" },
  ];
  const terms = {
    rule_ids: ["r1", "r2"],
    approvals: 2,
    roles: [
      { role: "operator", approvals: 2 },
      { role: "finance", approvals: 1 },
    ],
  };

  it("[ACP-16] [ACP-28] [ACP-30] [D1] [D2] each role needs its own, by distinct people, none of them who started the workflow", async () => {
    const bench = await ruled(rules);
    const bob = await bench.person("bob", ["operator", "finance"]);
    const carol = await bench.person("carol", ["operator"]);
    const dave = await bench.person("dave", ["finance"]);
    const { task, request } = await waiting(bench, "deploy", terms);
    expect(codeOf(await bench.submit(await bench.decision(request, "approve")))).toBe("hitl_not_distinct");
    expect(codeOf(await bench.submit(await dave.decision(request, "approve")))).toBe("hitl_role_denied");
    expect(codeOf(await bench.submit(await bob.decision(request, "approve")))).toBe("accepted");
    expect(codeOf(await bench.submit(await bob.decision(request, "approve", { role: "finance" })))).toBe(
      "hitl_not_distinct",
    );
    expect(codeOf(await bench.submit(await dave.decision(request, "approve", { role: "finance" })))).toBe("accepted");
    expect(await statusOf(bench, task)).toEqual(["waiting", null]);
    expect(codeOf(await bench.submit(await carol.decision(request, "approve")))).toBe("accepted");
    expect(await statusOf(bench, task)).toEqual(["running", null]);
  });

  it("[ACP-S7] the request cannot leave a role out", async () => {
    const bench = await ruled(rules);
    const task = bench.task("deploy");
    await bench.submit(await bench.intent(task, "deploy_site"));
    const short = { ...terms, roles: [{ role: "operator", approvals: 2 }] };
    expect(codeOf(await bench.submit(await bench.request(task, "deploy_site", short)))).toBe("hitl_bind_mismatch");
  });

  it("[ACP-17] one reject outweighs what was approved before", async () => {
    const bench = await ruled(rules);
    const bob = await bench.person("bob", ["operator"]);
    const dave = await bench.person("dave", ["finance"]);
    const { task, request } = await waiting(bench, "deploy", terms);
    await bench.submit(await bob.decision(request, "approve"));
    await bench.submit(await dave.decision(request, "reject", { role: "finance" }));
    expect(await statusOf(bench, task)).toEqual(["refused", "hitl_rejected"]);
  });
});

describe("escalation", () => {
  const escalating = { escalation: [{ role: "duty_manager", after_s: 30 }] };

  it("[ACP-31] asks another role after its time, which may then decide", async () => {
    const bench = await ruled([RULE], escalating);
    const bob = await bench.person("bob", ["duty_manager"]);
    const { task, request } = await waiting(bench, "deploy");
    const early = await bob.decision(request, "approve", { role: "duty_manager" });
    expect(codeOf(await bench.submit(early))).toBe("hitl_role_denied");
    expect(codeOf(await bench.engine.submit({ kind: "gate_escalation", request, step: 0 }))).toBe("accepted");
    expect(codeOf(await bench.engine.submit({ kind: "gate_escalation", request, step: 0 }))).toBe("hitl_escalated");
    expect(await gateOf(bench, request)).toEqual({ status: "pending", escalated: ["duty_manager"] });
    const late = await bob.decision(request, "approve", { role: "duty_manager" });
    expect(codeOf(await bench.submit(late))).toBe("accepted");
    expect(await statusOf(bench, task)).toEqual(["running", null]);
  });

  it("[ACP-31] a human may escalate at once, and only as far as there is somebody", async () => {
    const bench = await ruled([RULE], escalating);
    const { request } = await waiting(bench, "deploy");
    expect(codeOf(await bench.submit(await bench.decision(request, "escalate")))).toBe("accepted");
    const bob = await bench.person("bob", ["duty_manager"]);
    const again = await bob.decision(request, "escalate", { role: "duty_manager" });
    expect(codeOf(await bench.submit(again))).toBe("hitl_no_escalation");
  });

  it("[ACP-10] [ACP-31] on time-out goes to the next once, and then the answer is no", async () => {
    const bench = await ruled([{ ...RULE, on_timeout: "escalate" }], escalating);
    const { task, request } = await waiting(bench, "deploy");
    bench.clock.advance(61);
    await bench.engine.submit({ kind: "gate_deadline", request });
    expect(await gateOf(bench, request)).toEqual({ status: "pending", escalated: ["duty_manager"] });
    bench.clock.advance(60);
    await bench.engine.submit({ kind: "gate_deadline", request });
    expect(await gateOf(bench, request)).toMatchObject({ status: "rejected" });
    expect(await statusOf(bench, task)).toEqual(["refused", "hitl_timed_out"]);
  });

  it("a deadline that was escalated begins anew", async () => {
    const bench = await ruled([{ ...RULE, on_timeout: "escalate" }], escalating);
    const { task, request } = await waiting(bench, "deploy");
    bench.clock.advance(61);
    expect(codeOf(await bench.submit(await bench.decision(request, "approve")))).toBe("hitl_not_pending");
    await bench.engine.submit({ kind: "gate_deadline", request });
    expect(codeOf(await bench.submit(await bench.decision(request, "approve")))).toBe("accepted");
    expect(await statusOf(bench, task)).toEqual(["running", null]);
  });

  it("[ACP-10] silence is consent for an action without a consequence alone", async () => {
    const rule: Rule = { ...RULE, on_timeout: "allow" };
    const bench = await startedWorkflow(START_S, (policy) => ({
      ...policy,
      dag: { ...policy.dag, nodes: policy.dag.nodes.map((node) => ({ ...node, consequence: "none" as const })) },
      hitl: { ...policy.hitl, rules: [rule] },
    }));
    const { task, request } = await waiting(bench, "deploy", { consequence: "none" });
    bench.clock.advance(61);
    await bench.engine.submit({ kind: "gate_deadline", request });
    expect(await statusOf(bench, task)).toEqual(["running", null]);
  });
});

describe("a rule that pauses", () => {
  it("[ACP-32] holds the whole agent until a human answered, and nothing of it is recorded meanwhile", async () => {
    const bench = await ruled([{ ...RULE, action: "pause" }]);
    const before = bench.task("before");
    await bench.submit(await bench.intent(before, "build_site"));
    const { task, request } = await waiting(bench, "deploy");
    expect(codeOf(await bench.submit(await bench.intent(bench.task("other"), "build_site")))).toBe("agent_suspended");
    const held = await bench.engine.submit({ kind: "effect", wid: bench.wid, task: before, latch: null });
    expect(codeOf(held)).toBe("agent_suspended");
    expect(await statusOf(bench, before)).toEqual(["running", null]);
    await bench.submit(await bench.decision(request, "approve"));
    expect(await statusOf(bench, task)).toEqual(["running", null]);
    expect(codeOf(await bench.submit(await bench.intent(bench.task("other"), "build_site")))).toBe("accepted");
    const done = await bench.engine.submit({ kind: "effect", wid: bench.wid, task: before, latch: null });
    expect(codeOf(done)).toBe("accepted");
  });
});

describe("a decision", () => {
  it("[ACP-11] [XA-16] an approval is used up by an effect that a stop then withheld, and by one whose time was over it is not", async () => {
    const bench = await ruled([RULE]);
    const { task, request } = await waiting(bench, "withheld");
    await bench.submit(await bench.decision(request, "approve"));
    await bench.engine.submit({ kind: "effect", wid: bench.wid, task, latch: null });
    await bench.engine.submit({ kind: "effect_withheld", wid: bench.wid, task, code: "override_active" });
    expect(await statusOf(bench, task)).toEqual(["stopped", "override_active"]);
    expect((await gateOf(bench, request)).status).toBe("consumed");
    const late = await waiting(bench, "late");
    await bench.submit(await bench.decision(late.request, "approve"));
    bench.clock.advance(10_000);
    await bench.engine.submit({ kind: "effect", wid: bench.wid, task: late.task, latch: null });
    expect((await gateOf(bench, late.request)).status).toBe("expired");
  });

  it("may abort, which ends the task like a refusal and says so", async () => {
    const bench = await ruled([RULE]);
    const { task, request } = await waiting(bench, "deploy");
    expect(codeOf(await bench.submit(await bench.decision(request, "abort")))).toBe("accepted");
    expect(await statusOf(bench, task)).toEqual(["refused", "hitl_aborted"]);
    expect(await gateOf(bench, request)).toMatchObject({ status: "aborted" });
  });

  it("[ACP-11] cannot modify what offers no modification", async () => {
    const bench = await ruled([RULE]);
    const { request } = await waiting(bench, "deploy");
    const modified = { args_hash: digestOf("{}"), args: {} };
    expect(codeOf(await bench.submit(await bench.decision(request, "modify", { modified })))).toBe(
      "hitl_outcome_not_offered",
    );
  });

  it("[ACP-29] is no exemption from limits that others used up while it waited", async () => {
    const bench = await startedWorkflow(START_S, (policy) => ({
      ...policy,
      dag: {
        ...policy.dag,
        nodes: policy.dag.nodes.map((node) => (node.id === "n2" ? { ...node, constraints: { max_calls: 1 } } : node)),
      },
    }));
    const first = await waiting(bench, "first");
    const second = await waiting(bench, "second");
    await bench.submit(await bench.decision(first.request, "approve"));
    await bench.submit(await bench.decision(second.request, "approve"));
    expect(await statusOf(bench, first.task)).toEqual(["running", null]);
    expect(await statusOf(bench, second.task)).toEqual(["refused", "acp_constraint_violated"]);
    expect(await gateOf(bench, second.request)).toMatchObject({ status: "expired" });
  });
});

describe("a request nobody answers", () => {
  it("[ACP-S8] keeps its gate closed when the console that waited for it is gone", async () => {
    const bench = await ruled([RULE]);
    const { task } = await waiting(bench, "deploy");
    const again = await bench.reopen();
    const tried = await again.submit({ kind: "effect", wid: bench.wid, task, latch: null });
    expect(codeOf(tried)).toBe("task_not_permitted");
    expect(await again.read((state) => state.workflows.get(bench.wid)?.tasks.get(task)?.status)).toBe("waiting");
  });
});

describe("a policy token", () => {
  it("[ACP-4] [ACP-5] is a plain signed JWT: not encrypted, and nothing of WIMSE beside it", async () => {
    const bench = await ruled([RULE]);
    const tokens: string[] = [];
    for await (const chunk of bench.storage.log.read("console.local", 0, 100))
      tokens.push(...chunk.map((entry) => entry.token));
    const headers = tokens.map((token) => JSON.parse(atob((token.split(".")[0] ?? "").replaceAll("-", "+"))));
    const policy = headers.findIndex((header) => header.typ === "acp+jwt");
    expect(Object.keys(headers[policy]).sort()).toEqual(["alg", "kid", "typ"]);
    expect(tokens[policy]?.split(".")).toHaveLength(3);
    expect(await bench.engine.read((state) => state.policies.has(bench.acp.jti))).toBe(true);
  });
});

describe("a revocation", () => {
  const revocation = (bench: Bench, change: object = {}) =>
    signToken(
      "acp-revocation+jwt",
      {
        iss: alice,
        aud: ["spiffe://console.local/pep"],
        iat: Math.floor(bench.clock.nowMs() / 1000),
        exp: Math.floor(bench.clock.nowMs() / 1000) + 120,
        jti: crypto.randomUUID(),
        acp: bench.acp,
        auth_time: Math.floor(bench.clock.nowMs() / 1000),
        amr: ["pwd", "user"],
        role: "operator",
        reason: "wrong limits",
        ...change,
      },
      bench.operator,
    );

  it("[ACP-19] [ACP-33] takes everything under the policy out of force before the next action", async () => {
    const bench = await ruled([RULE]);
    const build = bench.task("build");
    await bench.submit(await bench.intent(build, "build_site"));
    const { task, request } = await waiting(bench, "deploy");
    expect(codeOf(await bench.submit(await revocation(bench)))).toBe("accepted");
    expect(await statusOf(bench, build)).toEqual(["refused", "acp_revoked"]);
    expect(await statusOf(bench, task)).toEqual(["refused", "acp_revoked"]);
    expect(await gateOf(bench, request)).toMatchObject({ status: "aborted" });
    await bench.submit(await bench.intent(bench.task("later"), "build_site"));
    expect(await statusOf(bench, bench.task("later"))).toEqual(["refused", "acp_revoked"]);
    expect(codeOf(await bench.submit(await revocation(bench)))).toBe("acp_revoked");
    const again = await bench.reopen();
    expect(await again.read((state) => [...state.revocations.keys()])).toEqual([bench.acp.jti]);
  });

  it("[ACP-33] needs somebody who may, and the very policy", async () => {
    const bench = await ruled([RULE]);
    const other = { jti: bench.acp.jti, hash: "A".repeat(43) };
    expect(codeOf(await bench.submit(await revocation(bench, { acp: other })))).toBe("acp_parent_missing");
    expect(codeOf(await bench.submit(await revocation(bench, { role: "finance" })))).toBe(
      "acp_revocation_unauthorized",
    );
    expect(codeOf(await bench.submit(await revocation(bench, { auth_time: START_S - 4000 })))).toBe("hitl_auth_stale");
  });
});
