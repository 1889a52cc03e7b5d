import { must } from "../../base/assert.ts";
import type { HitlDecisionClaims } from "../../protocol/acp/claims.ts";
import type { StandingGrantClaims } from "../../protocol/acp/grant.ts";
import {
  type HandlingVerb,
  type HitlHandlingClaims,
  hitlReviewClaimsSchema,
  hitlWithdrawalClaimsSchema,
} from "../../protocol/acp/handling.ts";
import type { IntentClaims } from "../../protocol/ect/claims.ts";
import { overrideClaimsSchema } from "../../protocol/override/claims.ts";
import type { Fact } from "../fact.ts";
import {
  AGENT,
  common,
  HASH,
  POLICY,
  POLICY_LASTS_S,
  STARTER,
  WID,
  type World,
  type WorldTask,
} from "./gate-world.fixture.ts";

/** What an agent, an operator or an attacker sends into the world, as claims. */

/** The policy in force, as an agent or operator knows it. */
export function policyInForceOf(world: World): { readonly jti: string; readonly hash: string } {
  const acp = must(world.state.workflows.get(WID), "the workflow").acp;
  return { jti: acp, hash: must(world.state.policies.get(acp), "the policy").hash };
}

export const FIRST_POLICY = { jti: POLICY.jti, hash: HASH };

export function intentOf(world: World, task: WorldTask, jti: string, acp = policyInForceOf(world)): Fact {
  const claims: IntentClaims = {
    ...common(world, AGENT, jti),
    wid: WID,
    task: task.jti,
    exec_act: task.act,
    pred: [],
    inp_hash: task.hash,
    args_hash: task.hash,
    acp,
    needs: {},
  };
  return { typ: "intent+jwt", claims };
}

/** What the arguments of a task are that an approval may change. */
export const ARGS_N = 10;

export function requestOf(world: World, task: WorldTask, jti: string): Fact {
  const rule = must(task.act.split("_")[0], "a task's act begins with its rule");
  const asked = world.state.workflows.get(WID)?.tasks.get(task.jti)?.intent;
  const changeable = rule === "mod";
  return {
    typ: "hitl-request+jwt",
    claims: {
      ...common(world, AGENT, jti),
      wid: WID,
      task: {
        jti: task.jti,
        exec_act: task.act,
        inp_hash: task.hash,
        args_hash: task.hash,
        pred: [],
        ...(changeable ? { args: { n: ARGS_N } } : {}),
      },
      acp: asked?.acp ?? policyInForceOf(world),
      rule_ids: [rule],
      role: "operator",
      approvals: rule === "two" || rule === "glass" ? 2 : 1,
      consequence: rule === "std" ? "reversible" : "irreversible",
      explanation: { summary: "", alternatives: [], evidence: [], confidence: null },
      options: changeable ? ["approve", "reject", "modify"] : ["approve", "reject"],
    },
  };
}

export interface DecisionChange {
  readonly by: string;
  readonly role: string;
  readonly outcome: HitlDecisionClaims["outcome"];
  /** Of the task's action and request, or bound to another one, or about another version of the request. */
  readonly about: "this" | "another action" | "another version";
  /** How old the authentication is. */
  readonly authAgeS: number;
  readonly lifetimeS: number;
  readonly alone: boolean;
  /** What the arguments are changed to; null where nothing is changed. */
  readonly changedTo: number | null;
  readonly reason: string;
}

export function decisionOf(world: World, task: WorldTask, request: string, jti: string, change: DecisionChange): Fact {
  const { changedTo } = change;
  return {
    typ: "hitl-decision+jwt",
    claims: {
      ...common(world, change.by, jti),
      exp: world.nowS + change.lifetimeS,
      wid: WID,
      request: { jti: request, hash: change.about === "another version" ? OTHER_HASH : HASH },
      outcome: change.outcome,
      role: change.role,
      auth_time: world.nowS - change.authAgeS,
      amr: ["pwd", "user"],
      reason: change.reason,
      bind: {
        exec_act: task.act,
        inp_hash: task.hash,
        args_hash: change.about === "another action" ? OTHER_HASH : task.hash,
      },
      ...(change.alone ? { break_glass: true as const } : {}),
      ...(changedTo === null
        ? {}
        : { modified: { args_hash: changedTo === ARGS_N ? task.hash : hashOfN(changedTo), args: { n: changedTo } } }),
    },
  };
}

