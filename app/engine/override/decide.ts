import { err, ok, type Result } from "../../base/result.ts";
import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";
import type { Verified } from "../../protocol/jose/verify-token.ts";
import type { OverrideComplianceClaims } from "../../protocol/override/claims.ts";
import { isDrill } from "../../protocol/override/params.ts";
import type { Command, Draft, Moment } from "../command.ts";
import type { FactOf } from "../fact.ts";
import { isHuman } from "../identity/human.ts";
import { MAY_RELEASE, MAY_STOP, roleProblem } from "../identity/roles.ts";
import { type HostIds, recordDraft, tokenDraft } from "../records.ts";
import type { State } from "../state.ts";
import type { Cosigner } from "./cosigners.ts";
import { orderProblem } from "./decide-order.ts";

/** Oldest authentication an override may rest on, seconds (OVR-S5). */
const AUTH_AGE_S = { advisory: 900, mandatory: 300, emergency: 3600 } as const;
export const MAX_DEADLINE_MS = { advisory: 60_000, mandatory: 10_000, emergency: 1000 } as const;

/**
 * O1 at the enforcement point, after common verification. A `stop` has halted its scope already when this runs
 * (gateway), so what is wrong with it is reported and never undoes it (OVR-11, OVR-S1). `cosigners` are the second people
 * whose signatures over the same signal were verified.
 */
export function decideOverride(
  state: State,
  token: Verified<unknown>,
  fact: FactOf<"override+jwt">,
  cosigners: readonly Cosigner[],
  moment: Moment,
): Result<Draft[], Refusal> {
  const { claims } = fact;
  const draft: Draft = tokenDraft(token, fact);
  if (state.overrides.has(claims.jti))
    return err(refusal("token_replayed", "this signal is in the log already", { jti: claims.jti }));
  if (claims.action === "stop" && !isDrill(claims)) return ok([draft]);

  const problem = overrideProblem(state, fact, moment.nowS) ?? orderProblem(state, claims, cosigners, moment.nowS);
  return problem === null ? ok([draft]) : err(problem);
}

/** What is wrong with the authority, the order or the numbers of a signal; null when nothing is (O1 steps 4 and 5). */
export function overrideProblem(state: State, fact: FactOf<"override+jwt">, nowS: number): Refusal | null {
  const { claims } = fact;
  if (!isHuman(claims.iss))
    return refusal("override_unauthorized", "an override needs a human authority under /human/ (OVR-S2)");
  const denied = roleProblem(state, claims.iss, claims.action === "stop" ? MAY_STOP : MAY_RELEASE, nowS, {
    code: "override_unauthorized",
    what: `to ${claims.action}`,
    claim: "role",
  });
  if (denied !== null) return denied;
  if (claims.auth_time > nowS + 30 || nowS - claims.auth_time > AUTH_AGE_S[claims.level]) {
    return refusal(
      "override_unauthorized",
      "the operator's authentication is too old for this level: authenticate again",
      { claim: "auth_time" },
    );
  }
  if (claims.deadline_ms > MAX_DEADLINE_MS[claims.level]) {
    return refusal("token_claim_invalid", "the deadline is longer than the level allows", { claim: "deadline_ms" });
  }
  const last = state.overrideSeq.get(overrideSeqKey(claims.iss, claims.scope));
  if (last !== undefined && claims.seq <= last)
    return refusal("override_stale", "a newer signal of this operator for this scope exists", { claim: "seq" });
  return null;
}

export { isHuman };

export const overrideSeqKey = (operator: string, scope: { kind: string; id: string }): string =>
  `${operator} ${scope.kind} ${scope.id}`;

/** An acknowledgement is a claim of the agent's, recorded as such; it proves nothing by itself (OVR-4). */
export function decideAck(
  state: State,
  token: Verified<unknown>,
  fact: FactOf<"override-ack+jwt">,
): Result<Draft[], Refusal> {
  const signal = state.overrides.get(fact.claims.signal.jti);
  if (signal === undefined) return err(refusal("override_not_found", "the acknowledged signal is not in the log"));
  if (signal.hash !== fact.claims.signal.hash)
    return err(refusal("object_hash_mismatch", "the acknowledged signal has another digest"));
  if (fact.claims.stage === "refused" && (fact.claims.code ?? "") === "")
    return err(refusal("token_claim_invalid", "who refuses says why (OVR-10)", { claim: "code" }));
  if (!signal.targets.has(fact.claims.iss))
    return err(refusal("override_not_for_me", "this agent is not a target of the signal"));
  return ok([tokenDraft(token, fact)]);
}

/** The monitor's verdict about one target, by evidence other than the agent's word (O2). */
export function decideVerdict(
  state: State,
  command: Extract<Command, { kind: "verdict" }>,
  ids: HostIds,
  moment: Moment,
): Result<Draft[], Refusal> {
  const signal = state.overrides.get(command.signal);
  const target = signal?.targets.get(command.agent);
  if (signal === undefined || target === undefined)
    return err(refusal("override_not_found", "no such signal or target"));
  if (target.verdict === "violated") return err(refusal("override_verdict_final", "a violation was found already"));
  if (target.verdict !== null && command.verdict !== "violated")
    return err(refusal("override_verdict_final", "a verdict exists already"));
  const violation = command.verdict === "violated" ? command.observed[0]?.at : undefined;
  const claims: OverrideComplianceClaims = {
    iss: ids.pepId,
    iat: moment.nowS,
    jti: moment.uuid(),
    signal: { jti: signal.jti, hash: signal.hash },
    target: command.agent,
    verdict: command.verdict,
    observed: command.observed.map((seen) => ({ ...seen })),
    ...(violation === undefined ? {} : { first_violation_at: violation }),
    latency_ms: Math.max(0, Math.round(command.latencyMs)),
  };
  return ok([{ kind: "sign", as: "pep", fact: { typ: "override-compliance+jwt", claims } }]);
}

export function decideTermination(
  state: State,
  command: Extract<Command, { kind: "agent_terminated" }>,
  ids: HostIds,
  moment: Moment,
): Result<Draft[], Refusal> {
  const signal = state.overrides.get(command.signal);
  if (signal === undefined || !signal.targets.has(command.agent))
    return err(refusal("override_not_found", "no such signal or target"));
  return ok([
    recordDraft(
      ids,
      moment,
      "agent_terminated",
      null,
      { jti: command.signal },
      { agent: command.agent, latency_ms: Math.round(command.latencyMs) },
    ),
  ]);
}
