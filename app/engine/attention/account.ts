import * as z from "zod";
import type { HitlRequestClaims } from "../../protocol/acp/claims.ts";
import { drillMarkOf } from "../../protocol/drill/drill-mark.ts";
import type { FactOf, LoggedFact } from "../fact.ts";
import { isHuman } from "../identity/human.ts";
import { workflowOfAgent } from "../workflow/evolve.ts";
import { type Demand, type DemandKind, PRIORITY_OF, RESPONDERS, requestPriority } from "./demand.ts";
import { createLeasePrompts } from "./lease-prompts.ts";

/** What a decision's own words say of how it was given; times in epoch seconds. */
export interface GivenDecision {
  readonly seq: number;
  readonly at: number;
  readonly by: string;
  readonly request: string;
  readonly outcome: string;
  /** When the operator was shown it, as they signed; null where they did not. */
  readonly shownAt: number | null;
  readonly givenAt: number;
  /** Digest of the view they were shown. */
  readonly view: string | null;
}

/** A request as the log has it, as far as attention goes. */
export interface AskedRequest {
  readonly request: string;
  readonly seq: number;
  readonly at: number;
  readonly wid: string;
  readonly policy: string;
  readonly agent: string;
  readonly action: string;
  readonly ruleIds: readonly string[];
  /** Of its agent's words, and of its arguments where the request carries them: a lower bound of what there is to read. */
  readonly characters: number;
}

/** Somebody did something that the log names them for. */
interface Act {
  readonly at: number;
  readonly seq: number;
  readonly by: string;
}

/** Somebody's roles from a time on. */
export interface RolesSince {
  readonly at: number;
  readonly seq: number;
  readonly roles: readonly string[];
  readonly exp: number;
}

/** What the log says of demands and decisions up to an entry: everything that attention is measured from. */
export interface Attention {
  /** Ascending by time. */
  readonly demands: readonly Demand[];
  readonly requests: ReadonlyMap<string, AskedRequest>;
  readonly decisions: readonly GivenDecision[];
  readonly acts: readonly Act[];
  readonly roles: ReadonlyMap<string, readonly RolesSince[]>;
}

const RECORDS: ReadonlySet<string> = new Set([
  "gate_escalated",
  "cascade_alert",
  "domain_alert",
  "finding_flagged",
  "review_overdue",
  "behavior_appraised",
  "override_escalated",
  "lease_ended",
  "run_finished",
]);
const TYPES: ReadonlySet<string> = new Set([
  "acp+jwt",
  "role-statement+jwt",
  "hitl-request+jwt",
  "hitl-decision+jwt",
  "override-compliance+jwt",
  "override+jwt",
  "lease+jwt",
]);

/** Whether an entry of this type and action (as lists show them) says more to attention than who wrote it. */
export function bearsOn(typ: string, action: string): boolean {
  return (
    TYPES.has(typ) || (typ === "record+jwt" && RECORDS.has(action)) || (typ === "exec+jwt" && action === "run_start")
  );
}

/** Filled from the log in order; what a State has forgotten is in it too. */
export interface Account {
  take(logged: LoggedFact): void;
  /** The same for an entry that bears on attention only by its author. */
  seen(by: string, at: number, seq: number): void;
  /** As of the first `size` entries, at a time. */
  upTo(size: number, nowS: number): Attention;
}

