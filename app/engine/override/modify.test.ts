import { describe, expect, it } from "vitest";
import type { AcpClaimsInput } from "../../protocol/acp/claims.ts";
import { type Bench, startedWorkflow } from "../engine.fixture.ts";
import { orders } from "./orders.fixture.ts";

/** What the enforcement point answers to an intent: the kind of the record, or its refusal code. */
async function answer(bench: Bench, name: string, needs: object = {}): Promise<string> {
  const result = await bench.submit(await bench.intent(bench.task(name), "build_site", [], needs));
  const fact = result.ok ? result.value.logged.at(-1)?.fact : undefined;
  if (fact?.typ !== "record+jwt") return result.ok ? "nothing" : result.error.code;
  return fact.claims.kind === "refused"
    ? `${String(fact.claims.data.code)} ${String(fact.claims.data.constraint)}`
    : fact.claims.kind;
}

const narrow = (set: object) => ({ params: { set, only_narrow: true } });
const widen = (set: object) => ({ params: { set, only_narrow: false } });

/** The root node lets `max_calls` be 10 at most, the agent's own node lets 3; a rule may ask by the share of them. */
const bounded =
  (rule: boolean) =>
  (policy: AcpClaimsInput): AcpClaimsInput => ({
    ...policy,
    dag: {
      ...policy.dag,
      nodes: policy.dag.nodes.map((node) => (node.id === "n1" ? { ...node, constraints: { max_calls: 10 } } : node)),
    },
    hitl: {
      ...policy.hitl,
      rules: rule
        ? [
            ...policy.hitl.rules,
            {
              id: "share",
              trigger: { kind: "limit", constraint: "max_calls", ratio: 0.9 },
              role: "operator",
              action: "approve",
            },
          ]
        : policy.hitl.rules,
    },
  });