const OTHER_HASH = "Z".repeat(43);
/** Stands for the digest of changed arguments: that it is theirs is checked when a token is received, before this. */
export const hashOfN = (n: number): string => `n${n}`.padEnd(43, "n");

const presence = (world: World) => ({ role: "operator", auth_time: world.nowS, amr: ["pwd", "user"] });

export function withdrawalOf(world: World, by: string, request: string, jti: string): Fact {
  const claims = { ...common(world, by, jti), wid: WID, request: { jti: request, hash: HASH }, settled: "cancelled" };
  return { typ: "hitl-withdrawal+jwt", claims: hitlWithdrawalClaimsSchema.parse(claims) };
}

export function handlingOf(
  world: World,
  by: string,
  request: string,
  jti: string,
  { verb, untilS }: { readonly verb: HandlingVerb; readonly untilS: number },
): Fact {
  const claims: HitlHandlingClaims = {
    ...common(world, by, jti),
    wid: WID,
    request: { jti: request, hash: HASH },
    verb,
    reason: "later",
    ...(verb === "respond" ? { text: "words" } : {}),
    ...(verb === "claim" || verb === "shelve" || verb === "defer" ? { until: world.nowS + untilS } : {}),
    ...presence(world),
  };
  return { typ: "hitl-handling+jwt", claims };
}

export function reviewOf(world: World, by: string, request: string, jti: string): Fact {
  const decision = world.state.gates.get(request)?.breakGlass?.decision ?? jti;
  const claims = {
    ...common(world, by, jti),
    wid: WID,
    request: { jti: request, hash: HASH },
    decision,
    verdict: "justified",
    reason: "model",
    ...presence(world),
    role: "duty_manager",
  };
  return { typ: "hitl-review+jwt", claims: hitlReviewClaimsSchema.parse(claims) };
}

export interface GrantChange {
  readonly by: string;
  readonly act: string;
  readonly rules: readonly string[];
  readonly maxUses: number;
  readonly lifetimeS: number;
}

export function grantOf(world: World, jti: string, { by, act, rules, maxUses, lifetimeS }: GrantChange): Fact {
  const claims: StandingGrantClaims = {
    ...common(world, by, jti),
    exp: world.nowS + lifetimeS,
    wid: WID,
    acp: policyInForceOf(world),
    agent: AGENT,
    exec_act: act,
    rule_ids: [...rules],
    max_uses: maxUses,
    reason: "model",
    ...presence(world),
  };
  return { typ: "standing-grant+jwt", claims };
}

export function grantEndOf(world: World, by: string, grant: string, jti: string): Fact {
  const claims = { ...common(world, by, jti), grant: { jti: grant, hash: HASH }, reason: "model", ...presence(world) };
  return { typ: "grant-revocation+jwt", claims };
}

/** A policy in the place of the one in force, and the digest of its token: each has its own. */
export function replacementOf(world: World, by: string, jti: string): { readonly fact: Fact; readonly digest: string } {
  const claims = {
    ...POLICY,
    ...common(world, by, jti),
    sub: STARTER,
    exp: world.nowS + POLICY_LASTS_S,
    replaces: policyInForceOf(world),
  };
  return { fact: { typ: "acp+jwt", claims }, digest: `p${jti.replaceAll("-", "")}`.padEnd(43, "p") };
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
      acp: policyInForceOf(world),
      ...presence(world),
      reason: "model",
    },
  };
}
