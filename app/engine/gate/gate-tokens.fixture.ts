import { v4 } from "uuid";
import { must } from "../../base/assert.ts";
import type { JsonObject } from "../../base/json.ts";
import type { AcpClaimsInput } from "../../protocol/acp/claims.ts";
import { objectDigest } from "../../protocol/jcs/canonical.ts";
import type { Signer } from "../../protocol/jose/keys.ts";
import { signToken, tokenDigest } from "../../protocol/jose/sign-token.ts";
import { alice, type Bench, digestOf, ids, sha256, startedWorkflow } from "../engine.fixture.ts";

/** Tokens about requests and what lets them through, as people, agents and attackers sign them. */

export const START_S = 1_772_064_000;
export type Rule = AcpClaimsInput["hitl"]["rules"][number];
export type Signing = { readonly id: string; readonly signer: Signer };

export const DEPLOY: Rule = {
  id: "r1",
  trigger: { kind: "action", patterns: ["deploy_*"] },
  role: "operator",
  action: "approve",
  timeout_s: 600,
};

export function ruled(rules: readonly Rule[], change: (policy: AcpClaimsInput) => AcpClaimsInput = (same) => same) {
  return startedWorkflow(START_S, (policy) => change({ ...policy, hitl: { ...policy.hitl, rules: [...rules] } }));
}

export const nowS = (bench: Bench): number => Math.floor(bench.clock.nowMs() / 1000);
export const aliceOf = (bench: Bench): Signing => ({ id: alice, signer: bench.operator });
export const agentOf = (bench: Bench): Signing => ({ id: bench.agentId, signer: bench.agent });

export const common = (bench: Bench, iss: string, lifetimeS = 300) => ({
  iss,
  aud: [ids.pepId],
  iat: nowS(bench),
  exp: nowS(bench) + lifetimeS,
  jti: v4(),
});
const presence = (bench: Bench) => ({ role: "operator", auth_time: nowS(bench), amr: ["pwd", "user"] });

export const argsDigest = (args: JsonObject): string => {
  const digest = objectDigest(args, sha256);
  return must(digest.ok ? digest.value : null, "arguments have a digest");
};

export const codeOf = (result: { ok: boolean; error?: { code: string } }): string =>
  result.ok ? "accepted" : (result.error?.code ?? "");
export const statusOf = (bench: Bench, task: string) =>
  bench.engine.read((state) => {
    const found = state.workflows.get(bench.wid)?.tasks.get(task);
    return [found?.status, found?.code];
  });
export const gateOf = (bench: Bench, request: string) =>
  bench.engine.read((state) => structuredClone(must(state.gates.get(request), "a gate")));
export const sizeOf = (bench: Bench) => bench.engine.read((_state, head) => head.size);
export const effectOf = (bench: Bench, task: string) =>
  bench.engine.submit({ kind: "effect", wid: bench.wid, task, latch: null });