export function createAccount(): Account {
  const demands: Demand[] = [];
  const requests = new Map<string, AskedRequest>();
  const decisions: GivenDecision[] = [];
  const acts: Act[] = [];
  const roles = new Map<string, RolesSince[]>();
  const leases = createLeasePrompts();
  /** By policy: the rules that make an agent stand still, and whom it escalates to, in order. */
  const policies = new Map<string, { readonly pausing: ReadonlySet<string>; readonly escalation: readonly string[] }>();
  const escalations = new Map<string, number>();
  /** Instances and versions of a profile that the sequential test has alarmed: it stays, and asks once (BEH-37). */
  const alarmed = new Set<string>();
  /** Workflows that rehearse or test something: what they ask is asked of nobody (S12, N21). */
  const drills = new Set<string>();

  const seen = (by: string, at: number, seq: number): void => {
    if (isHuman(by)) acts.push({ by, at, seq });
  };
  const ask = (
    { seq, receivedAt: at }: LoggedFact,
    kind: Exclude<DemandKind, "request">,
    of: {
      readonly wid?: string | undefined;
      readonly about: string;
      readonly agent: string | null;
      readonly roles?: readonly string[];
    },
  ): void => {
    const { wid = null, about, agent, roles: asked = RESPONDERS } = of;
    if (drills.has(wid ?? workflowOfAgent(agent ?? "") ?? "")) return;
    const sameness = JSON.stringify([kind, about, agent, wid]);
    demands.push({ kind, priority: PRIORITY_OF[kind], at, seq, wid, about, agent, roles: asked, sameness });
  };
  /** Somebody handed a request on: the next role is asked besides (ACP-31). */
  const escalated = (logged: LoggedFact, request: string): void => {
    const asked = requests.get(request);
    const times = escalations.get(request) ?? 0;
    const role = policies.get(asked?.policy ?? "")?.escalation[times];
    escalations.set(request, times + 1);
    if (asked === undefined || role === undefined) return;
    ask(logged, "escalation", { wid: asked.wid, about: role, agent: asked.agent, roles: [role] });
  };
  const isNewAlarm = (agent: string, window: unknown): boolean => {
    const raised = raisedSchema.safeParse(window);
    if (!raised.success) return false;
    const { profile_id, version } = raised.data.profile;
    const before = alarmed.size;
    return alarmed.add(JSON.stringify([agent, profile_id, version])).size > before;
  };
  const record = (logged: LoggedFact, { claims }: FactOf<"record+jwt">): void => {
    const { kind, data, wid } = claims;
    const agent = typeof data.agent === "string" ? data.agent : null;
    const text = (value: unknown): string => (typeof value === "string" ? value : "");
    if (kind === "gate_escalated") {
      ask(logged, "escalation", { wid, about: text(data.role), agent, roles: [text(data.role)] });
      escalations.set(text(data.request), (escalations.get(text(data.request)) ?? 0) + 1);
    } else if (kind === "cascade_alert") {
      ask(logged, "cascade", { wid, about: "cascade", agent });
    } else if (kind === "domain_alert") {
      ask(logged, "cascade", { wid, about: text(data.kind), agent });
    } else if (kind === "finding_flagged") {
      ask(logged, "finding", { wid, about: text(data.code), agent });
    } else if (kind === "review_overdue") {
      ask(logged, "review", { wid, about: "approved alone", agent });
    } else if (kind === "behavior_appraised") {
      const to = changedTo(data.change);
      const isNew = isNewAlarm(text(data.agent), data.window);
      // The failure signal beside it says the same once more.
      if (to === "nonconformant" || to === "quarantined")
        ask(logged, "behavior", { wid, about: to, agent: text(data.agent) });
      else if (isNew) ask(logged, "behavior", { wid, about: "drift alarm", agent: text(data.agent) });
    } else if (kind === "override_escalated") {
      if (data.rung === "alert") ask(logged, "stop", { wid, about: "not obeyed", agent });
    } else if (kind === "lease_ended") {
      leases.end(logged, (lease) => lease.agent === agent);
    } else if (kind === "run_finished") {
      leases.end(logged, (lease) => lease.wid === wid);
    }
  };

  const take = (logged: LoggedFact): void => {
    const { fact, seq, receivedAt: at } = logged;
    seen(fact.claims.iss, at, seq);
    if (fact.typ === "acp+jwt") {
      const { rules, escalation = [] } = fact.claims.hitl;
      const pausing = new Set(rules.filter(({ action }) => action === "pause").map(({ id }) => id));
      policies.set(fact.claims.jti, { pausing, escalation: escalation.map(({ role }) => role) });
    } else if (fact.typ === "role-statement+jwt") {
      const known = roles.get(fact.claims.sub) ?? [];
      roles.set(fact.claims.sub, [...known, { at, seq, roles: fact.claims.roles, exp: fact.claims.exp }]);
    } else if (fact.typ === "hitl-request+jwt") {
      if (drills.has(fact.claims.wid)) return;
      const asked = requestOf(logged, fact.claims);
      const pauses = asked.ruleIds.some((id) => policies.get(asked.policy)?.pausing.has(id) === true);
      requests.set(asked.request, asked);
      demands.push({
        kind: "request",
        priority: requestPriority(fact.claims.consequence, pauses),
        ...{ at, seq, wid: asked.wid, about: asked.action, agent: asked.agent },
        sameness: JSON.stringify(["request", asked.agent, asked.action, asked.ruleIds]),
        roles: (fact.claims.roles ?? [{ role: fact.claims.role }]).map(({ role }) => role),
      });
    } else if (fact.typ === "hitl-decision+jwt") {
      const { claims } = fact;
      decisions.push({
        ...{ seq, at, by: claims.iss, request: claims.request.jti, outcome: claims.outcome, givenAt: claims.iat },
        shownAt: claims.view?.shown_at ?? null,
        view: claims.view?.hash ?? null,
      });
      if (claims.outcome === "escalate") escalated(logged, claims.request.jti);
    } else if (fact.typ === "override-compliance+jwt") {
      if (fact.claims.verdict === "violated") ask(logged, "stop", { about: "violated", agent: fact.claims.target });
    } else if (fact.typ === "override+jwt") {
      const { action, scope } = fact.claims;
      if (action === "stop")
        leases.end(logged, (lease) => scope.kind === "domain" || scope.id === lease.agent || scope.id === lease.wid);
    } else if (fact.typ === "lease+jwt") {
      const { jti, agent, wid, duration_s: durationS } = fact.claims;
      if (!drills.has(wid)) leases.give(logged, { jti, agent, wid, durationS });
    } else if (fact.typ === "exec+jwt") {
      if (fact.claims.wid !== undefined && drillMarkOf(fact.claims.ect_ext) != null) drills.add(fact.claims.wid);
      else leases.start(logged, fact);
    } else if (fact.typ === "record+jwt") {
      record(logged, fact);
    }
  };

  return {
    take,
    seen,
    upTo: (size, nowS) => {
      const before = ({ seq }: { readonly seq: number }): boolean => seq < size;
      return {
        demands: [...demands.filter(before), ...leases.prompts(size, nowS)].toSorted(
          (a, b) => a.at - b.at || a.seq - b.seq,
        ),
        requests: new Map([...requests].filter(([, request]) => request.seq < size)),
        decisions: decisions.filter(before),
        acts: acts.filter(before).toSorted((a, b) => a.seq - b.seq),
        roles: new Map([...roles].map(([who, since]) => [who, since.filter(before)])),
      };
    },
  };
}

