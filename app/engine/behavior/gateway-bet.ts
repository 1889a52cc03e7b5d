import { betMembers } from "../../protocol/behavior/bet-members.ts";
import type { BetClaims } from "../../protocol/behavior/evidence.ts";
import type { Moment } from "../command.ts";
import { type HostIds, verifierId } from "../records.ts";
import type { State } from "../state.ts";
import type { ConductWindow } from "./behavior-state.ts";
import { profileFor, refOf } from "./conduct.ts";
import { isOfWindow, type Watched, watchWindow } from "./watch-window.ts";

/** How long a verifier may take with evidence, seconds. */
const EVIDENCE_LIFETIME_S = 600;

/**
 * What the enforcement point has seen an agent do in a window: its evidence, from the log and nothing else, to be signed by
 * it. Null where no profile says what to expect.
 */
export function gatewayBet(
  state: State,
  window: ConductWindow & { readonly to: number },
  ids: HostIds,
  moment: Moment,
  watched?: Watched,
): BetClaims | null {
  const { agent: subject, wid, from, to } = window;
  const found = profileFor(state, subject);
  const workflow = state.workflows.get(wid);
  if (found === null || workflow === undefined) return null;
  const { observation } =
    watched !== undefined && isOfWindow(watched, state, window, found)
      ? watched
      : watchWindow(state, window, found, moment.sha256);
  const last = observation.jtis.findLast((jti) => workflow.ects.has(jti));
  const prev = state.behavior.instances.get(subject)?.chains[ids.pepId];
  return {
    iss: ids.pepId,
    aud: [verifierId(ids), ids.logId],
    iat: moment.nowS,
    exp: moment.nowS + EVIDENCE_LIFETIME_S,
    jti: moment.uuid(),
    wid,
    exec_act: "behavior_evidence",
    pred: last === undefined ? [] : [last],
    bet_ver: 1,
    subject,
    observer: "gateway",
    profile: refOf(found),
    window: { from, to },
    ...betMembers(observation, found.profile.baseline),
    ...(prev === undefined ? {} : { prev_bet: { ...prev } }),
  };
}
