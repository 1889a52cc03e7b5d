import { must } from "../../base/assert.ts";
import { type AcpClaims, acpClaimsSchema, type HitlDecisionClaims } from "../../protocol/acp/claims.ts";
import type { IntentClaims } from "../../protocol/ect/claims.ts";
import type { Refusal } from "../../protocol/jose/refusal.ts";
import type { Verified } from "../../protocol/jose/verify-token.ts";
import { overrideClaimsSchema } from "../../protocol/override/claims.ts";
import type { Command, Draft, Moment } from "../command.ts";
import { decide } from "../decide.ts";
import { evolve } from "../evolve.ts";
import type { Fact, LoggedFact } from "../fact.ts";
import { hostIds } from "../records.ts";
import { initialState, type State } from "../state.ts";

/**
 * The engine's decisions and folds over a log in memory, with tokens taken as verified: for thousands of random runs. What
 * signatures, bytes and storage add is tested elsewhere.
 */

export const WID = "00000000-0000-4000-8000-00000000000a";
export const AGENT = `spiffe://world.test/agent/${WID}/worker`;
export const STARTER = "spiffe://world.test/human/starter";
export const PEOPLE = ["ann", "ben", "cid"].map((name) => `spiffe://world.test/human/${name}`);
const IDS = hostIds("world.test");
const HASH = "A".repeat(43);
const START_S = 1_772_064_000;

/** Epoch seconds at which the policy of the world ends. */
export const POLICY_ENDS_S = START_S + 900;

const POLICY: AcpClaims = acpClaimsSchema.parse({
  iss: STARTER,
  sub: STARTER,
  aud: [IDS.pepId],
  iat: START_S,
  exp: POLICY_ENDS_S,
  jti: "00000000-0000-4000-8000-0000000000b1",
  wid: WID,
  acp_ver: 1,
  dag: {
    root: "op",
    self: "op",
    max_depth: 1,
    nodes: [
      { id: "op", agent: STARTER, actions: ["*"], delegable: true },
      { id: "work", agent: AGENT, actions: ["one_*", "two_*", "free_*"], consequence: "irreversible" },
    ],
    edges: [{ from: "op", to: "work", kind: "delegates" }],
  },
  hitl: {
    default_on_timeout: "deny",
    escalation: [{ role: "duty_manager", after_s: 30 }],
    rules: [
      {
        id: "one",
        trigger: { kind: "action", patterns: ["one_*"] },
        role: "operator",
        action: "approve",
        timeout_s: 60,
      },
      {
        id: "two",
        trigger: { kind: "action", patterns: ["two_*"] },
        role: "operator",
        action: "approve",
        approvals: 2,
        timeout_s: 60,
        on_timeout: "escalate",
      },
    ],
  },
});

/** What the tasks of the world do: gated by one person, by two, and not at all (which ACP-15 would not accept; it is not asked here). */
export const TASKS = ["one_a", "one_b", "two_a", "free_a"].map((act, at) => ({
  jti: `00000000-0000-4000-8000-00000000010${at}`,
  act,
  hash: `${at}`.repeat(43),
}));
export type WorldTask = (typeof TASKS)[number];

export interface World {
  readonly log: LoggedFact[];
  state: State;
  nowS: number;
  submit(command: Command): readonly Fact[] | Refusal;
  token(fact: Fact, digest?: string): Command;
  /** The same log folded from nothing, as after a crash. */
  restart(): void;
}

/** A started workflow. Every id and digest counts up, so that a run is the same when it is repeated. */
export function createWorld(): World {
  let ids = 0;
  const uuid = (): string => {
    ids += 1;
    return `10000000-0000-4000-8000-${String(ids).padStart(12, "0")}`;
  };
  const world: World = {
    log: [],
    state: initialState(),
    nowS: START_S,
    submit: (command) => {
      const lastS = world.log.at(-1)?.receivedAt ?? 0;
      const nowS = Math.max(lastS, world.nowS);
      const moment: Moment = { nowS, nowMs: nowS * 1000, uuid };
      const decided = decide(world.state, command, IDS, moment);
      if (!decided.ok) return decided.error;
      return decided.value.map((draft) => append(world, draft, nowS));
    },
    token: (fact, digest = HASH) => ({ kind: "token", verified: verified(fact, digest), fact }),
    restart: () => {
      world.state = world.log.reduce(evolve, initialState());
    },
  };
  // A log without role statements: everybody enrolled may decide in any role (COM-15).
  for (const subject of [IDS.logId, IDS.pepId, STARTER, ...PEOPLE, AGENT])
    append(world, { kind: "sign", as: "log", fact: wit(world, subject, uuid()) }, START_S);
  const start: Fact = {
    typ: "exec+jwt",
    claims: {
      ...common(world, STARTER, uuid()),
      wid: WID,
      exec_act: "run_start",
      pred: [],
      ect_ext: {
        obj_typ: "recorded-run+json",
        obj_hash: HASH,
        "org.signalbox.acp": { jti: POLICY.jti, hash: HASH },
      },
    },
  };
  append(world, draftOf({ typ: "acp+jwt", claims: POLICY }), START_S);
  append(world, draftOf(start), START_S);
  must(world.state.workflows.get(WID), "the workflow is started");
  return world;
}