function requestOf({ seq, receivedAt }: LoggedFact, claims: HitlRequestClaims): AskedRequest {
  const { explanation, task } = claims;
  const words = [
    explanation.summary,
    ...explanation.alternatives,
    task.args === undefined ? "" : JSON.stringify(task.args),
  ];
  return {
    request: claims.jti,
    seq,
    at: receivedAt,
    wid: claims.wid,
    policy: claims.acp.jti,
    agent: claims.iss,
    action: task.exec_act,
    ruleIds: claims.rule_ids.toSorted(),
    characters: words.reduce((sum, text) => sum + text.length, 0),
  };
}

/** Of the window of an appraisal in which the sequential test stands alarmed. */
const raisedSchema = z.object({
  alarm: z.object({ raised: z.literal(true) }),
  profile: z.object({ profile_id: z.string(), version: z.number() }),
});

/** The state that an appraisal changed an agent to; null where it changed nothing. */
function changedTo(change: unknown): string | null {
  if (typeof change !== "object" || change === null || !("to" in change)) return null;
  return typeof change.to === "string" ? change.to : null;
}

/** Whether somebody held one of these roles at a time. */
export function heldRole(since: readonly RolesSince[], asked: readonly string[], at: number): boolean {
  const held = since.findLast((one) => one.at <= at);
  return held !== undefined && at < held.exp && held.roles.some((role) => asked.includes(role));
}
