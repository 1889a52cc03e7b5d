import { err, ok, type Result } from "../../base/result.ts";
import type { BetClaims, Observer } from "../../protocol/behavior/evidence.ts";
import type { Window } from "../../protocol/behavior/observed.ts";
import { type BetContext, verifyBet } from "../../protocol/behavior/verify-bet.ts";
import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";
import { passed } from "../../protocol/jose/steps.ts";
import type { Verified } from "../../protocol/jose/verify-token.ts";
import type { Draft, Moment } from "../command.ts";
import type { FactOf } from "../fact.ts";
import { type HostIds, recordDraft, tokenDraft } from "../records.ts";
import type { State } from "../state.ts";
import { placeEct } from "../workflow/decide.ts";
import type { RefusedRecord } from "./behavior-record.ts";
import type { ConductWindow, EvidenceInput } from "./behavior-state.ts";
import { dueAt, standingIn } from "./conduct.ts";
import { jsonOf } from "./json-of.ts";

/** A challenge that nothing answers: of evidence that was not asked for. */
const UNASKED = "not asked for";

/**
 * Evidence that somebody brings, verified in full before it is an entry (B1). What does not verify is on record as refused,
 * by its id and digest, and changes nothing else (B4 step 2).
 */
export function decideEvidence(
  state: State,
  token: Verified<unknown>,
  fact: FactOf<"bet+jwt">,
  ids: HostIds,
  moment: Moment,
  { nonce }: EvidenceInput = { nonce: fact.claims.iss === ids.pepId ? null : UNASKED },
): Result<Draft[], Refusal> {
  const { claims } = fact;
  const workflow = state.workflows.get(claims.wid);
  if (workflow?.agents.includes(claims.subject) !== true)
    return err(refusal("bet_profile_mismatch", "its subject is no agent of this workflow", { claim: "subject" }));
  if (standingIn(state, claims.subject)?.evidence.some(({ jti }) => jti === claims.jti) === true)
    return err(refusal("token_replayed", "this evidence came before", { jti: claims.jti }));
  // On its way into the ledger; what level it has reached is looked at when it is appraised (ect.md, L3_pending).
  const bet = { claims, hash: token.digest, level: 3 as const };
  const verified = verifyBet(
    bet,
    betContext(state, claims, ids, moment, nonce, (own) => placed(state, token, own, moment)),
  );
  if (verified.ok) return ok([tokenDraft(token, fact)]);
  const { code, detail } = verified.error;
  const data: RefusedRecord = {
    ...{ agent: claims.subject, bet: claims.jti, hash: token.digest, iss: claims.iss, observer: claims.observer },
    ...{ window: claims.window, samples: claims.samples, compliance: claims.compliance },
    ...{ violations: claims.violations.length, code, detail: detail.slice(0, 512) },
  };
  return ok([recordDraft(ids, moment, "behavior_refused", claims.wid, { jti: claims.jti }, jsonOf(data))]);
}

function placed(
  state: State,
  token: Verified<unknown>,
  claims: BetClaims,
  moment: Moment,
): ReturnType<BetContext["place"]> {
  const found = placeEct(state, token, claims, moment);
  return found.ok ? passed : found;
}

/** What this host knows of evidence about an agent. `place` is where it stands in the DAG. */
export function betContext(
  state: State,
  { iss, subject, wid, window }: Pick<BetClaims, "iss" | "subject" | "wid" | "window">,
  ids: HostIds,
  moment: Pick<Moment, "nowS">,
  nonce: string | null,
  place: BetContext["place"],
): BetContext {
  const instance = state.behavior.instances.get(subject);
  const found = windowAt(state, subject, window.from, moment.nowS);
  const early = found === null && iss === ids.pepId ? windowAt(state, subject, window.from, window.to - 1, true) : null;
  const asked = found ?? (early !== null && window.to <= moment.nowS + 1 ? early : null);
  return {
    profileOf: (id, version) => state.behavior.profiles.get(id)?.find(({ profile }) => profile.version === version),
    subject,
    window: asked ?? { from: 0, to: 0 },
    nonce,
    nowS: moment.nowS,
    knows: (jti) => state.workflows.get(wid)?.tasks.has(jti) === true,
    previousOf: (iss) => instance?.chains[iss] ?? null,
    observerOf: (iss) => observerOf(state, iss, subject, wid, ids),
    selfOnly: standingIn(state, subject)?.selfOnly ?? 0,
    independentHere: asked?.bets.some(({ claims }) => claims.observer !== "self") === true,
    place,
  };
}

/**
 * A window that evidence may be about: closed and not appraised, or open and over by now. `early`: also one that the
 * enforcement point closes at once, for what it has found in it.
 */
export function windowAt(
  state: State,
  agent: string,
  from: number,
  nowS: number,
  early = false,
): (ConductWindow & Window) | null {
  const instance = state.behavior.instances.get(agent);
  const closed = instance?.closing.find((one) => one.from === from);
  if (closed?.to != null) return { ...closed, to: closed.to };
  const open = instance?.open?.from === from ? instance.open : null;
  const due = open === null ? null : dueAt(state, open);
  if (open === null || due === null) return null;
  if (due <= nowS) return { ...open, to: due };
  return early ? { ...open, to: Math.max(nowS + 1, from + 1) } : null;
}

/**
 * Who observes whom, by its name and not by its word [ours]: the enforcement point, the agent itself, `spiffe://<td>/sidecar/
 * <wid>/<name>` of the agent of that name, and the other agents of the workflow.
 */
export function observerOf(state: State, iss: string, subject: string, wid: string, ids: HostIds): Observer | null {
  if (iss === ids.pepId) return "gateway";
  if (iss === subject) return "self";
  if (iss === sidecarOf(subject)) return "sidecar";
  return state.workflows.get(wid)?.agents.includes(iss) === true ? "peer" : null;
}

/** The id of the monitor beside an agent. */
export const sidecarOf = (agent: string): string => agent.replace(/^(spiffe:\/\/[^/]+)\/agent\//, "$1/sidecar/");
