import { err, ok, type Result } from "../../base/result.ts";
import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";
import type { OverrideClaims } from "../../protocol/override/claims.ts";
import {
  adviseParamsSchema,
  carriesOut,
  endedSignal,
  isDrill,
  modifyParamsSchema,
  pauseParamsSchema,
  rollbackParamsSchema,
  takeoverParamsSchema,
} from "../../protocol/override/params.ts";
import type { Draft, Moment } from "../command.ts";
import { type HostIds, recordDraft } from "../records.ts";
import type { OverrideState, State } from "../state.ts";
import { type Cosigner, cosignerProblem } from "./cosigners.ts";
import { modifyProblem } from "./limits.ts";
import { isOutranked, rankOf, type Standing, standingOf } from "./standing.ts";

/** Longest a takeover holds before it lapses into a pause, seconds (OVR-22). */
const MAX_TAKEOVER_S = 28_800;
/** Longer than this nobody pauses a whole domain alone, seconds (OVR-S4). */
const ALONE_DOMAIN_PAUSE_S = 3600;
/** Signals one operator may give in a minute, stops aside (OVR-S7). */
const MAX_PER_MINUTE = 30;

/** The lowest level of each order that this console carries out (override.md section a). */
const LOWEST: Readonly<Record<OverrideClaims["action"], OverrideClaims["level"]>> = {
  /** Only a drill of one is examined before it does anything: there is nothing it does (OVR-25). */
  stop: "mandatory",
  pause: "mandatory",
  takeover: "mandatory",
  rollback: "mandatory",
  modify: "mandatory",
  release: "mandatory",
  resume: "mandatory",
  advise: "advisory",
};
/** The actions of override.md that this console carries out. */
export const CARRIED_OUT: readonly string[] = Object.keys(LOWEST);
const LASTING: readonly string[] = ["pause", "modify", "takeover"];
const OF_GROUPS: readonly OverrideClaims["action"][] = ["stop", "pause", "resume", "release"];
const PARAMS = {
  pause: pauseParamsSchema,
  modify: modifyParamsSchema,
  takeover: takeoverParamsSchema,
  rollback: rollbackParamsSchema,
  advise: adviseParamsSchema,
} as const;

/** What is wrong with an order that is no stop, after its authority and number were found right; null when nothing is. */
export function orderProblem(
  state: State,
  claims: OverrideClaims,
  cosigners: readonly Cosigner[],
  nowS: number,
): Refusal | null {
  return (
    formProblem(claims, nowS) ??
    rateProblem(state, claims, nowS) ??
    cosignerProblem(state, claims.iss, cosigners, nowS) ??
    twoPersonProblem(claims, cosigners.length > 0, nowS) ??
    endProblem(state, claims, nowS) ??
    supersedeProblem(state, claims, nowS) ??
    modifyProblem(state, claims)
  );
}

function formProblem(claims: OverrideClaims, nowS: number): Refusal | null {
  const lowest = LOWEST[claims.action];
  if (claims.level === "advisory" && lowest !== "advisory")
    return refusal("override_level_too_low", `"${claims.action}" is an order: ${lowest} at least`, { claim: "level" });
  if (claims.action === "advise" && claims.level !== "advisory")
    return refusal("override_state_invalid", "advice is advisory: what is to be obeyed is an order", {
      claim: "level",
    });
  if (claims.on_no_ack === "none" && claims.level !== "advisory")
    return refusal("token_claim_invalid", "only advice may go unanswered", { claim: "on_no_ack" });
  const { action } = claims;
  const params =
    action === "pause" || action === "modify" || action === "takeover" || action === "rollback" || action === "advise"
      ? PARAMS[action].safeParse(claims.params)
      : null;
  if (params?.success === false)
    return refusal("token_claim_invalid", `params of ${claims.action}: ${params.error.issues[0]?.message ?? "form"}`, {
      claim: "params",
    });
  if (isDrill(claims) && claims.supersedes !== undefined)
    return refusal("override_state_invalid", "a drill takes the place of nothing", { claim: "supersedes" });
  // An end has the scope of what it ends.
  if (claims.scope.kind === "group" && !OF_GROUPS.includes(action))
    return refusal("override_scope_unknown", "a group is stopped or paused, nothing else", { claim: "scope" });
  if (action === "takeover" && claims.scope.kind !== "agent" && claims.scope.kind !== "workflow")
    return refusal("override_scope_unknown", "one agent or the agents of one workflow are taken over", {
      claim: "scope",
    });
  if (action === "rollback" && claims.scope.kind !== "workflow")
    return refusal("override_scope_unknown", "the agents of one workflow roll back", { claim: "scope" });
  return durationProblem(claims, nowS);
}

function durationProblem({ action, effect_until: until }: OverrideClaims, nowS: number): Refusal | null {
  const invalid = (detail: string): Refusal => refusal("token_claim_invalid", detail, { claim: "effect_until" });
  if (until !== undefined && !LASTING.includes(action)) return invalid(`a ${action} has no end of its own`);
  if (until !== undefined && until <= nowS) return invalid("its effect would be over before it begins");
  if (action === "takeover" && (until === undefined || until > nowS + MAX_TAKEOVER_S))
    return invalid("a takeover ends by itself, after 28,800 s at most (OVR-22)");
  return null;
}

function rateProblem(state: State, { iss }: OverrideClaims, nowS: number): Refusal | null {
  let given = 0;
  for (const { claims, at } of state.overrides.values())
    if (claims.iss === iss && (claims.action !== "stop" || isDrill(claims)) && at > nowS - 60) given += 1;
  return given < MAX_PER_MINUTE
    ? null
    : refusal("override_rate", "30 signals a minute are the most one operator gives; stops are free (OVR-S7)");
}