function append(world: World, draft: Draft, nowS: number): Fact {
  const digest = draft.kind === "token" ? draft.digest : "";
  const logged: LoggedFact = { seq: world.log.length, receivedAt: nowS, digest, fact: draft.fact };
  world.log.push(logged);
  world.state = evolve(world.state, logged);
  return draft.fact;
}

const jwkOf = (kid: string) => ({ kty: "OKP" as const, crv: "Ed25519" as const, x: HASH, kid });

const wit = (world: World, sub: string, jti: string) => ({
  typ: "wit+jwt" as const,
  claims: {
    iss: IDS.logId,
    sub,
    iat: world.nowS,
    exp: world.nowS + 86_400,
    jti,
    cnf: { jwk: jwkOf(sub) },
    name: sub,
  },
});

const common = (world: World, iss: string, jti: string) => ({
  iss,
  aud: [IDS.pepId],
  iat: world.nowS,
  exp: world.nowS + 300,
  jti,
});

const draftOf = (fact: Fact): Draft => ({ kind: "token", compact: "", submitter: fact.claims.iss, fact, digest: HASH });

function verified(fact: Fact, digest: string): Verified<unknown> {
  const kid = fact.claims.iss;
  return {
    typ: fact.typ,
    header: { alg: "EdDSA", typ: fact.typ, kid },
    claims: fact.claims,
    digest,
    // Nothing that decides looks at the key itself.
    key: { kid, subject: kid, alg: "EdDSA", key: null as never, revokedAt: null },
    compact: "",
  };
}

const ACP = { jti: POLICY.jti, hash: HASH };

export function intentOf(world: World, task: WorldTask, jti: string): Fact {
  const claims: IntentClaims = {
    ...common(world, AGENT, jti),
    wid: WID,
    task: task.jti,
    exec_act: task.act,
    pred: [],
    inp_hash: task.hash,
    args_hash: task.hash,
    acp: ACP,
    needs: {},
  };
  return { typ: "intent+jwt", claims };
}

export function requestOf(world: World, task: WorldTask, jti: string): Fact {
  const two = task.act.startsWith("two_");
  return {
    typ: "hitl-request+jwt",
    claims: {
      ...common(world, AGENT, jti),
      wid: WID,
      task: { jti: task.jti, exec_act: task.act, inp_hash: task.hash, args_hash: task.hash, pred: [] },
      acp: ACP,
      rule_ids: [two ? "two" : "one"],
      role: "operator",
      approvals: two ? 2 : 1,
      consequence: "irreversible",
      explanation: { summary: "", alternatives: [], evidence: [], confidence: null },
      options: ["approve", "reject"],
    },
  };
}

export interface DecisionChange {
  readonly by: string;
  readonly role: string;
  readonly outcome: HitlDecisionClaims["outcome"];
  /** Bound to the task's action, or to another one. */
  readonly exact: boolean;
  /** How old the authentication is. */
  readonly authAgeS: number;
  readonly lifetimeS: number;
}

export function decisionOf(world: World, task: WorldTask, request: string, jti: string, change: DecisionChange): Fact {
  return {
    typ: "hitl-decision+jwt",
    claims: {
      ...common(world, change.by, jti),
      exp: world.nowS + change.lifetimeS,
      wid: WID,
      request: { jti: request, hash: HASH },
      outcome: change.outcome,
      role: change.role,
      auth_time: world.nowS - change.authAgeS,
      amr: ["pwd", "user"],
      reason: "because",
      bind: { exec_act: task.act, inp_hash: task.hash, args_hash: change.exact ? task.hash : "Z".repeat(43) },
    },
  };
}

export function overrideOf(world: World, jti: string, seq: number, of: string | null): Fact {
  const claims = overrideClaimsSchema.parse({
    ...common(world, STARTER, jti),
    ovr_ver: 1,
    level: of === null ? "emergency" : "mandatory",
    action: of === null ? "stop" : "release",
    scope: { kind: "domain", id: "world.test" },
    params: of === null ? { mode: "immediate" } : { of },
    seq,
    deadline_ms: 1000,
    reason: "model",
    auth_time: world.nowS,
    amr: ["pwd", "user"],
    role: "operator",
  });
  return { typ: "override+jwt", claims };
}

export function revocationOf(world: World, jti: string): Fact {
  return {
    typ: "acp-revocation+jwt",
    claims: {
      ...common(world, STARTER, jti),
      acp: ACP,
      auth_time: world.nowS,
      amr: ["pwd", "user"],
      role: "operator",
      reason: "model",
    },
  };
}
