import { toBase64url, utf8 } from "../../base/bytes.ts";
import { approvalsDue, isApproval } from "../../engine/gate/terms.ts";
import type { GateState, PolicyState } from "../../engine/state.ts";
import { type RunPlan, taskStates } from "../../engine/workflow/plan.ts";
import { checkView, keepView } from "../../host/kept-views.ts";
import type { Host } from "../../host/open-host.ts";
import { type HitlDecisionClaims, hitlDecisionClaimsSchema } from "../../protocol/acp/claims.ts";
import { nodeJti } from "../../protocol/ect/object-node.ts";
import { canonicalText } from "../../protocol/jcs/canonical.ts";
import { parseCompact } from "../../protocol/jose/compact.ts";
import { refusal } from "../../protocol/jose/refusal.ts";
import type { RunTask } from "../../protocol/run/recorded-run.ts";
import type { GateRow } from "../contract/gate.ts";
import { asOf } from "./as-of.ts";
import { api, errorFor, positionOf, valueOr } from "./base.ts";
import { readRuns, rowsAt } from "./entries.ts";
import { handlingOf, isUnreviewed } from "./gate-handling.ts";
import { lineageOf } from "./gate-lineage.ts";
import { evidenceOf, lastSettled, previousOf, shapeOf } from "./gate-previous.ts";
import { blastOf, reachable, reachOf, type TaskPlace } from "./gate-reach.ts";
import { openEntry, storedEntry } from "./open-token.ts";

/** Names of tasks that follow, shown at most. */
const MAX_FOLLOWING_NAMES = 20;

