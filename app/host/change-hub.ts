import type { Fact, LoggedFact } from "../engine/fact.ts";
import { CHECKPOINT_ACT } from "../protocol/cascade/checkpoint.ts";

/** Areas whose views a change may have touched; the words of the contract. */
export type ChangedArea =
  | "identity"
  | "workflow"
  | "gate"
  | "override"
  | "policy"
  | "cascade"
  | "rollback"
  | "liveness"
  | "accounting"
  | "behavior"
  | "benchmark"
  | "drill"
  | "domains"
  | "audit"
  | "host";

/** Hints that views changed, for whoever listens; never facts. */
export interface ChangeHub {
  touch(areas: readonly ChangedArea[], hint?: string | null): void;
  listen(listener: (areas: readonly ChangedArea[], hint: string | null) => void): () => void;
}

export function createChangeHub(): ChangeHub {
  const listeners = new Set<(areas: readonly ChangedArea[], hint: string | null) => void>();
  return {
    touch: (areas, hint = null) => {
      for (const listener of listeners) listener(areas, hint);
    },
    listen: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

const AREA: Readonly<Record<string, ChangedArea>> = {
  "wit+jwt": "identity",
  "role-statement+jwt": "identity",
  "trust-statement+jwt": "identity",
  "hitl-request+jwt": "gate",
  "hitl-decision+jwt": "gate",
  "hitl-handling+jwt": "gate",
  "hitl-withdrawal+jwt": "gate",
  "hitl-review+jwt": "gate",
  "standing-grant+jwt": "policy",
  "grant-revocation+jwt": "policy",
  "override+jwt": "override",
  "override-ack+jwt": "override",
  "override-compliance+jwt": "override",
  "circuit-state+jwt": "cascade",
  "breaker-order+jwt": "cascade",
  "failure-signal+jwt": "cascade",
  "rollback-request+jwt": "rollback",
  "rollback-result+jwt": "rollback",
  "residue-handling+jwt": "rollback",
  "lease+jwt": "liveness",
  "audit-handoff+jwt": "domains",
  "audit-countersign+jwt": "domains",
  "crossing-handling+jwt": "domains",
  "audit-query+jwt": "domains",
  "audit-query-decision+jwt": "domains",
  "domain-order+jwt": "domains",
  "behavior-profile+jwt": "behavior",
  "behavior-order+jwt": "behavior",
  "bet+jwt": "behavior",
  "ear+jwt": "behavior",
  "bench-order+jwt": "benchmark",
  "bench-result+jwt": "benchmark",
  "evidence-request+jwt": "audit",
  "exec-audit+jwt": "audit",
  "usage-record+jwt": "accounting",
  "tariff+jwt": "accounting",
  "settlement+jwt": "accounting",
  "usage-correction+jwt": "accounting",
  "ledger-import+jwt": "accounting",
};

const OF_OVERRIDES: ReadonlySet<string> = new Set(["override_ended", "stop_due", "override_escalated"]);

/** What changes the state of tasks, and has another area of its own. */
const MOVES_TASKS: ReadonlySet<string> = new Set([
  "hitl-request+jwt",
  "hitl-decision+jwt",
  "hitl-withdrawal+jwt",
  "grant-revocation+jwt",
  "override+jwt",
]);

/** Records of the enforcement point about breakers, domains and cascades; with a workflow its own end. */
const CASCADES: ReadonlySet<string> = new Set(["cascade_alert", "domain_state", "domain_alert", "run_finished"]);

/** The areas a batch of facts touches. */
export function areasOf(logged: readonly LoggedFact[]): ChangedArea[] {
  const areas = new Set<ChangedArea>(["audit", "host"]);
  for (const { fact } of logged) {
    areas.add(AREA[fact.typ] ?? "workflow");
    if (fact.typ === "record+jwt" && fact.claims.kind.startsWith("gate_")) areas.add("gate");
    if (fact.typ === "record+jwt" && "request" in fact.claims.data) areas.add("gate");
    if (fact.typ === "record+jwt" && OF_OVERRIDES.has(fact.claims.kind)) areas.add("override");
    if (fact.typ === "record+jwt" && CASCADES.has(fact.claims.kind)) areas.add("cascade");
    if (fact.typ === "record+jwt" && fact.claims.kind.startsWith("behavior_")) areas.add("behavior");
    if (bearsOnConduct(fact)) areas.add("behavior");
    if (bearsOnRollbacks(fact)) areas.add("rollback");
    if (bearsOnLiveness(fact)) areas.add("liveness");
    if (fact.typ === "record+jwt" && fact.claims.kind === "finding_flagged") areas.add("domains");
    if (fact.typ === "record+jwt" && fact.claims.kind === "bench_aborted") areas.add("benchmark");
    if (bearsOnDrills(fact)) areas.add("drill");
    if (MOVES_TASKS.has(fact.typ)) areas.add("workflow");
    if (fact.typ === "override+jwt" || fact.typ === "acp-revocation+jwt" || fact.typ === "acp+jwt") areas.add("gate");
    if (bearsOnPolicies(fact)) areas.add("policy");
  }
  return [...areas];
}

/** A lease that ended, a link that was lost or returned, a start that declares both. */
function bearsOnLiveness(fact: Fact): boolean {
  if (fact.typ === "exec+jwt") return fact.claims.exec_act === "run_start";
  return fact.typ === "record+jwt" && LIVENESS.has(fact.claims.kind);
}

const LIVENESS: ReadonlySet<string> = new Set(["lease_ended", "link_lost", "link_returned", "run_finished"]);

/** An agent takes part in a workflow or does so no more; and what a quarantine of it holds (its leases, breakers toward it). */
function bearsOnConduct(fact: Fact): boolean {
  if (fact.typ === "exec+jwt") return fact.claims.exec_act === "run_start";
  if (fact.typ === "record+jwt") return fact.claims.kind === "run_finished" || fact.claims.kind === "lease_ended";
  return fact.typ === "lease+jwt" || fact.typ === "circuit-state+jwt" || fact.typ === "override+jwt";
}

/** A drill's score, or what may prove a control: the acknowledgement of a signal of the test mode, a release. */
function bearsOnDrills(fact: Fact): boolean {
  return (
    fact.typ === "override+jwt" ||
    fact.typ === "override-ack+jwt" ||
    (fact.typ === "record+jwt" && (fact.claims.kind === "drill_scored" || fact.claims.kind === "self_tested"))
  );
}

/** A policy issued, put in force by a start, or used up by a permission. */
function bearsOnPolicies(fact: Fact): boolean {
  if (fact.typ === "record+jwt") return fact.claims.kind === "permitted" || fact.claims.kind === "run_finished";
  return (
    fact.typ === "acp+jwt" ||
    fact.typ === "acp-revocation+jwt" ||
    fact.typ === "standing-grant+jwt" ||
    fact.typ === "grant-revocation+jwt" ||
    (fact.typ === "exec+jwt" && fact.claims.exec_act === "run_start")
  );
}

/** A checkpoint was made, or a rollback ordered, planned or moved on. */
function bearsOnRollbacks(fact: Fact): boolean {
  if (fact.typ === "record+jwt") return fact.claims.kind.startsWith("rollback_");
  if (fact.typ === "override+jwt") return fact.claims.action === "rollback";
  return fact.typ === "exec+jwt" && (fact.claims.exec_act === CHECKPOINT_ACT || fact.claims.exec_act === "compensate");
}
