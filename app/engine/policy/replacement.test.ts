import { v4 } from "uuid";
import { describe, expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import { signToken, tokenDigest } from "../../protocol/jose/sign-token.ts";
import { type Bench, digestOf, sha256 } from "../engine.fixture.ts";
import type { FactOf } from "../fact.ts";
import {
  agentOf,
  aliceOf,
  codeOf,
  common,
  DEPLOY,
  effectOf,
  gateOf,
  intentToken,
  nowS,
  replacement,
  requestOf,
  ruled,
  type Signing,
  sizeOf,
  statusOf,
  waiting,
} from "../gate/gate-tokens.fixture.ts";

const TWO = { ...DEPLOY, approvals: 2 };
const oneByteOff = (digest: string): string => `${digest.startsWith("A") ? "B" : "A"}${digest.slice(1)}`;

async function replaced(bench: Bench, ...of: Parameters<typeof replacement> extends [Bench, ...infer R] ? R : never) {
  const made = await replacement(bench, ...of);
  const taken = await bench.submit(made.token);
  must(taken.ok ? taken : null, JSON.stringify(taken));
  return made;
}

describe("two approvals", () => {
  async function halfApproved() {
    const bench = await ruled([TWO]);
    const [bob, carol] = [await bench.person("bob", ["operator"]), await bench.person("carol", ["operator"])];
    const { task, request } = await waiting(bench, "deploy", { approvals: 2 });
    expect(codeOf(await bench.submit(await bob.decision(request, "approve")))).toBe("accepted");
    return { bench, carol, task, request, gate: await gateOf(bench, request) };
  }

  it("[D4] [ACP-11] are of the same digest: one byte altered between the two, and the second is refused", async () => {
    const { bench, carol, task, request, gate } = await halfApproved();
    const { exec_act, inp_hash, args_hash } = gate.claims.task;
    const altered: [object, string][] = [
      [{ request: { jti: request, hash: oneByteOff(gate.hash) } }, "object_hash_mismatch"],
      [{ bind: { exec_act, inp_hash, args_hash: oneByteOff(args_hash ?? "") } }, "hitl_bind_mismatch"],
      [{ bind: { exec_act, inp_hash: oneByteOff(inp_hash), args_hash } }, "hitl_bind_mismatch"],
      [{ bind: { exec_act, inp_hash } }, "hitl_bind_mismatch"],
      [{ bind: { exec_act: `${exec_act} `, inp_hash, args_hash } }, "hitl_bind_mismatch"],
    ];
    for (const [change, code] of altered)
      expect(codeOf(await bench.submit(await carol.decision(request, "approve", change)))).toBe(code);
    expect(codeOf(await bench.submit(await carol.decision(request, "approve", { wid: v4() })))).not.toBe("accepted");
    expect(await statusOf(bench, task)).toEqual(["waiting", null]);
    expect((await gateOf(bench, request)).decisions).toHaveLength(1);
  });

  it("[D4] [ACP-44] are of the same version of the policy: it is replaced between the two, and both are void", async () => {
    const { bench, carol, task, request } = await halfApproved();
    const second = await carol.decision(request, "approve");
    const other = await replaced(bench, aliceOf(bench));
    expect(codeOf(await bench.submit(second))).toBe("hitl_not_pending");
    expect(await statusOf(bench, task)).toEqual(["stopped", "acp_replaced"]);
    expect((await gateOf(bench, request)).status).toBe("aborted");
    // Asked for anew, neither of the two counts.
    await bench.submit(await intentToken(bench, task, "deploy_site", { acp: other.acp }));
    const anew = await bench.request(task, "deploy_site", { approvals: 2, acp: other.acp });
    expect(codeOf(await bench.submit(anew))).toBe("accepted");
    const again = await requestOf(bench, task);
    expect(await gateOf(bench, again)).toMatchObject({ status: "pending", decisions: [] });
    const old = await carol.decision(again, "approve", { request: { jti: request, hash: digestOf("old") } });
    expect(codeOf(await bench.submit(old))).toBe("object_hash_mismatch");
    expect(codeOf(await bench.submit(await carol.decision(again, "approve")))).toBe("accepted");
    expect(await statusOf(bench, task)).toEqual(["waiting", null]);
  });
});

describe("a policy in the place of another", () => {
  it("[ACP-44] stops what was asked, waits or was permitted under the earlier, and nothing that has happened", async () => {
    const bench = await ruled([DEPLOY]);
    const begun = bench.task("begun");
    await bench.submit(await bench.intent(begun, "build_site"));
    await effectOf(bench, begun);
    const permitted = bench.task("permitted");
    await bench.submit(await bench.intent(permitted, "build_site"));
    const asked = bench.task("asked");
    await bench.submit(await bench.intent(asked, "deploy_site"));
    const waits = await waiting(bench, "waits");
    const approved = await waiting(bench, "approved");
    await bench.submit(await bench.decision(approved.request, "approve"));
    const rejected = await waiting(bench, "rejected");
    await bench.submit(await bench.decision(rejected.request, "reject"));

    const other = await replaced(bench, aliceOf(bench));
    for (const task of [permitted, asked, waits.task, approved.task]) {
      expect(await statusOf(bench, task)).toEqual(["stopped", "acp_replaced"]);
      expect(codeOf(await effectOf(bench, task))).toBe("task_not_permitted");
    }
    expect(await statusOf(bench, begun)).toEqual(["effect", null]);
    expect(await statusOf(bench, rejected.task)).toEqual(["refused", "hitl_rejected"]);
    for (const { request } of [waits, approved]) expect((await gateOf(bench, request)).status).toBe("aborted");
    expect((await gateOf(bench, rejected.request)).status).toBe("rejected");
    // What had begun ends under the policy it was let through under.
    expect(codeOf(await bench.submit(await bench.ect(begun, "build_site")))).toBe("accepted");
    const reopened = await bench.reopen();
    expect(await reopened.read((state) => state.workflows.get(bench.wid)?.acp)).toBe(other.acp.jti);
  });

  it("[ACP-44] [ACP-20] is what intents are decided under from then on, and the earlier is not", async () => {
    const bench = await ruled([DEPLOY]);
    const stricter = await replaced(bench, aliceOf(bench), (policy) => ({
      ...policy,
      hitl: { ...policy.hitl, rules: [{ ...DEPLOY, id: "new" }] },
    }));
    const old = bench.task("old");
    await bench.submit(await bench.intent(old, "deploy_site"));
    expect(await statusOf(bench, old)).toEqual(["stopped", "acp_replaced"]);
    // What was on its way when its policy was replaced is lost to nobody.
    await bench.submit(await intentToken(bench, old, "deploy_site", { acp: stricter.acp }));
    expect(await statusOf(bench, old)).toEqual(["asked", null]);
    const task = bench.task("deploy");
    await bench.submit(await intentToken(bench, task, "deploy_site", { acp: stricter.acp }));
    expect(await statusOf(bench, task)).toEqual(["asked", null]);
    const terms = { rule_ids: ["new"], acp: stricter.acp };
    expect(codeOf(await bench.submit(await bench.request(task, "deploy_site", { ...terms, acp: bench.acp })))).toBe(
      "acp_parent_mismatch",
    );
    expect(codeOf(await bench.submit(await bench.request(task, "deploy_site", terms)))).toBe("accepted");
  });

  it("[ACP-44] counts on what was used up under the earlier one", async () => {
    const bench = await ruled([DEPLOY]);
    for (const name of ["one", "two"]) await bench.submit(await bench.intent(bench.task(name), "build_site"));
    const { acp } = await replaced(bench, aliceOf(bench));
    const ask = async (name: string) => {
      await bench.submit(await intentToken(bench, bench.task(name), "build_site", { acp }));
      return statusOf(bench, bench.task(name));
    };
    expect(await ask("three")).toEqual(["running", null]);
    expect(await ask("four")).toEqual(["refused", "acp_constraint_violated"]);
  });

  it("[ACP-44] is an operator's, root, sound, and names the one in force by its digest", async () => {
    const bench = await ruled([DEPLOY]);
    const [alice, bob] = [aliceOf(bench), await bench.person("bob", ["approver"])];
    const { acp } = bench;
    const before = await sizeOf(bench);
    const cases: [Signing, Parameters<typeof replacement>[2], string][] = [
      [agentOf(bench), undefined, "start_unauthorized"],
      [bob, undefined, "start_unauthorized"],
      [alice, (policy) => ({ ...policy, replaces: { jti: acp.jti, hash: oneByteOff(acp.hash) } }), "acp_replaced"],
      [alice, (policy) => ({ ...policy, replaces: { jti: v4(), hash: acp.hash } }), "acp_replaced"],
      [alice, (policy) => ({ ...policy, parent: acp }), "acp_parent_mismatch"],
      [alice, (policy) => ({ ...policy, wid: v4() }), "workflow_unknown"],
      [alice, (policy) => ({ ...policy, jti: acp.jti }), "token_replayed"],
      [alice, (policy) => ({ ...policy, hitl: { ...policy.hitl, rules: [] } }), "acp_irreversible_ungated"],
    ];
    for (const [by, change, code] of cases)
      expect(codeOf(await bench.submit((await replacement(bench, by, change)).token))).toBe(code);
    expect(await sizeOf(bench)).toBe(before);
    const first = await replaced(bench, alice);
    const late = await replacement(bench, alice, (policy) => ({ ...policy, replaces: acp }));
    expect(codeOf(await bench.submit(late.token))).toBe("acp_replaced");
    await replaced(bench, alice);
    expect(await bench.engine.read((state) => state.policies.get(first.acp.jti)?.replacedBy)).not.toBeNull();
  });

  it("[ACP-44] [S4] starts nothing that a stop holds", async () => {
    const bench = await ruled([DEPLOY]);
    await bench.submit(await bench.stop());
    const { acp } = await replaced(bench, aliceOf(bench));
    const task = bench.task("later");
    await bench.submit(await intentToken(bench, task, "build_site", { acp }));
    expect(await statusOf(bench, task)).toEqual(["stopped", "override_active"]);
  });

  it("[ACP-44] [ACP-19] comes after a revocation too, and is itself revocable", async () => {
    const bench = await ruled([DEPLOY]);
    const revoke = (acp: { jti: string; hash: string }) =>
      signToken(
        "acp-revocation+jwt",
        {
          ...common(bench, aliceOf(bench).id),
          acp,
          auth_time: nowS(bench),
          amr: ["pwd", "user"],
          role: "operator",
          reason: "wrong limits",
        },
        bench.operator,
      );
    await bench.submit(await revoke(bench.acp));
    const { acp } = await replaced(bench, aliceOf(bench));
    const task = bench.task("build");
    await bench.submit(await intentToken(bench, task, "build_site", { acp }));
    expect(await statusOf(bench, task)).toEqual(["running", null]);
    expect(codeOf(await bench.submit(await revoke(acp)))).toBe("accepted");
    expect(await statusOf(bench, task)).toEqual(["refused", "acp_revoked"]);
  });

  it("[ACP-44] is not to be had by a start: it would take effect in a workflow that did not agree to it", async () => {
    const bench = await ruled([DEPLOY]);
    const wid = v4();
    const made = await replacement(bench, aliceOf(bench), (policy) => ({ ...policy, wid }));
    const startToken = await signToken(
      "exec+jwt",
      {
        ...common(bench, aliceOf(bench).id),
        wid,
        exec_act: "run_start",
        pred: [],
        ect_ext: {
          obj_typ: "recorded-run+json",
          obj_id: "run",
          obj_hash: digestOf("run"),
          "org.signalbox.acp": { jti: made.acp.jti, hash: tokenDigest(made.token, sha256) },
        },
      },
      bench.operator,
    );
    const [acp, start] = [await bench.engine.receive(made.token), await bench.engine.receive(startToken)];
    const [policy, begin] = [must(acp.ok ? acp.value : null, "acp"), must(start.ok ? start.value : null, "start")];
    const started = await bench.engine.submit({
      kind: "start",
      acp: { verified: policy.verified, fact: policy.fact as FactOf<"acp+jwt"> },
      start: { verified: begin.verified, fact: begin.fact as FactOf<"exec+jwt"> },
      agents: [],
    });
    expect(codeOf(started)).toBe("acp_replaced");
    expect(await bench.engine.read((state) => state.policies.get(bench.acp.jti)?.replacedBy)).toBeNull();
  });
});
