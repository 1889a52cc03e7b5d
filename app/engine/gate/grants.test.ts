import { v4 } from "uuid";
import { describe, expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import { signToken, tokenDigest } from "../../protocol/jose/sign-token.ts";
import { type Bench, digestOf, sha256 } from "../engine.fixture.ts";
import {
  agentOf,
  aliceOf,
  codeOf,
  common,
  effectOf,
  endGrant,
  grant,
  intentToken,
  kindsOf,
  nowS,
  type Rule,
  replacement,
  ruled,
  type Signing,
  sizeOf,
  stateRoles,
  statusOf,
} from "./gate-tokens.fixture.ts";

const DEPLOY: Rule = {
  id: "r1",
  trigger: { kind: "consequence", at_least: "irreversible" },
  role: "operator",
  action: "approve",
  timeout_s: 60,
};
const BUILD: Rule = { ...DEPLOY, id: "g1", trigger: { kind: "action", patterns: ["build_*"] } };

/** Builds, which can be undone, need one operator; nothing limits how many there are. */
const builds = (rules: readonly Rule[] = [BUILD]) =>
  ruled([DEPLOY, ...rules], (policy) => ({
    ...policy,
    dag: { ...policy.dag, nodes: policy.dag.nodes.map(({ constraints: _limits, ...node }) => node) },
  }));

async function given(bench: Bench, by: Signing = aliceOf(bench), change: object = {}) {
  const made = await grant(bench, by, change);
  const taken = await bench.submit(made.token);
  must(taken.ok ? taken : null, JSON.stringify(taken));
  return made;
}

async function build(bench: Bench, name: string, change: object = {}, act = "build_site") {
  const task = bench.task(name);
  const proposed = await bench.submit(await intentToken(bench, task, act, change));
  must(proposed.ok ? proposed : null, JSON.stringify(proposed));
  return task;
}

/** `running` where the grant let it through, `asked` where a human is asked. */
const outcome = async (bench: Bench, name: string, change: object = {}, act?: string) =>
  (await statusOf(bench, await build(bench, name, change, act)))[0];

const refusalOf = async (bench: Bench, by: Signing, change: object) =>
  codeOf(await bench.submit((await grant(bench, by, change)).token));

describe("a standing grant", () => {
  it("[ACP-40] [C8] answers in place of one approval, so many times, each a permission that names it", async () => {
    const bench = await builds();
    expect(await outcome(bench, "before")).toBe("asked");
    const { jti } = await given(bench, aliceOf(bench), { max_uses: 2 });
    const task = await build(bench, "one");
    expect(await kindsOf(bench, task)).toEqual(["permitted"]);
    const state = await bench.engine.read((read) => structuredClone(must(read.grants.get(jti), "the grant")));
    expect(state.uses).toBe(1);
    const started = await effectOf(bench, task);
    expect(started.ok && started.value.logged[0]?.fact.claims).toMatchObject({ data: { grant: jti } });
    expect(await outcome(bench, "two")).toBe("running");
    expect(await outcome(bench, "three")).toBe("asked");
    const reopened = await bench.reopen();
    expect(await reopened.read((read) => read.grants.get(jti)?.uses)).toBe(2);
  });

  it("[ACP-40] is for its agent, action and policy alone, and while it lasts", async () => {
    const bench = await builds();
    await given(bench, aliceOf(bench), { exp: nowS(bench) + 100 });
    expect(await outcome(bench, "other act", {}, "build_docs")).toBe("asked");
    expect(await outcome(bench, "deploy", {}, "deploy_site")).toBe("asked");
    bench.clock.advance(99);
    expect(await outcome(bench, "in time")).toBe("running");
    const late = await build(bench, "late");
    bench.clock.advance(1);
    expect(await outcome(bench, "after")).toBe("asked");
    // What it let through and has not happened is looked at again.
    await effectOf(bench, late);
    expect(await statusOf(bench, late)).toEqual(["refused", "grant_expired"]);
  });

  it("[ACP-40] answers only rules it names: one more that matches, and a human is asked", async () => {
    const extra: Rule = { ...BUILD, id: "g2", trigger: { kind: "resource", patterns: ["https://prod.example/*"] } };
    const bench = await builds([BUILD, extra]);
    await given(bench);
    const touched = (name: string) => ({ needs: { resources: [name] } });
    expect(await outcome(bench, "test", touched("https://test.example/a"))).toBe("running");
    expect(await outcome(bench, "prod", touched("https://prod.example/a"))).toBe("asked");
    // What it touches is not known: the rule matches (ACP-23).
    expect(await outcome(bench, "unstated")).toBe("asked");
  });

  it("[ACP-40] [ACP-25] covers what it names: everything touched, stated, and in normal form", async () => {
    const bench = await builds();
    await given(bench, aliceOf(bench), { resources: ["https://prod.example/public/*"], max_uses: 100 });
    const touched = (...resources: string[]) => ({ needs: { resources } });
    expect(await outcome(bench, "within", touched("https://prod.example/public/a"))).toBe("running");
    expect(await outcome(bench, "nothing", touched())).toBe("running");
    expect(await outcome(bench, "one outside", touched("https://prod.example/public/a", "https://x.example/"))).toBe(
      "asked",
    );
    expect(await outcome(bench, "unstated")).toBe("asked");
    for (const detour of ["../secret", "./../secret", "%2e%2e/secret", "/secret", "a\\..\\secret"]) {
      const name = `https://prod.example/public/${detour}`;
      expect(await outcome(bench, detour, touched(name))).toBe("asked");
      expect(await outcome(bench, `${detour} as target`, { target: name })).toBe("asked");
    }
  });

  it("[ACP-40] is never given for what cannot be undone, for several people, or for more than an approval", async () => {
    const alice = (bench: Bench) => aliceOf(bench);
    const irreversible = await builds();
    const deploys = { exec_act: "deploy_site", rule_ids: ["r1"] };
    expect(await refusalOf(irreversible, alice(irreversible), deploys)).toBe("grant_irreversible");
    expect(await refusalOf(irreversible, alice(irreversible), { rule_ids: ["g1", "nobody's"] })).toBe("grant_rule");
    const rules: Rule[][] = [
      [{ ...BUILD, approvals: 2 }],
      [BUILD, { ...BUILD, id: "g2", role: "finance" }],
      [{ ...BUILD, role: "finance" }],
      [{ ...BUILD, action: "pause" }],
      [{ ...BUILD, action: "escalate" }],
      [{ ...BUILD, commit_first: true }],
      [{ ...BUILD, action: "notify" }],
    ];
    for (const set of rules) {
      const bench = await builds(set);
      const change = { rule_ids: set.map(({ id }) => id) };
      expect(await refusalOf(bench, alice(bench), change)).toBe("grant_rule");
    }
  });

  it("[ACP-40] does not outweigh a stronger rule that it does not name", async () => {
    const bench = await builds([BUILD, { ...BUILD, id: "g2", action: "pause" }]);
    await given(bench);
    expect(await outcome(bench, "paused")).toBe("asked");
  });

  it("[ACP-40] is given by a person who holds the role now and authenticated lately, under the policy in force", async () => {
    const bench = await builds();
    const [alice, bob] = [aliceOf(bench), await bench.person("bob", ["finance"])];
    const cases: [Signing, object, string][] = [
      [agentOf(bench), {}, "hitl_role_denied"],
      [bob, {}, "hitl_role_denied"],
      [bob, { role: "finance" }, "grant_rule"],
      [alice, { auth_time: nowS(bench) - 901 }, "hitl_auth_stale"],
      [alice, { auth_time: nowS(bench) + 31 }, "hitl_auth_stale"],
      [alice, { acp: { ...bench.acp, hash: digestOf("another") } }, "grant_void"],
      [alice, { acp: { jti: v4(), hash: bench.acp.hash } }, "grant_void"],
      [alice, { wid: v4() }, "workflow_unknown"],
      [alice, { agent: "spiffe://console.local/agent/other/x" }, "acp_subject_mismatch"],
    ];
    const before = await sizeOf(bench);
    for (const [by, change, code] of cases) expect(await refusalOf(bench, by, change)).toBe(code);
    expect(await sizeOf(bench)).toBe(before);
    const long = await grant(bench, alice, { exp: nowS(bench) + 28_801 });
    expect(codeOf(await bench.engine.receive(long.token))).toBe("token_lifetime_invalid");
    const often = await grant(bench, alice, { max_uses: 101 });
    expect(codeOf(await bench.engine.receive(often.token))).toBe("token_claim_invalid");
  });

  it("[ACP-40] ends with its giver's role, also for what it let through and has not happened", async () => {
    const bench = await builds();
    const bob = await bench.person("bob", ["operator"]);
    await given(bench, bob);
    const running = await build(bench, "running");
    await stateRoles(bench, bob.id, ["viewer"]);
    expect(await outcome(bench, "later")).toBe("asked");
    expect(codeOf(await effectOf(bench, running))).toBe("accepted");
    expect(await statusOf(bench, running)).toEqual(["refused", "grant_void"]);
  });

  it("[ACP-40] [ACP-44] is void under another version of the policy", async () => {
    const bench = await builds();
    const old = await given(bench);
    const other = await replacement(bench, aliceOf(bench));
    expect(codeOf(await bench.submit(other.token))).toBe("accepted");
    expect(await outcome(bench, "later", { acp: other.acp })).toBe("asked");
    expect(await refusalOf(bench, aliceOf(bench), { acp: bench.acp })).toBe("grant_void");
    // The void one is in nobody's way.
    await given(bench, aliceOf(bench), { acp: other.acp });
    expect(await outcome(bench, "again", { acp: other.acp })).toBe("running");
    expect(old.jti).not.toBe(other.acp.jti);
  });

  it("[ACP-40] answers for nothing under a policy derived from its own", async () => {
    const bench = await ruled([DEPLOY, BUILD], (policy) => {
      const agent = must(policy.dag.nodes[1]?.agent, "an agent node");
      const nodes = [
        { id: "n3", agent, actions: ["build_*"] },
        { id: "n2", agent, actions: ["deploy_*", "build_*"], delegable: true },
      ];
      const edges = [{ from: "n2", to: "n3", kind: "delegates" as const, actions: ["build_*"] }];
      return { ...policy, sub: agent, dag: { ...policy.dag, root: "n2", self: "n2", nodes, edges } };
    });
    const parent = await bench.engine.read((state) => must(state.policies.get(bench.acp.jti), "the policy").claims);
    const claims = {
      ...parent,
      ...common(bench, bench.agentId),
      sub: bench.agentId,
      parent: { ...bench.acp },
      act: { sub: bench.agentId },
      dag: { ...parent.dag, self: "n3" },
    };
    const token = await signToken("acp+jwt", claims, bench.agent);
    expect(codeOf(await bench.submit(token))).toBe("accepted");
    await given(bench);
    const acp = { jti: claims.jti, hash: tokenDigest(token, sha256) };
    expect(await outcome(bench, "derived", { acp })).toBe("asked");
    expect(await outcome(bench, "own")).toBe("running");
  });

  it("[ACP-40] is one at a time where two would cover the same", async () => {
    const bench = await builds();
    const alice = aliceOf(bench);
    await given(bench, alice, { resources: ["https://a.example/*"] });
    expect(await refusalOf(bench, alice, {})).toBe("grant_exists");
    expect(await refusalOf(bench, alice, { resources: ["https://a.example/x"] })).toBe("grant_exists");
    expect(await refusalOf(bench, alice, { resources: ["https://*"] })).toBe("grant_exists");
    expect(await refusalOf(bench, alice, { resources: ["https://b.example/*"] })).toBe("accepted");
    expect(await refusalOf(bench, alice, { exec_act: "build_docs" })).toBe("accepted");
  });

  it("[ACP-40] [ACP-41] cannot be put in another's place by using its id again", async () => {
    const bench = await builds();
    const bob = await bench.person("bob", ["operator"]);
    const first = await given(bench, aliceOf(bench), { max_uses: 1 });
    expect(await outcome(bench, "one")).toBe("running");
    await bench.submit(await endGrant(bench, aliceOf(bench), first));
    expect(await refusalOf(bench, bob, { jti: first.jti, max_uses: 100 })).toBe("token_replayed");
    expect(codeOf(await bench.submit(first.token))).toBe("token_replayed");
    const kept = await bench.engine.read((state) => structuredClone(state.grants.get(first.jti)));
    expect(kept).toMatchObject({ uses: 1, claims: { max_uses: 1 }, revoked: { reason: "no longer" } });
  });

  it("[S3] [ACP-40] lets nothing through while a stop is latched", async () => {
    const bench = await builds();
    await given(bench);
    const running = await build(bench, "running");
    await bench.submit(await bench.stop());
    expect(await outcome(bench, "later")).not.toBe("running");
    expect(codeOf(await effectOf(bench, running))).toBe("task_not_permitted");
  });
});

describe("the end of a grant", () => {
  it("[ACP-41] comes before its next use, and refuses what it let through and has not happened", async () => {
    const bench = await builds();
    const made = await given(bench, aliceOf(bench), { max_uses: 9 });
    const [done, open] = [await build(bench, "done"), await build(bench, "open")];
    await effectOf(bench, done);
    expect(codeOf(await bench.submit(await endGrant(bench, aliceOf(bench), made)))).toBe("accepted");
    expect(await statusOf(bench, done)).toEqual(["effect", null]);
    expect(await statusOf(bench, open)).toEqual(["refused", "grant_revoked"]);
    expect(codeOf(await effectOf(bench, open))).toBe("task_not_permitted");
    expect(await outcome(bench, "later")).toBe("asked");
    expect(codeOf(await bench.submit(await endGrant(bench, aliceOf(bench), made)))).toBe("grant_revoked");
  });

  it("[ACP-41] is for somebody who may, in the role they say, about this very grant", async () => {
    const bench = await builds();
    const made = await given(bench);
    const alice = aliceOf(bench);
    const [bob, carol] = [await bench.person("bob", ["finance"]), await bench.person("carol", ["duty_manager"])];
    const end = async (by: Signing, of: { jti: string; hash: string }, change: object = {}) =>
      codeOf(await bench.submit(await endGrant(bench, by, of, change)));
    expect(await end(agentOf(bench), made)).toBe("hitl_role_denied");
    expect(await end(bob, made)).toBe("hitl_role_denied");
    expect(await end(bob, made, { role: "finance" })).toBe("hitl_role_denied");
    expect(await end(carol, made, { role: "operator" })).toBe("hitl_role_denied");
    expect(await end(alice, { ...made, hash: digestOf("another") })).toBe("grant_unknown");
    expect(await end(alice, { ...made, jti: v4() })).toBe("grant_unknown");
    expect(await end(alice, made, { auth_time: nowS(bench) - 3601 })).toBe("hitl_auth_stale");
    expect(await end(carol, made, { role: "duty_manager" })).toBe("accepted");
  });
});
