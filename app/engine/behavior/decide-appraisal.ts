import { err, ok, type Result } from "../../base/result.ts";
import { actionKeys } from "../../protocol/behavior/action-key.ts";
import { type Appraised, appraise } from "../../protocol/behavior/appraise.ts";
import { OTHER_ACTIONS } from "../../protocol/behavior/bet-members.ts";
import type { CompiledProfile } from "../../protocol/behavior/compile-profile.ts";
import { OBSERVERS } from "../../protocol/behavior/evidence.ts";
import { sumOf } from "../../protocol/behavior/gather-findings.ts";
import type { Observation } from "../../protocol/behavior/observe-window.ts";
import type { Window } from "../../protocol/behavior/observed.ts";
import type { Baseline } from "../../protocol/behavior/profile.ts";
import type { EarClaims } from "../../protocol/behavior/result.ts";
import { standingOf } from "../../protocol/behavior/standing.ts";
import { driftInterval } from "../../protocol/behavior/uncertainty.ts";
import { DECISIVE } from "../../protocol/behavior/verdict-for.ts";
import { type VerifiedBet, verifyBet } from "../../protocol/behavior/verify-bet.ts";
import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";
import { passed } from "../../protocol/jose/steps.ts";
import type { Command, Draft, Moment } from "../command.ts";
import { type HostIds, recordDraft, verifierId } from "../records.ts";
import type { State } from "../state.ts";
import { alarmOf } from "./alarm.ts";
import type { AppraisedRecord } from "./behavior-record.ts";
import { type AppraisedWindow, type ConductWindow, type QuarantineCause, unknownStanding } from "./behavior-state.ts";
import { profileFor, refOf } from "./conduct.ts";
import { betContext, windowAt } from "./decide-evidence.ts";
import { jsonOf } from "./json-of.ts";
import { knownReasons } from "./known-reasons.ts";
import { leaseDrafts } from "./lease-drafts.ts";
import { isOfWindow, watchWindow } from "./watch-window.ts";

/** BEH-18. */
const RESULT_LIFETIME_S = 3600;
const NODE_LIFETIME_S = 600;
/** How long dependants may rely on the verifier's word that an agent misbehaves, seconds: as a failure signal. */
const SIGNAL_LIFETIME_S = 300;
const VERIFIER = { developer: "Signalbox", build: "behavior-1" } as const;
/** Names of actions that a record tells, the most frequent first. */
const MAX_COUNTS = 32;
const MAX_NAME = 64;

/**
 * B4: a window of an instance is judged, from the log itself and the evidence there is. One frame holds the result, signed
 * by the verifier, its node in the DAG, what became of the agent's standing, and, where it was found to misbehave, the
 * failure signal that trips the breakers toward it (BEH-11). Each window is judged once.
 */
export function decideAppraisal(
  state: State,
  { agent, from, covered = 0, watched }: Extract<Command, { kind: "appraise" }>,
  ids: HostIds,
  moment: Moment,
): Result<Draft[], Refusal> {
  const window = windowAt(state, agent, from, moment.nowS);
  if (window === null)
    return err(refusal("behavior_window_unknown", "no such window is over and waits to be appraised"));
  const found = profileFor(state, agent);
  if (found === null) return err(refusal("bet_profile_unknown", "no profile says what to expect of this agent"));
  const { compiled, observation } =
    watched !== undefined && isOfWindow(watched, state, window, found)
      ? watched
      : watchWindow(state, window, found, moment.sha256);
  const of = state.behavior.agents.get(standingOf(agent)) ?? unknownStanding(standingOf(agent), moment.nowS);
  const evidence = evidenceOf(state, window, covered, ids, moment);
  const said = appraise({
    ...{ compiled, profile: refOf(found), subject: agent, window, observation, evidence, nowS: moment.nowS },
    standing: { verdict: of.now, trust: of.trust, selfOnly: of.selfOnly },
  });
  const ear = moment.uuid();
  const cause = { jti: ear };
  const gravest = said.findings[0]?.severity ?? 0;
  const quarantine = said.change?.to === "quarantined" ? causeOf(said, gravest) : null;
  const statistics = { interval: intervalOf(observation), alarm: alarmOf(state, window, found) };
  const data = recordOf(said, {
    window,
    observation,
    ear,
    compiled,
    quarantine,
    statistics,
    sinceS: found.profile.window_s,
  });
  return ok([
    { kind: "sign", as: "verifier", fact: { typ: "ear+jwt", claims: resultClaims(said, ear, ids, moment) } },
    nodeDraft(said, window, ear, ids, moment),
    recordDraft(ids, moment, "behavior_appraised", window.wid, cause, jsonOf(data)),
    ...(said.verdict === "nonconformant" ? [signalDraft(said, window, ids, moment)] : []),
    ...(quarantine === null ? [] : leaseDrafts(state, of.agent, cause, ids, moment)),
  ]);
}

/** Each is worked out anew (BEH-6); what was refused when it came stays refused. */
function evidenceOf(
  state: State,
  window: ConductWindow & Window,
  covered: number,
  ids: HostIds,
  moment: Moment,
): Result<VerifiedBet, Refusal>[] {
  const taken = window.bets.map(({ claims, hash, seq }) => {
    const context = betContext(state, claims, ids, moment, claims.nonce ?? null, () => passed);
    const previousOf = () => claims.prev_bet ?? null;
    return verifyBet({ claims, hash, level: seq < covered ? 3 : 2 }, { ...context, previousOf, window });
  });
  return [...taken, ...window.refused.map(({ jti, code, detail }) => err(refusal(code, detail, { jti })))];
}