export const gateOperations = {
  queue: api.gate.queue.use(asOf).handler(async ({ context: { host }, input }) => {
    const runs = await readRuns(host);
    const gates = await host.engine.read((state) =>
      [...state.gates.values()].map((gate) => ({ ...gate, policy: state.policies.get(gate.claims.acp.jti) })),
    );
    const rows = gates
      .filter((gate) => input.wid === undefined || gate.wid === input.wid)
      .filter((gate) => input.state === undefined || gate.status === input.state)
      .filter((gate) => input.review === undefined || isUnreviewed(gate))
      .map((gate) => gateRow(host, runs, gate, gate.policy))
      // The log's seconds are coarse: of two in the same second the later one is the newer.
      .reverse()
      .sort(byUrgency);
    return {
      position: await positionOf(host),
      rows,
      pending: gates.filter((gate) => gate.status === "pending").length,
    };
  }),

  request: api.gate.request.use(asOf).handler(async ({ context: { host }, input, errors }) => {
    const runs = await readRuns(host);
    const found = await host.engine.read((state) => {
      const gate = state.gates.get(input.request);
      if (gate === undefined) return null;
      return {
        ...gate,
        decisions: [...gate.decisions],
        entries: [...gate.entries],
        policy: state.policies.get(gate.claims.acp.jti),
        last: lastSettled(state, gate),
        hasNode: state.workflows.get(gate.wid)?.ects.has(nodeJti(gate.request)) === true,
      };
    });
    if (found === null) throw errorFor(refusal("hitl_unknown_request", "no such request in this log"), errors);
    const plan = valueOr(await host.runs.plan(runs.get(found.wid) ?? ""), errors);
    const { jtis, indexOf } = host.runs.jtis(found.wid, plan);
    const index = indexOf.get(found.task) ?? -1;
    const task = plan.tasks[index];
    const canonical = valueOr(canonicalText(task?.args ?? {}), errors);
    const states = await host.engine.read((state) => {
      const workflow = state.workflows.get(found.wid);
      return workflow === undefined ? new Uint8Array(jtis.length) : taskStates(plan, workflow, jtis);
    });
    const predecessors = (plan.parents[index] ?? []).map((at) => ({
      index: at,
      name: (plan.tasks[at]?.name ?? "").slice(0, 256),
      action: plan.tasks[at]?.action ?? "",
      agent: agentOf(host, found.wid, plan.tasks[at]?.agent ?? ""),
      state: states[at] ?? 0,
      jti: jtis[at] ?? "",
      seq: host.index.seqOf(jtis[at] ?? ""),
    }));
    const entry = await storedEntry(host, found.seq);
    const opened = entry === null ? null : await openEntry(host, entry);
    const { policy, last } = found;
    const { exec_act: action } = found.claims.task;
    const place = policy === undefined ? null : placeOf(host, plan, index, policy, found.wid);
    const direct = plan.successors[index] ?? [];
    const all = reachable(plan.successors, index);
    return {
      position: await positionOf(host),
      row: gateRow(host, runs, found, policy),
      claims: found.claims,
      digest: found.hash,
      seq: found.seq,
      node: found.hasNode ? nodeJti(found.request) : null,
      steps: opened?.steps ?? [],
      canonicalArgs: canonical,
      argsHash: found.claims.task.args_hash ?? "",
      rules: [...found.rules],
      narrative: task?.narrative ?? null,
      predecessors,
      follows: {
        direct: direct.length,
        all: all.length,
        names: all.slice(0, MAX_FOLLOWING_NAMES).map((at) => (plan.tasks[at]?.name ?? "").slice(0, 256)),
      },
      reach: place === null ? { agents: [], irreversible: [], limits: [] } : reachOf(place, found.agent, action),
      lineage: policy === undefined ? null : lineageOf(policy, found.agent, action),
      previous: last === null ? null : previousOf(host, runs, last, found.agent),
      evidence: await evidenceOf(
        host,
        found,
        predecessors.map(({ jti }) => jti),
      ),
      responses: found.responses.map((response) => ({ ...response })),
      modified:
        found.modified === null
          ? null
          : {
              by: found.modified.by,
              argsHash: found.modified.argsHash,
              canonicalArgs: valueOr(canonicalText(found.modified.args), errors),
              constraints: found.modified.constraints,
              seq: found.modified.seq,
            },
      decisions: await decisionsOf(host, found),
      entries: await rowsAt(host, found.entries),
    };
  }),

  decide: api.gate.decide.handler(async ({ context: { host }, input, errors }) => {
    const received = valueOr(await host.engine.receive(input.token), errors);
    const { fact, verified } = received;
    if (fact.typ !== "hitl-decision+jwt")
      throw errorFor(refusal("token_wrong_type", "a hitl-decision+jwt is expected here"), errors);
    const node = valueOr(await host.engine.receive(input.node), errors);
    if (node.fact.typ !== "exec+jwt")
      throw errorFor(refusal("token_wrong_type", "the ECT of the decision is expected beside it"), errors);
    if (input.view !== undefined)
      valueOr(checkView(fact.claims.view?.hash ?? "", input.view, host.ports.sha256), errors);
    const accepted = valueOr(
      await host.engine.submit({
        kind: "token",
        verified,
        fact,
        node: { verified: node.verified, fact: node.fact },
      }),
      errors,
    );
    if (input.view !== undefined && fact.claims.view !== undefined)
      await keepView(host.ports.storage.values, fact.claims.view.hash, input.view);
    const request = fact.claims.request.jti;
    const status = await host.engine.read((state) => state.gates.get(request)?.status ?? "pending");
    return { seq: accepted.logged[0]?.seq ?? 0, request, state: status };
  }),

  handle: api.gate.handle.handler(async ({ context: { host }, input, errors }) => {
    const { fact, verified } = valueOr(await host.engine.receive(input.token), errors);
    if (fact.typ !== "hitl-handling+jwt")
      throw errorFor(refusal("token_wrong_type", "a hitl-handling+jwt is expected here"), errors);
    const accepted = valueOr(await host.engine.submit({ kind: "token", verified, fact }), errors);
    return { seq: accepted.logged[0]?.seq ?? 0, request: fact.claims.request.jti };
  }),

  review: api.gate.review.handler(async ({ context: { host }, input, errors }) => {
    const { fact, verified } = valueOr(await host.engine.receive(input.token), errors);
    if (fact.typ !== "hitl-review+jwt")
      throw errorFor(refusal("token_wrong_type", "a hitl-review+jwt is expected here"), errors);
    const accepted = valueOr(await host.engine.submit({ kind: "token", verified, fact }), errors);
    return { seq: accepted.logged[0]?.seq ?? 0, request: fact.claims.request.jti };
  }),
};

function placeOf(host: Host, plan: RunPlan, index: number, policy: PolicyState, wid: string): TaskPlace {
  return { plan, index, policy: policy.claims, domain: host.engine.ids.domain, wid };
}

