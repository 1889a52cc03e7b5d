import { describe, expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import type { AcpClaimsInput } from "../../protocol/acp/claims.ts";
import { signToken, tokenDigest } from "../../protocol/jose/sign-token.ts";
import { alice, type Bench, digestOf, sha256, startedWorkflow } from "../engine.fixture.ts";

const START_S = 1_772_064_000;
const PEP = "spiffe://console.local/pep";
const codeOf = (result: { ok: boolean; error?: { code: string } }): string =>
  result.ok ? "accepted" : (result.error?.code ?? "");

/** A workflow whose policy is the agent's own: it may deploy and build, and delegate building to itself at node n3. */
function holding(): Promise<Bench> {
  return startedWorkflow(START_S, (policy) => {
    const agent = must(policy.dag.nodes[1]?.agent, "an agent node");
    return {
      ...policy,
      sub: agent,
      dag: {
        ...policy.dag,
        root: "n2",
        self: "n2",
        nodes: [
          { id: "n3", agent, actions: ["build_*"], constraints: { max_calls: 3 } },
          { id: "n2", agent, actions: ["deploy_*", "build_*"], delegable: true, consequence: "irreversible" as const },
        ],
        edges: [{ from: "n2", to: "n3", kind: "delegates" as const, actions: ["build_*"] }],
      },
    };
  });
}

async function derived(bench: Bench, change: (claims: AcpClaimsInput) => AcpClaimsInput = (claims) => claims) {
  const parent = await bench.engine.read((state) => must(state.policies.get(bench.acp.jti), "the policy").claims);
  const nowS = Math.floor(bench.clock.nowMs() / 1000);
  const claims = change({
    ...parent,
    iss: bench.agentId,
    sub: bench.agentId,
    aud: [PEP],
    iat: nowS,
    exp: nowS + 600,
    jti: crypto.randomUUID(),
    parent: { ...bench.acp },
    act: { sub: bench.agentId },
    dag: { ...parent.dag, self: "n3" },
  });
  const token = await signToken("acp+jwt", claims, bench.agent);
  return { claims, token, acp: { jti: claims.jti, hash: tokenDigest(token, sha256) } };
}

/** An intent under a policy of its own naming. */
async function intentUnder(bench: Bench, name: string, acp: { jti: string; hash: string }): Promise<string> {
  const nowS = Math.floor(bench.clock.nowMs() / 1000);
  return signToken(
    "intent+jwt",
    {
      iss: bench.agentId,
      aud: [PEP],
      iat: nowS,
      exp: nowS + 300,
      jti: crypto.randomUUID(),
      wid: bench.wid,
      task: bench.task(name),
      exec_act: "build_site",
      pred: [],
      inp_hash: digestOf(`in ${name}`),
      args_hash: digestOf(`args ${name}`),
      acp,
      needs: {},
    },
    bench.agent,
  );
}

const statusOf = (bench: Bench, name: string) =>
  bench.engine.read((state) => {
    const task = state.workflows.get(bench.wid)?.tasks.get(bench.task(name));
    return task?.code ?? task?.status;
  });

describe("a policy derived by delegation", () => {
  it("[ACP-1] [ACP-7] is taken when it only narrows, and acted under", async () => {
    const bench = await holding();
    const child = await derived(bench);
    expect(codeOf(await bench.submit(child.token))).toBe("accepted");
    await bench.submit(await intentUnder(bench, "a", child.acp));
    expect(await statusOf(bench, "a")).toBe("running");
  });

  it("[ACP-7] [ACP-S2] is refused when it widens, or names another parent's digest", async () => {
    const bench = await holding();
    const wider = await derived(bench, (claims) => ({ ...claims, exp: claims.iat + 80_000 }));
    expect(codeOf(await bench.submit(wider.token))).toBe("acp_widening");
    const spliced = await derived(bench, (claims) => ({
      ...claims,
      parent: { jti: bench.acp.jti, hash: digestOf("another") },
    }));
    expect(codeOf(await bench.submit(spliced.token))).toBe("acp_parent_mismatch");
  });

  it("[OVR-43] [OVR-14] [S3] is refused of an agent that is stopped, however the stop names it, also after its release", async () => {
    const scopes = [
      { kind: "agent", of: (bench: Bench) => bench.agentId },
      { kind: "group", of: (bench: Bench) => must(bench.agentId.split("/").at(-1), "the name of an agent") },
      { kind: "workflow", of: (bench: Bench) => bench.wid },
      { kind: "domain", of: () => "console.local" },
    ];
    for (const { kind, of } of scopes) {
      const bench = await holding();
      const early = await derived(bench);
      const stop = crypto.randomUUID();
      const scope = { kind, id: of(bench) };
      expect(codeOf(await bench.submit(await bench.stop({ jti: stop, scope })))).toBe("accepted");
      // Signed before it or after: what comes after the stop gives nobody leave.
      expect(codeOf(await bench.submit(early.token))).toBe("override_active");
      const late = await derived(bench);
      expect(codeOf(await bench.submit(late.token))).toBe("override_active");
      await bench.submit(await intentUnder(bench, "a", late.acp));
      expect(await statusOf(bench, "a")).toBe("override_active");
      const release = { jti: crypto.randomUUID(), level: "mandatory", action: "release", params: { of: stop } };
      expect(codeOf(await bench.submit(await bench.stop({ ...release, scope, seq: 2, deadline_ms: 10_000 })))).toBe(
        "accepted",
      );
      // Released and not started again.
      expect(codeOf(await bench.submit(late.token))).toMatch(/^(agent_halted|workflow_not_running)$/);
    }
  });

  it("[OVR-43] of an agent that is paused is refused until it goes on", async () => {
    const bench = await holding();
    const pause = crypto.randomUUID();
    const scope = { kind: "agent", id: bench.agentId };
    const order = { level: "mandatory", scope, deadline_ms: 10_000 };
    const params = { mode: "now", keep_state: true };
    expect(codeOf(await bench.submit(await bench.stop({ ...order, jti: pause, action: "pause", params })))).toBe(
      "accepted",
    );
    const child = await derived(bench);
    expect(codeOf(await bench.submit(child.token))).toBe("agent_paused");
    const resume = { ...order, action: "resume", params: { of: pause }, seq: 2 };
    expect(codeOf(await bench.submit(await bench.stop(resume)))).toBe("accepted");
    expect(codeOf(await bench.submit(child.token))).toBe("accepted");
  });

  it("[ACP-34] lets nobody act under one that is not in the log, or is another agent's", async () => {
    const bench = await holding();
    const child = await derived(bench);
    await bench.submit(await intentUnder(bench, "a", child.acp));
    expect(await statusOf(bench, "a")).toBe("acp_parent_mismatch");
    await bench.submit(await intentUnder(bench, "b", { jti: bench.acp.jti, hash: digestOf("another") }));
    expect(await statusOf(bench, "b")).toBe("acp_parent_mismatch");
  });

  it("[ACP-19] ends with the policy it comes from, before its next action", async () => {
    const bench = await holding();
    const child = await derived(bench);
    await bench.submit(child.token);
    await bench.submit(await intentUnder(bench, "a", child.acp));
    const nowS = Math.floor(bench.clock.nowMs() / 1000);
    const revocation = await signToken(
      "acp-revocation+jwt",
      {
        iss: alice,
        aud: [PEP],
        iat: nowS,
        exp: nowS + 120,
        jti: crypto.randomUUID(),
        acp: bench.acp,
        auth_time: nowS,
        amr: ["pwd", "user"],
        role: "operator",
        reason: "withdrawn",
      },
      bench.operator,
    );
    await bench.submit(revocation);
    expect(await statusOf(bench, "a")).toBe("acp_revoked");
    await bench.submit(await intentUnder(bench, "b", child.acp));
    expect(await statusOf(bench, "b")).toBe("acp_revoked");
  });
});
