import type { Clock } from "../../base/ports.ts";
import { type FactOf, factOfEntry } from "../../engine/fact.ts";
import { countPermission, decisionContext, intendedAction, usageOf } from "../../engine/gate/usage.ts";
import type { EventLog } from "../../engine/ports.ts";
import type { State, WorkflowState } from "../../engine/state.ts";
import type { AcpClaims } from "../../protocol/acp/claims.ts";
import { type ActionDecision, decideAction } from "../../protocol/acp/decide-action.ts";
import type { IntentClaims } from "../../protocol/ect/claims.ts";
import { peekTyp } from "../../protocol/jose/compact.ts";
import type { Effect, ReplayOutcome } from "../contract/policy.ts";

/** What a replay needs of the state at the size up to which it reads. */
export interface ReplayBase {
  readonly size: number;
  /** Claims of the policies in the log, by jti. */
  readonly policies: ReadonlyMap<string, AcpClaims>;
  /** The workflows with nothing used up yet; the replay counts in them. */
  readonly workflows: ReadonlyMap<string, WorkflowState>;
}

export function replayBase(state: State, size: number, wid: string | undefined): ReplayBase {
  const chosen = [...state.workflows.values()].filter((workflow) => wid === undefined || workflow.wid === wid);
  return {
    size,
    policies: new Map([...state.policies.values()].map(({ jti, claims }) => [jti, claims])),
    workflows: new Map(chosen.map((workflow) => [workflow.wid, unused(workflow)])),
  };
}

const unused = (workflow: WorkflowState): WorkflowState => ({
  ...workflow,
  tasks: new Map(),
  ects: new Map(),
  halted: new Set(),
  agents: [],
  usage: new Map(),
});

type Counts = Record<Effect, number>;

export interface Difference {
  readonly seq: number;
  readonly wid: string;
  readonly task: string;
  readonly agent: string;
  readonly execAct: string;
  readonly before: ReplayOutcome;
  readonly after: ReplayOutcome;
  readonly reason: string;
}

export interface ReplayReport {
  readonly intents: number;
  readonly decided: number;
  readonly before: Counts;
  readonly after: Counts;
  readonly total: number;
  readonly differences: Difference[];
}

/** Longest piece of work without letting anything else happen: a stop does not wait for a replay. */
const SLICE_MS = 6;

/**
 * Reads the log and decides every intent in it anew, in order. A draft that was written for one workflow is read as if it
 * had been issued for each: the agents of the same recording have the same names there.
 */
export async function replayPolicy(
  ports: { readonly log: EventLog; readonly domain: string; readonly clock: Clock },
  base: ReplayBase,
  draft: AcpClaims,
  options: { readonly limit: number; readonly signal?: AbortSignal | undefined },
): Promise<ReplayReport> {
  const { log, domain, clock } = ports;
  const replay = createReplay(base, draft, options.limit);
  const from = Math.min(base.size, ...[...base.workflows.values()].map((workflow) => workflow.startSeq));
  let sinceMs = clock.monotonicMs();
  const pause = async (): Promise<void> => {
    await new Promise<void>((resume) => clock.after(0, resume));
    options.signal?.throwIfAborted();
    sinceMs = clock.monotonicMs();
  };
  for await (const chunk of log.read(domain, from, base.size)) {
    for (const entry of chunk) {
      if (clock.monotonicMs() - sinceMs >= SLICE_MS) await pause();
      const typ = peekTyp(entry.token);
      if (typ !== "intent+jwt" && typ !== "record+jwt") continue;
      const fact = factOfEntry(entry);
      if (!fact.ok) continue;
      if (fact.value.typ === "intent+jwt") replay.intent(entry.seq, fact.value);
      if (fact.value.typ === "record+jwt") replay.record(entry.received_at, fact.value);
    }
    // Fetching the next entries is a piece of work of its own.
    await pause();
  }
  return replay.report();
}

interface Asked {
  readonly seq: number;
  readonly claims: IntentClaims;
}

/** A permission that counts once a human has given it. */
interface Held {
  readonly node: string;
  readonly needs: IntentClaims["needs"];
}

/** Refusals that are a policy's; with every other one no policy was asked. */
const OF_POLICY: readonly string[] = ["acp_action_denied", "acp_constraint_violated", "hitl_abort"];

/**
 * The replay as a fold. What a human answered then is taken as the answer now; where nobody was asked then, a new request is
 * taken as approved, because a limit must not look wider than it is.
 */