describe("a change of limits", () => {
  it("[OVR-6] narrows what the policy allows from the next action on, and a release takes it back", async () => {
    const bench = await startedWorkflow();
    const by = orders(bench);
    const change = await by.give("modify", narrow({ max_calls: 1 }));
    expect([change.code, await by.state()]).toEqual(["accepted", "constrained"]);
    expect([await answer(bench, "a"), await answer(bench, "b")]).toEqual([
      "permitted",
      "acp_constraint_violated max_calls",
    ]);
    expect((await by.give("release", { params: { of: change.jti } })).code).toBe("accepted");
    expect([await by.state(), await answer(bench, "c")]).toEqual(["running", "permitted"]);
  });

  it("sets a limit that the policy does not have, for a whole workflow", async () => {
    const bench = await startedWorkflow();
    const by = orders(bench);
    const scope = { kind: "workflow", id: bench.wid };
    await by.give("modify", { scope, ...narrow({ resources: ["https://a.example/*"] }) });
    expect([
      await answer(bench, "a", { resources: ["https://a.example/x"] }),
      await answer(bench, "b", { resources: ["https://b.example/x"] }),
      await answer(bench, "c"),
    ]).toEqual(["permitted", "acp_constraint_violated resources", "acp_constraint_violated resources"]);
  });

  it("[S13] two changes hold side by side, the narrower one in each limit", async () => {
    const bench = await startedWorkflow();
    const by = orders(bench);
    const first = await by.give("modify", narrow({ max_calls: 1 }));
    await by.give("modify", narrow({ max_calls: 1, max_tokens: 10 }));
    await by.give("release", { params: { of: first.jti } });
    expect([await answer(bench, "a", { tokens: 11 }), await answer(bench, "b", { tokens: 10 })]).toEqual([
      "acp_constraint_violated max_tokens",
      "permitted",
    ]);
    expect(await answer(bench, "c", { tokens: 0 })).toBe("acp_constraint_violated max_calls");
  });

  it("[S14] [OVR-29] reverts when its time is over, unless a later one of no end has taken its place", async () => {
    const bench = await startedWorkflow();
    const by = orders(bench);
    const until = Math.floor(bench.clock.nowMs() / 1000) + 60;
    const tried = await by.give("modify", { ...narrow({ max_calls: 0 }), effect_until: until });
    expect(await answer(bench, "a")).toBe("acp_constraint_violated max_calls");
    await bench.engine.submit({ kind: "override_expiry", signal: tried.jti });
    expect([await answer(bench, "b"), await by.state()]).toEqual(["permitted", "running"]);
    const again = await by.give("modify", { ...narrow({ max_calls: 1 }), effect_until: until });
    const kept = await by.give("modify", { ...narrow({ max_calls: 1 }), supersedes: again.jti });
    expect(kept.code).toBe("accepted");
    expect(await bench.engine.submit({ kind: "override_expiry", signal: again.jti })).toMatchObject({
      error: { code: "override_not_in_force" },
    });
    expect(await answer(bench, "c")).toBe("acp_constraint_violated max_calls");
  });

  it("a later change in its place may be wider than it, within the policy", async () => {
    const bench = await startedWorkflow();
    const by = orders(bench);
    const first = await by.give("modify", narrow({ max_calls: 1 }));
    expect((await by.give("modify", narrow({ max_calls: 2 }))).code).toBe("override_widening");
    expect((await by.give("modify", { ...narrow({ max_calls: 2 }), supersedes: first.jti })).code).toBe("accepted");
  });

  it("[OVR-S4] [S14] refuses to widen alone, beyond what was delegated, and what is no limit", async () => {
    const bench = await startedWorkflow(undefined, bounded(false));
    const by = orders(bench);
    const mia = await bench.person("mia", ["duty_manager"]);
    expect((await by.give("modify", narrow({ max_calls: 4 }))).code).toBe("override_widening");
    expect((await by.give("modify", widen({ max_calls: 4 }))).code).toBe("override_cosign_missing");
    expect((await by.cosigned(mia, "modify", widen({ max_calls: 11 }))).code).toBe("override_beyond_authority");
    expect((await by.give("modify", narrow({}))).code).toBe("token_claim_invalid");
    expect((await by.give("modify", narrow({ currency: "EUR" }))).code).toBe("token_claim_invalid");
    expect(
      (await by.give("modify", { ...narrow({ max_calls: 1 }), scope: { kind: "domain", id: "console.local" } })).code,
    ).toBe("override_scope_unknown");
    expect((await by.cosigned(mia, "modify", widen({ max_calls: 4 }))).code).toBe("accepted");
    for (const name of ["a", "b", "c", "d"]) expect(await answer(bench, name)).toBe("permitted");
    expect(await answer(bench, "e")).toBe("acp_constraint_violated max_calls");
  });

  it("[OVR-S4] [S14] a wider limit is kept by two people again, never by one, and without them reverts", async () => {
    const bench = await startedWorkflow(undefined, bounded(false));
    const by = orders(bench);
    const mia = await bench.person("mia", ["duty_manager"]);
    const until = Math.floor(bench.clock.nowMs() / 1000) + 60;
    const tried = await by.cosigned(mia, "modify", { ...widen({ max_calls: 4 }), effect_until: until });
    const keep = { ...widen({ max_calls: 4 }), supersedes: tried.jti };
    expect((await by.give("modify", keep)).code).toBe("override_cosign_missing");
    expect((await by.give("modify", { ...narrow({ max_calls: 4 }), supersedes: tried.jti })).code).toBe(
      "override_widening",
    );
    expect((await by.cosigned(mia, "modify", keep)).code).toBe("accepted");
    expect(await bench.engine.submit({ kind: "override_expiry", signal: tried.jti })).toMatchObject({
      error: { code: "override_not_in_force" },
    });
    for (const name of ["a", "b", "c", "d"]) expect(await answer(bench, name)).toBe("permitted");
    expect(await answer(bench, "e")).toBe("acp_constraint_violated max_calls");
  });

  it("[OVR-21] never widens a limit by whose share a rule asks a human", async () => {
    const bench = await startedWorkflow(undefined, bounded(true));
    const by = orders(bench);
    const mia = await bench.person("mia", ["duty_manager"]);
    expect((await by.cosigned(mia, "modify", widen({ max_calls: 4 }))).code).toBe("override_weakens_hitl");
    // Narrowed, the rule asks earlier: never later.
    expect((await by.give("modify", narrow({ max_calls: 1 }))).code).toBe("accepted");
    expect(await answer(bench, "a")).toBe("gate_required");
  });
});

describe("the second person", () => {
  const change = { params: { set: { max_calls: 4 }, only_narrow: false } };

  it.each([
    ["somebody without the role", ["approver"], {}, "override_cosign_invalid"],
    ["an authentication that is too old", ["operator"], { auth_time: 1_772_064_000 - 301 }, "override_cosign_invalid"],
    [
      "another content",
      ["operator"],
      { signal: { jti: crypto.randomUUID(), hash: "A".repeat(43) } },
      "object_hash_mismatch",
    ],
    ["a signature that is over", ["operator"], { iat: 1_772_060_000, exp: 1_772_060_300 }, "token_expired"],
  ])("[OVR-S4] [D1] [D4] is refused with %s", async (_what, roles, cosign, code) => {
    const bench = await startedWorkflow(undefined, bounded(false));
    const person = await bench.person("bea", roles);
    expect((await orders(bench).cosigned(person, "modify", change, cosign)).code).toBe(code);
  });

  it("[D1] is another one than the first", async () => {
    const bench = await startedWorkflow(undefined, bounded(false));
    const self = { id: "spiffe://console.local/human/alice", signer: bench.operator, decision: async () => "" };
    expect((await orders(bench).cosigned(self, "modify", change)).code).toBe("override_cosign_invalid");
  });

  it("[S15] is never waited for by a stop", async () => {
    const bench = await startedWorkflow();
    const stop = await bench.stop({ cosign: ["not.a.token"] });
    expect(await bench.submit(stop)).toMatchObject({ ok: true });
  });
});