/** Shapes of the arguments of a plan's tasks. */
const shapes = new WeakMap<RunTask, string>();

/** What makes two requests look alike: agent, action and the shape of the arguments. */
function likenessOf(host: Host, gate: GateState, task: RunTask | undefined): string {
  const shape = task === undefined ? "" : (shapes.get(task) ?? shapeOf(task.args));
  if (task !== undefined) shapes.set(task, shape);
  const text = JSON.stringify([gate.agent, gate.claims.task.exec_act, shape]);
  return toBase64url(host.ports.sha256(utf8(text))).slice(0, 16);
}

function gateRow(
  host: Host,
  runs: ReadonlyMap<string, string>,
  gate: GateState,
  policy: PolicyState | undefined,
): GateRow {
  const plan = host.runs.known(runs.get(gate.wid) ?? "");
  const index = plan === undefined ? -1 : (host.runs.jtis(gate.wid, plan).indexOf.get(gate.task) ?? -1);
  return {
    request: gate.request,
    seq: gate.seq,
    wid: gate.wid,
    runName: plan?.run.name ?? "",
    agent: gate.agent,
    action: gate.claims.task.exec_act,
    taskName: (plan?.tasks[index]?.name ?? "").slice(0, 256),
    taskIndex: index,
    target: gate.claims.task.target ?? null,
    consequence: gate.claims.consequence,
    state: gate.status,
    role: gate.claims.role,
    approvals: {
      given: gate.decisions.filter(isApproval).length,
      required: approvalsDue(gate.roles),
    },
    roles: gate.roles.map(({ role, approvals }) => ({
      role,
      given: gate.decisions.filter((decision) => isApproval(decision) && decision.role === role).length,
      required: approvals,
    })),
    escalated: gate.escalated,
    escalatesTo: gate.escalation[gate.escalated.length]?.role ?? null,
    timedOut: gate.timedOut,
    openedAt: gate.openedAt,
    remainingMs: gate.status === "pending" ? host.timers.remainingMs(gate.request) : null,
    timeoutS: gate.timeoutS,
    onTimeout: gate.onTimeout,
    reasonRequired: gate.rules.some((rule) => rule.reason_required),
    ruleIds: gate.rules.map((rule) => rule.id),
    likeness: likenessOf(host, gate, plan?.tasks[index]),
    blast:
      plan === undefined || policy === undefined || index < 0 || gate.status !== "pending"
        ? null
        : blastOf(placeOf(host, plan, index, policy, gate.wid)),
    ...handlingOf(gate, Math.floor(host.ports.clock.nowMs() / 1000)),
  };
}

/** Pending ones first, the nearest deadline first; then what was settled, newest first. */
function byUrgency(a: GateRow, b: GateRow): number {
  const rank = (row: GateRow): number => (row.state === "pending" ? 0 : 1);
  if (rank(a) !== rank(b)) return rank(a) - rank(b);
  if (a.state === "pending") return (a.remainingMs ?? 0) - (b.remainingMs ?? 0);
  return b.openedAt - a.openedAt;
}

async function decisionsOf(host: Host, gate: GateState) {
  const found = [];
  for (const { seq } of gate.decisions) {
    const entry = await storedEntry(host, seq);
    const parsed = entry === null ? null : parseCompact(entry.token);
    if (parsed?.ok !== true) continue;
    const claims = hitlDecisionClaimsSchema.safeParse(parsed.value.payload);
    if (!claims.success) continue;
    const kid = parsed.value.header.kid ?? "";
    const enrolled = await host.engine.read((state) => state.keys.get(kid)?.passkey !== undefined);
    found.push({ claims: claims.data, seq, touch: touchKnown(claims.data, enrolled) });
  }
  return found;
}

/** A passkey's touch was verified when the decision came, where the log knows the passkey before the key that signed it. */
function touchKnown({ touch }: HitlDecisionClaims, isEnrolled: boolean): "verified" | "asserted" | null {
  if (touch === undefined) return null;
  return touch.kind === "passkey" && isEnrolled ? "verified" : "asserted";
}

export function agentOf(host: Host, wid: string, slug: string): string {
  return `spiffe://${host.engine.ids.domain}/agent/${wid}/${slug}`;
}