function causeOf({ change }: Appraised, gravest: number): QuarantineCause {
  if (change?.cause === "repeated") return "second_window";
  return gravest >= DECISIVE ? "severity" : "trust";
}

/** How much the score says. */
function intervalOf({ drift, samples }: Observation): AppraisedWindow["interval"] {
  if (drift === null || drift.actions === null) return null;
  return driftInterval(drift.actions, samples, drift.contributions.length);
}

function resultClaims(said: Appraised, jti: string, ids: HostIds, { nowS }: Moment): EarClaims {
  const { profile } = said.extension;
  return {
    iss: verifierId(ids),
    aud: [ids.logId, ids.pepId],
    iat: nowS,
    exp: nowS + RESULT_LIFETIME_S,
    jti,
    eat_profile: "tag:github.com,2023:veraison/ear",
    "ear.verifier-id": VERIFIER,
    submods: {
      agent: {
        "ear.status": said.status,
        "ear.appraisal-policy-id": `${profile.profile_id}/${profile.version}`,
        "agent.behavior": said.extension,
      },
    },
  };
}

/** B4 step 8: the appraisal in the DAG of the workflow, after the evidence it rests on. */
function nodeDraft({ accepted }: Appraised, { wid }: ConductWindow, ear: string, ids: HostIds, moment: Moment): Draft {
  const claims = {
    ...{ iss: verifierId(ids), aud: [ids.logId], iat: moment.nowS, exp: moment.nowS + NODE_LIFETIME_S },
    ...{ jti: moment.uuid(), wid, exec_act: "behavior_appraise" },
    pred: accepted.map(({ ref }) => ref.jti).slice(0, 100),
    ect_ext: { obj_typ: "ear+jwt", obj_id: ear },
  };
  return { kind: "sign", as: "verifier", fact: { typ: "exec+jwt", claims } };
}

function signalDraft(
  { findings, accepted }: Appraised,
  { wid, agent }: ConductWindow,
  ids: HostIds,
  moment: Moment,
): Draft {
  const [gravest] = findings;
  const claims = {
    ...{ iss: verifierId(ids), aud: [ids.pepId, ids.logId], iat: moment.nowS, exp: moment.nowS + SIGNAL_LIFETIME_S },
    ...{ jti: moment.uuid(), wid, subject: agent, class: "behavior" as const, code: "behavior_nonconformant" },
    ...{ transient: false, severity: gravest?.severity ?? 3, origin: true },
    evidence: accepted.slice(0, 8).map(({ ref }) => ({ typ: "bet+jwt", id: ref.jti, hash: ref.hash })),
  };
  return { kind: "sign", as: "verifier", fact: { typ: "failure-signal+jwt", claims } };
}

function recordOf(
  said: Appraised,
  about: {
    readonly window: ConductWindow & Window;
    readonly observation: Observation;
    readonly ear: string;
    readonly compiled: CompiledProfile;
    readonly quarantine: QuarantineCause | null;
    readonly statistics: Pick<AppraisedWindow, "interval" | "alarm">;
    readonly sinceS: number;
  },
): AppraisedRecord {
  const { window, observation, compiled, statistics } = about;
  const { extension, standing } = said;
  const reasons = knownReasons(said, window, compiled, sumOf(observation.unlisted.all));
  return {
    agent: extension.subject,
    standing: standingOf(extension.subject),
    window: {
      ...{ from: window.from, to: window.to, closed: window.closed ?? "time", samples: observation.samples },
      counts: told(observation.counts, compiled.profile.baseline),
      ...{ verdict: said.verdict, compliance: said.compliance, drift: said.drift, ...statistics },
      ...{ trust: standing.trust.score, state: standing.verdict.state, conflict: said.conflict },
      observers: OBSERVERS.filter((kind) => said.accepted.some(({ observer }) => observer === kind)),
      ...{ reasons: reasons.told, reasonCount: reasons.count },
      worst: said.findings[0]?.severity ?? null,
      ...{ profile: extension.profile, ear: about.ear },
    },
    ...{ now: standing.verdict, trust: standing.trust, self_only: standing.selfOnly, change: said.change },
    ...{ trust_changes: said.trustChanges, quarantine: about.quarantine, window_s: about.sinceS },
  };
}

/** By action; what is rare or long beyond measure is told together. */
function told(counts: Observation["counts"], baseline: Baseline | undefined): Record<string, number> {
  const keyOf = actionKeys(Object.keys(baseline?.action_freq ?? {}));
  const known = new Map<string, number>();
  const ordered = [...counts].sort((one, other) => other[1] - one[1]);
  for (const [at, [name, count]] of ordered.entries()) {
    const key =
      at < MAX_COUNTS && name.length <= MAX_NAME && name !== "__proto__" ? name : (keyOf(name) ?? OTHER_ACTIONS);
    known.set(key, (known.get(key) ?? 0) + count);
  }
  return Object.fromEntries(known);
}
