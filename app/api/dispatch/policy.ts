import { err, ok, type Result } from "../../base/result.ts";
import { conductKnown } from "../../engine/behavior/effects.ts";
import { decisionContext, intendedAction, usageOf } from "../../engine/gate/usage.ts";
import type { Host } from "../../host/open-host.ts";
import { acceptAcp } from "../../protocol/acp/accept-acp.ts";
import { checkDraft } from "../../protocol/acp/check-draft.ts";
import type { AcpClaims } from "../../protocol/acp/claims.ts";
import { decideAction, NO_USAGE, type NodeUsage } from "../../protocol/acp/decide-action.ts";
import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";
import { asOf } from "./as-of.ts";
import { api, errorFor, positionOf, valueOr } from "./base.ts";
import { readRuns } from "./entries.ts";
import { openEntry, storedEntry } from "./open-token.ts";
import { grantRows } from "./policy-grants.ts";
import { actionsOfRun, policyNodes, policyRow } from "./policy-views.ts";

/** Characters of a task's name in a list. */
const MAX_NAME = 256;

export const policyOperations = {
  list: api.policy.list.use(asOf).handler(async ({ context: { host } }) => {
    const runs = await readRuns(host);
    const policies = await host.engine.read((state) =>
      [...state.policies.values()].map((policy) => policyRow(host, runs, policy, state)),
    );
    return { position: await positionOf(host), policies: policies.sort((a, b) => b.seq - a.seq) };
  }),

  get: api.policy.get.use(asOf).handler(async ({ context: { host }, input, errors }) => {
    const runs = await readRuns(host);
    const nowS = Math.floor(host.ports.clock.nowMs() / 1000);
    const found = await host.engine.read((state) => {
      const policy = state.policies.get(input.jti);
      if (policy === undefined) return null;
      const row = policyRow(host, runs, policy, state);
      const workflow = row.inForce ? (state.workflows.get(row.wid) ?? null) : null;
      return { row, claims: policy.claims, nodes: policyNodes(policy.claims, workflow, nowS) };
    });
    if (found === null) throw errorFor(unknownPolicy(input.jti), errors);
    const { row, claims, nodes } = found;
    const entry = await storedEntry(host, row.seq);
    const opened = entry === null ? null : await openEntry(host, entry);
    const accepted = acceptAcp(claims);
    const plan = host.runs.known(runs.get(row.wid) ?? "");
    return {
      position: await positionOf(host),
      policy: row,
      claims,
      steps: opened?.steps ?? [],
      acceptance: {
        accepted: accepted.ok,
        code: accepted.ok ? null : accepted.error.code,
        detail: accepted.ok ? null : accepted.error.detail,
      },
      nodes,
      actions: plan === undefined ? [] : actionsOfRun(host, row.wid, plan),
    };
  }),

  revoke: api.policy.revoke.handler(async ({ context: { host }, input, errors }) => {
    const { fact, verified } = valueOr(await host.engine.receive(input.token), errors);
    if (fact.typ !== "acp-revocation+jwt")
      throw errorFor(refusal("token_wrong_type", "an acp-revocation+jwt is expected here"), errors);
    const accepted = valueOr(await host.engine.submit({ kind: "token", verified, fact }), errors);
    return { seq: accepted.logged[0]?.seq ?? 0, jti: fact.claims.acp.jti };
  }),

  replace: api.policy.replace.handler(async ({ context: { host }, input, errors }) => {
    const { fact, verified } = valueOr(await host.engine.receive(input.token), errors);
    if (fact.typ !== "acp+jwt" || fact.claims.replaces === undefined)
      throw errorFor(refusal("token_wrong_type", "an acp+jwt that names what it replaces is expected here"), errors);
    const accepted = valueOr(await host.engine.submit({ kind: "token", verified, fact }), errors);
    const seq = accepted.logged[0]?.seq ?? 0;
    const interrupted = await host.engine.read(
      (state) =>
        [...(state.workflows.get(fact.claims.wid)?.tasks.values() ?? [])].filter((task) => task.entries.includes(seq))
          .length,
    );
    return { seq, jti: fact.claims.jti, interrupted };
  }),

  grants: api.policy.grants.use(asOf).handler(async ({ context: { host } }) => {
    const runs = await readRuns(host);
    const nowS = Math.floor(host.ports.clock.nowMs() / 1000);
    const grants = await host.engine.read((state) => grantRows(host, runs, state, nowS));
    return { position: await positionOf(host), grants };
  }),

  grant: api.policy.grant.handler(async ({ context: { host }, input, errors }) => {
    const { fact, verified } = valueOr(await host.engine.receive(input.token), errors);
    if (fact.typ !== "standing-grant+jwt")
      throw errorFor(refusal("token_wrong_type", "a standing-grant+jwt is expected here"), errors);
    const accepted = valueOr(await host.engine.submit({ kind: "token", verified, fact }), errors);
    return { seq: accepted.logged[0]?.seq ?? 0, jti: fact.claims.jti };
  }),

  revokeGrant: api.policy.revokeGrant.handler(async ({ context: { host }, input, errors }) => {
    const { fact, verified } = valueOr(await host.engine.receive(input.token), errors);
    if (fact.typ !== "grant-revocation+jwt")
      throw errorFor(refusal("token_wrong_type", "a grant-revocation+jwt is expected here"), errors);
    const accepted = valueOr(await host.engine.submit({ kind: "token", verified, fact }), errors);
    return { seq: accepted.logged[0]?.seq ?? 0, jti: fact.claims.grant.jti };
  }),

  decide: api.policy.decide.handler(async ({ context: { host }, input, errors }) => {
    const claims = valueOr(
      "jti" in input.policy ? await issued(host, input.policy.jti) : draftOf(input.policy.claims),
      errors,
    );
    const nowS = Math.floor(host.ports.clock.nowMs() / 1000);
    const { agent: iss, execAct: exec_act, target, needs } = input.action;
    const intent = {
      iss,
      exec_act,
      ...(target === undefined ? {} : { target }),
      ...(needs === undefined ? {} : { needs }),
    };
    const { decision, usage } = await host.engine.read((state) => {
      const workflow = input.usage === "live" ? state.workflows.get(claims.wid) : undefined;
      const usedAt = (node: string): NodeUsage => (workflow === undefined ? NO_USAGE : usageOf(workflow, node, nowS));
      const made = decideAction(
        claims,
        intendedAction(intent),
        usedAt,
        decisionContext(intent, nowS, null, conductKnown(state, iss, nowS)),
      );
      return { decision: made, usage: made.node === null ? null : usedAt(made.node) };
    });
    return {
      position: await positionOf(host),
      decision: {
        ...decision,
        ruleIds: [...decision.ruleIds],
        roles: [...decision.roles],
        reasons: [...decision.reasons],
      },
      usage: usage === null ? null : { ...usage, cost: { ...usage.cost } },
    };
  }),

  replay: api.policy.replay.handler(async ({ context: { host }, input, errors, signal }) => {
    const { replayBase, replayPolicy } = await import("./policy-replay.ts");
    const draft = valueOr(draftOf(input.claims), errors);
    const startedMs = host.ports.clock.monotonicMs();
    const base = await host.engine.read((state, head) => replayBase(state, head.size, input.wid));
    if (input.wid !== undefined && base.workflows.size === 0)
      throw errorFor(refusal("workflow_unknown", "no such workflow in this log"), errors);
    const runs = await readRuns(host);
    const { log } = host.ports.storage;
    const ports = { log, domain: host.engine.ids.domain, clock: host.ports.clock };
    const report = await replayPolicy(ports, base, draft, { limit: input.limit, signal });
    return {
      position: await positionOf(host),
      ...report,
      differences: report.differences.map(({ task, ...difference }) => ({
        ...difference,
        taskName: nameOf(host, runs, difference.wid, task),
      })),
      tookMs: host.ports.clock.monotonicMs() - startedMs,
    };
  }),
};

const unknownPolicy = (jti: string): Refusal => ({
  ...refusal("policy_unknown", "no such policy in this log", { jti }),
  status: 404,
});

function issued(host: Host, jti: string): Promise<Result<AcpClaims, Refusal>> {
  return host.engine.read((state) => {
    const policy = state.policies.get(jti);
    return policy === undefined ? err(unknownPolicy(jti)) : ok(policy.claims);
  });
}

/** Claims that are not signed yet are judged by P1, and refused with its codes. */
function draftOf(document: object): Result<AcpClaims, Refusal> {
  const checked = checkDraft(document);
  if (checked.ok) return checked;
  const [problem] = checked.error;
  return err(
    refusal(problem?.code ?? "acp_claim_invalid", problem?.message ?? "not a policy", {
      ...(problem === undefined ? {} : { claim: problem.place }),
    }),
  );
}

function nameOf(host: Host, runs: ReadonlyMap<string, string>, wid: string, task: string): string | null {
  const plan = host.runs.known(runs.get(wid) ?? "");
  if (plan === undefined) return null;
  const index = host.runs.jtis(wid, plan).indexOf.get(task);
  return index === undefined ? null : (plan.tasks[index]?.name.slice(0, MAX_NAME) ?? null);
}