/** Kinds of the records, and types of the other entries, in their order. */
export const kindsOf = async (bench: Bench, task: string): Promise<string[]> => {
  const kinds: string[] = [];
  for await (const chunk of bench.storage.log.read("console.local", 0, 1000))
    for (const { token } of chunk) {
      const claims = JSON.parse(atob((token.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/")));
      if (claims.rec_ver === 1 && claims.data.task === task) kinds.push(claims.kind);
    }
  return kinds;
};

/** An intent of the bench's agent, with anything else than usual. */
export const intentToken = (bench: Bench, task: string, execAct: string, change: object = {}) =>
  signToken(
    "intent+jwt",
    {
      ...common(bench, bench.agentId),
      wid: bench.wid,
      task,
      exec_act: execAct,
      pred: [],
      inp_hash: digestOf(`in ${task}`),
      args_hash: digestOf(`args ${task}`),
      acp: bench.acp,
      needs: {},
      ...change,
    },
    bench.agent,
  );

/** A waiting request for an action, under the terms the policy gives it. */
export async function waiting(bench: Bench, name: string, change: object = {}, execAct = "deploy_site") {
  const task = bench.task(name);
  const proposed = await bench.submit(await bench.intent(task, execAct));
  must(proposed.ok ? proposed : null, JSON.stringify(proposed));
  const asked = await bench.submit(await bench.request(task, execAct, change));
  must(asked.ok ? asked : null, JSON.stringify(asked));
  return { task, request: await requestOf(bench, task) };
}

export const requestOf = (bench: Bench, task: string): Promise<string> =>
  bench.engine.read((state) => must(state.workflows.get(bench.wid)?.tasks.get(task)?.request, "a request"));

const namedRequest = async (bench: Bench, request: string) => {
  const { hash } = await gateOf(bench, request);
  return { jti: request, hash };
};

export async function handling(bench: Bench, by: Signing, request: string, verb: string, change: object = {}) {
  return signToken(
    "hitl-handling+jwt",
    {
      ...common(bench, by.id),
      wid: bench.wid,
      request: await namedRequest(bench, request),
      verb,
      ...(verb === "shelve" ? { reason: "after lunch" } : {}),
      ...(verb === "respond" ? { text: "Which site?" } : {}),
      ...(["claim", "shelve", "defer"].includes(verb) ? { until: nowS(bench) + 120 } : {}),
      ...presence(bench),
      ...change,
    },
    by.signer,
  );
}

export async function withdrawal(bench: Bench, by: Signing, request: string, change: object = {}) {
  return signToken(
    "hitl-withdrawal+jwt",
    {
      ...common(bench, by.id),
      wid: bench.wid,
      request: await namedRequest(bench, request),
      settled: "cancelled",
      ...change,
    },
    by.signer,
  );
}

export async function review(bench: Bench, by: Signing, request: string, change: object = {}) {
  const { breakGlass } = await gateOf(bench, request);
  return signToken(
    "hitl-review+jwt",
    {
      ...common(bench, by.id),
      wid: bench.wid,
      request: await namedRequest(bench, request),
      decision: breakGlass?.decision ?? v4(),
      verdict: "justified",
      reason: "the outage was real",
      ...presence(bench),
      role: "duty_manager",
      ...change,
    },
    by.signer,
  );
}

/** A standing grant for `build_*`, with its token digest. */
export async function grant(bench: Bench, by: Signing, change: object = {}) {
  const claims = {
    ...common(bench, by.id, 3600),
    wid: bench.wid,
    acp: bench.acp,
    agent: bench.agentId,
    exec_act: "build_site",
    rule_ids: ["g1"],
    max_uses: 2,
    reason: "many small builds today",
    ...presence(bench),
    ...change,
  };
  const token = await signToken("standing-grant+jwt", claims, by.signer);
  return { token, jti: claims.jti, hash: tokenDigest(token, sha256) };
}

export function endGrant(bench: Bench, by: Signing, given: { jti: string; hash: string }, change: object = {}) {
  const claims = {
    ...common(bench, by.id),
    grant: { jti: given.jti, hash: given.hash },
    reason: "no longer",
    ...presence(bench),
    ...change,
  };
  return signToken("grant-revocation+jwt", claims, by.signer);
}

/** A policy in the place of the one in force, with its digest. */
export async function replacement(
  bench: Bench,
  by: Signing,
  change: (policy: AcpClaimsInput) => AcpClaimsInput = (policy) => policy,
) {
  const earlier = await bench.engine.read((state) => {
    const workflow = must(state.workflows.get(bench.wid), "the workflow");
    return structuredClone(must(state.policies.get(workflow.acp), "the policy"));
  });
  const claims = change({
    ...earlier.claims,
    ...common(bench, by.id, 7200),
    sub: by.id,
    replaces: { jti: earlier.jti, hash: earlier.hash },
  });
  const token = await signToken("acp+jwt", claims, by.signer);
  return { token, claims, acp: { jti: claims.jti, hash: tokenDigest(token, sha256) } };
}

/** A change of roles, stated by Alice. */
export async function stateRoles(bench: Bench, sub: string, roles: readonly string[]): Promise<void> {
  const statement = await signToken(
    "role-statement+jwt",
    {
      ...common(bench, alice, 86_000),
      aud: [ids.logId],
      sub,
      roles,
      auth_time: nowS(bench),
      amr: ["pwd", "user"],
    },
    bench.operator,
  );
  const stated = await bench.submit(statement);
  must(stated.ok ? stated : null, JSON.stringify(stated));
}