/** OVR-S4: what one person may not order alone. */
function twoPersonProblem(claims: OverrideClaims, cosigned: boolean, nowS: number): Refusal | null {
  const long = claims.effect_until === undefined || claims.effect_until > nowS + ALONE_DOMAIN_PAUSE_S;
  const widening = claims.action === "modify" && claims.params.only_narrow === false;
  const needed =
    claims.action === "takeover" ||
    claims.action === "rollback" ||
    widening ||
    (claims.action === "pause" && claims.scope.kind === "domain" && long);
  if (!needed || cosigned || isDrill(claims)) return null;
  const what =
    claims.action === "pause" ? "a pause of the whole domain for longer than an hour" : `this ${claims.action}`;
  return refusal("override_cosign_missing", `${what} needs a second operator who signs it too (OVR-S4)`, {
    claim: "cosign",
  });
}

/** `resume` and `release` name what they end; each ends what is of its own kind, and nothing above it. */
function endProblem(state: State, claims: OverrideClaims, nowS: number): Refusal | null {
  if (claims.action !== "resume" && claims.action !== "release") return null;
  const ended = state.overrides.get(endedSignal(claims) ?? "");
  if (ended === undefined)
    return refusal("override_not_found", `a ${claims.action} names the signal it ends in params.of`, {
      claim: "params.of",
    });
  if (!ended.inForce)
    return refusal(
      ended.claims.action === "stop" ? "override_not_latched" : "override_not_in_force",
      "that signal is not in force any more",
      { jti: ended.jti },
    );
  if (carriesOut(claims, ended.claims)) return stepProblem(state, claims, ended, nowS);
  if (ended.claims.action === "rollback" && !ended.lapsed)
    return refusal("override_state_invalid", "the rollback is not over: abort it, or confirm what is left", {
      jti: ended.jti,
    });
  const due = ended.claims.action === "pause" || ended.lapsed ? "resume" : "release";
  if (claims.action !== due)
    return refusal(
      "override_state_invalid",
      ended.lapsed
        ? "the takeover is over and holds as a pause: resume it"
        : `a ${ended.claims.action} is ended by ${due}`,
      { claim: "action" },
    );
  if (ended.stopping)
    return refusal("override_state_invalid", "it is stopping still: it is released once it has stopped", {
      jti: ended.jti,
    });
  // A stop beats everything, and whoever may release at all releases it (COM-18).
  if (ended.claims.action === "stop") return null;
  if (!sameScope(claims, ended.claims))
    return refusal("override_state_invalid", "it names another scope than the signal it ends", { claim: "scope" });
  return rankProblem(state, claims, ended, nowS);
}

/** OVR-30: a task that the operator of a takeover carries out, one at a time, under the same policy. */
function stepProblem(state: State, claims: OverrideClaims, takeover: OverrideState, nowS: number): Refusal | null {
  if (takeover.lapsed)
    return refusal("override_state_invalid", "the takeover is over and holds as a pause", { jti: takeover.jti });
  if (takeover.carried.has(claims.scope.id))
    return refusal("override_state_invalid", "this task is being carried out already", { claim: "scope" });
  return rankProblem(state, claims, takeover, nowS);
}

/** A signal takes the place of one of its own kind and scope that is in force. */
function supersedeProblem(state: State, claims: OverrideClaims, nowS: number): Refusal | null {
  if (claims.supersedes === undefined) return null;
  const before = state.overrides.get(claims.supersedes);
  if (before === undefined)
    return refusal("override_not_found", "the signal it would take the place of is not in the log", {
      claim: "supersedes",
    });
  if (!before.inForce || before.claims.action !== claims.action || !LASTING.includes(claims.action))
    return refusal("override_state_invalid", "it takes the place only of one like it that is in force", {
      claim: "supersedes",
    });
  if (!sameScope(claims, before.claims))
    return refusal("override_state_invalid", "it takes the place only of one of the same scope", {
      claim: "supersedes",
    });
  return rankProblem(state, claims, before, nowS);
}

const sameScope = (a: OverrideClaims, b: OverrideClaims): boolean =>
  a.scope.kind === b.scope.kind && a.scope.id === b.scope.id;

/** OVR-15 and the precedence of section (c). */
function rankProblem(state: State, claims: OverrideClaims, earlier: OverrideState, nowS: number): Refusal | null {
  const mine: Standing = standingOf(claims, rankOf(state, claims.iss, nowS));
  return isOutranked(mine, standingOf(earlier.claims, earlier.rank))
    ? refusal(
        "override_outranked",
        `the ${earlier.claims.action} stands above this signal by level, rank or priority`,
        {
          jti: earlier.jti,
        },
      )
    : null;
}

/** The host's monotonic timer for `effect_until` ran out: the effect ends, a takeover into a pause (OVR-22). */
export function decideExpiry(state: State, signal: string, ids: HostIds, moment: Moment): Result<Draft[], Refusal> {
  const order = state.overrides.get(signal);
  if (order === undefined) return err(refusal("override_not_found", "no such signal", { jti: signal }));
  if (!order.inForce || order.lapsed || order.claims.effect_until === undefined)
    return err(refusal("override_not_in_force", "that signal has no end to come any more", { jti: signal }));
  return ok([
    recordDraft(
      ids,
      moment,
      "override_ended",
      order.claims.scope.kind === "workflow" ? order.claims.scope.id : null,
      { timer: "effect_until", of: order.jti },
      { signal: order.jti, action: order.claims.action, to: order.claims.action === "takeover" ? "paused" : "ended" },
    ),
  ]);
}