function createReplay(base: ReplayBase, draft: AcpClaims, limit: number) {
  const drafts = new Map<string, AcpClaims>();
  const asked = new Map<string, Asked>();
  const held = new Map<string, Held>();
  const before: Counts = { allow: 0, gate: 0, abort: 0, refuse: 0 };
  const after: Counts = { ...before };
  const differences: Difference[] = [];
  let intents = 0;
  let decided = 0;
  let total = 0;

  const draftFor = (wid: string): AcpClaims => {
    const known = drafts.get(wid) ?? issuedFor(draft, wid);
    drafts.set(wid, known);
    return known;
  };

  /** What an agent did under a policy of its own, derived from another, stays under that. */
  const policyFor = (wid: string, under: AcpClaims | undefined): AcpClaims => {
    const isReplaced = under === undefined || under.jti === draft.jti || (!isDerived(under) && !isDerived(draft));
    return isReplaced ? draftFor(wid) : under;
  };

  const settle = ({ seq, claims }: Asked, workflow: WorkflowState, was: ReplayOutcome, nowS: number): void => {
    const decision = decideAction(
      policyFor(workflow.wid, base.policies.get(claims.acp.jti)),
      intendedAction(claims),
      (node) => usageOf(workflow, node, nowS),
      decisionContext(claims, nowS),
    );
    decided += 1;
    before[was.effect] += 1;
    after[decision.effect] += 1;
    if (decision.node !== null && (decision.effect === "allow" || decision.effect === "gate")) {
      if (decision.effect === "gate" && was.effect === "gate")
        held.set(claims.task, { node: decision.node, needs: claims.needs });
      else countPermission(workflow, decision.node, claims.needs, nowS);
    }
    const now = outcomeOf(decision);
    if (keyOf(now) === keyOf(was)) return;
    total += 1;
    if (differences.length >= limit) return;
    differences.push({
      seq,
      wid: workflow.wid,
      task: claims.task,
      agent: claims.iss,
      execAct: claims.exec_act,
      before: was,
      after: now,
      reason: decidingReason(decision),
    });
  };

  return {
    intent: (seq: number, { claims }: FactOf<"intent+jwt">): void => {
      if (!base.workflows.has(claims.wid)) return;
      intents += 1;
      asked.set(claims.jti, { seq, claims });
    },
    record: (atS: number, { claims }: FactOf<"record+jwt">): void => {
      const workflow = base.workflows.get(claims.wid ?? "");
      if (workflow === undefined) return;
      const intent = "jti" in claims.cause ? asked.get(claims.cause.jti) : undefined;
      if (intent !== undefined) {
        asked.delete(intent.claims.jti);
        const was = recorded(claims, base.policies.get(intent.claims.acp.jti));
        if (was !== null) settle(intent, workflow, was, atS);
        return;
      }
      const task = String(claims.data.task);
      const waiting = claims.kind === "permitted" ? held.get(task) : undefined;
      if (waiting === undefined) return;
      held.delete(task);
      countPermission(workflow, waiting.node, waiting.needs, atS);
    },
    report: (): ReplayReport => ({ intents, decided, before, after, total, differences }),
  };
}

const isDerived = (policy: AcpClaims): boolean => policy.parent !== undefined;

/** The draft as it would be for another workflow: agents are named after theirs. */
function issuedFor(draft: AcpClaims, wid: string): AcpClaims {
  if (wid === draft.wid) return draft;
  const nodes = draft.dag.nodes.map((node) => ({ ...node, agent: node.agent.replace(draft.wid, wid) }));
  return { ...draft, wid, dag: { ...draft.dag, nodes } };
}

/** What the enforcement point recorded about an intent; null where it was not a policy that decided. */
function recorded(claims: FactOf<"record+jwt">["claims"], policy: AcpClaims | undefined): ReplayOutcome | null {
  const { kind, data } = claims;
  const ids = Array.isArray(data.rule_ids) ? data.rule_ids.filter((id): id is string => typeof id === "string") : [];
  const nothing = { code: null, constraint: null, ruleIds: ids, roles: [], timeoutS: null };
  if (kind === "permitted") return { ...nothing, effect: "allow" };
  if (kind === "gate_required") return { ...nothing, effect: "gate", ...termsOf(policy, ids) };
  if (kind !== "refused" || typeof data.code !== "string" || !OF_POLICY.includes(data.code)) return null;
  const constraint = typeof data.constraint === "string" ? data.constraint : null;
  return { ...nothing, effect: data.code === "hitl_abort" ? "abort" : "refuse", code: data.code, constraint };
}

/** Who was asked, by the rules that are named: P2 step 3. */
function termsOf(policy: AcpClaims | undefined, ids: readonly string[]): Pick<ReplayOutcome, "roles" | "timeoutS"> {
  const rules = policy?.hitl.rules.filter((rule) => ids.includes(rule.id) && rule.action !== "notify") ?? [];
  if (rules.length === 0) return { roles: [], timeoutS: null };
  const roles = new Map<string, number>();
  for (const { role, approvals } of rules) roles.set(role, Math.max(roles.get(role) ?? 0, approvals));
  return {
    roles: [...roles].map(([role, approvals]) => ({ role, approvals })),
    timeoutS: Math.min(...rules.map((rule) => rule.timeout_s)),
  };
}

function outcomeOf(decision: ActionDecision): ReplayOutcome {
  const { effect, code, constraint, ruleIds, roles, timeoutS } = decision;
  return { effect, code, constraint, ruleIds: [...ruleIds], roles: [...roles], timeoutS };
}

/** Two decisions are the same when the same happens and the same people are asked; what a rule is called is no difference. */
function keyOf({ effect, code, constraint, ruleIds, roles, timeoutS }: ReplayOutcome): string {
  const asked = roles.map(({ role, approvals }) => `${role} ${approvals}`).sort();
  const notified = effect === "allow" && ruleIds.length > 0;
  return JSON.stringify([effect, code, constraint, notified, asked, timeoutS]);
}

function decidingReason({ effect, reasons }: ActionDecision): string {
  const result = effect === "refuse" ? "failed" : "matched";
  const found = reasons.findLast((reason) => reason.result === result) ?? reasons[0];
  if (found === undefined) return "";
  return effect === "allow" && found.step !== "rule" ? "no rule matches" : `${found.subject}: ${found.detail}`;
}
