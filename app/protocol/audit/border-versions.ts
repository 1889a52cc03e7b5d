import type { Sha256 } from "../../base/ports.ts";
import { type Refusal, refusal } from "../jose/refusal.ts";
import { APART, type BorderChange, borderChanges } from "./border-change.ts";
import { type BorderPolicyText, borderHash } from "./border-policy.ts";
import { NEVER_DISCLOSABLE } from "./disclosure.ts";
import type { DomainOrderClaims, LoggedOrder, OrderOf, PROPOSAL_STATES } from "./domain-order.ts";
import { ROUNDING_POLICIES } from "./reveal.ts";

/** A version of a domain's border policy that is, or was, in force. */
export interface BorderVersion {
  readonly version: number;
  readonly hash: string;
  readonly policy: BorderPolicyText;
  /** Who signed it, who confirmed it, and the entry from which on it holds; null for the one that came with the domain. */
  readonly signed: {
    readonly jti: string;
    readonly by: string;
    readonly confirmedBy: string | null;
    readonly reason: string;
    readonly seq: number;
    readonly at: number;
  } | null;
}

/** A wider version that a second person has not confirmed. */
export interface BorderProposal {
  readonly jti: string;
  readonly hash: string;
  readonly by: string;
  readonly reason: string;
  readonly seq: number;
  readonly at: number;
  readonly order: OrderOf<"border_policy">;
  /** `overtaken`: another version has come into force since, which it was not held against. */
  readonly state: (typeof PROPOSAL_STATES)[number];
}

export interface BorderHistory {
  /** From the first on; the last is in force. */
  readonly versions: readonly [BorderVersion, ...BorderVersion[]];
  readonly proposals: readonly BorderProposal[];
}

/** A proposal waits so long for the second person, seconds: as a held question does [ours]. */
export const PROPOSAL_FOR_S = 86_400;
const AUTHENTICATED_WITHIN_S = 900;
const SKEW_S = 30;

/** Roles in which a version is signed, and in which a wider one is confirmed [ours]. */
export const MAY_SET_BORDER: readonly string[] = ["safety_officer"];
export const MAY_CONFIRM_BORDER: readonly string[] = ["safety_officer", "duty_manager"];

/** What a domain's log says of its border policy: a fold of its orders in their order, from the one that came with it. */
export function borderHistory(
  first: BorderPolicyText,
  orders: readonly LoggedOrder[],
  nowS: number,
  sha256: Sha256,
): BorderHistory {
  const versions: [BorderVersion, ...BorderVersion[]] = [
    { version: 0, hash: borderHash(first, sha256), policy: first, signed: null },
  ];
  const open = new Map<string, Omit<BorderProposal, "state">>();
  const adopt = (of: Omit<BorderProposal, "state">, at: LoggedOrder, confirmedBy: string | null): void => {
    const { version, policy } = of.order;
    const signed = { ...{ jti: of.jti, by: of.by, reason: of.reason, confirmedBy }, seq: at.seq, at: at.at };
    versions.push({ version, hash: borderHash(policy, sha256), policy, signed });
  };
  for (const logged of orders) {
    const { jti, iss: by, order, reason } = logged.claims;
    if (order.kind === "border_policy") {
      const made = { jti, hash: logged.digest, by, reason, seq: logged.seq, at: logged.at, order };
      if (order.widens.length === 0) adopt(made, logged, null);
      else open.set(jti, made);
    }
    const confirmed = order.kind === "confirm" ? open.get(order.proposal.jti) : undefined;
    if (confirmed === undefined) continue;
    open.delete(confirmed.jti);
    adopt(confirmed, logged, by);
  }
  const inForce = inForceOf({ versions });
  const proposals = [...open.values()].map((of): BorderProposal => {
    // By its number too: an earlier policy that came back is another version.
    const isNext = of.order.follows === inForce.hash && of.order.version === inForce.version + 1;
    return { ...of, state: !isNext ? "overtaken" : nowS < of.at + PROPOSAL_FOR_S ? "waiting" : "lapsed" };
  });
  return { versions, proposals };
}

export function inForceOf({ versions }: Pick<BorderHistory, "versions">): BorderVersion {
  return versions.at(-1) ?? versions[0];
}

/** Places of a policy that another one widens, as an order names them. */
export const wideningsOf = (changes: readonly BorderChange[]): string[] =>
  changes.filter(({ widens }) => widens).map(({ what }) => what);

/** Whoever signs, by what the console knows of them. */
export interface Signer {
  /** They hold the role in which they sign. */
  readonly holdsRole: boolean;
}

const no = (code: string, detail: string, claim: string): Refusal => refusal(code, detail, { claim });

/** Why an order about a domain does not count whatever it orders. Refusals: `domain_order_role`, `domain_order_auth_stale`. */
export function orderSignerProblem(
  { role, auth_time }: Pick<DomainOrderClaims, "role" | "auth_time">,
  may: readonly string[],
  { holdsRole }: Signer,
  nowS: number,
): Refusal | null {
  if (!may.includes(role) || !holdsRole)
    return no("domain_order_role", `this is for a ${may.map((one) => one.replaceAll("_", " ")).join(" or ")}`, "role");
  return auth_time > nowS + SKEW_S || nowS - auth_time > AUTHENTICATED_WITHIN_S
    ? no("domain_order_auth_stale", "authenticated more than 900 s ago: authenticate again", "auth_time")
    : null;
}

/**
 * Why a version may not be signed, or null. Refusals: `sd_never`, `border_claim_unknown`, `border_policy_id`,
 * `retention_conflict`, `border_outdated`, `border_unchanged`, `border_widens`.
 */
export function borderOrderProblem(order: OrderOf<"border_policy">, history: BorderHistory): Refusal | null {
  const { policy } = order;
  const named = policy.disclosure.audience_rules.flatMap(({ reveal }) => reveal);
  // Said of these by their own code: no policy can allow them (X5).
  const never = named.find((claim) => NEVER_DISCLOSABLE.includes(claim));
  if (never !== undefined) return no("sd_never", `${never} is never disclosed on its own`, "order.policy.disclosure");
  const unknown = named.find((claim) => !APART.includes(claim));
  if (unknown !== undefined)
    return no("border_claim_unknown", `${unknown} is not kept apart from records here`, "order.policy.disclosure");
  if (policy.disclosure.policy_id !== "xd-1" && !ROUNDING_POLICIES.has(policy.disclosure.policy_id))
    return no("border_policy_id", "counts are told exactly by xd-1 and rounded by xd-2", "order.policy.disclosure");
  if (policy.reg.retention_min_s > policy.reg.retention_max_s)
    return no(
      "retention_conflict",
      "what has to be kept longer than it may be kept cannot be kept",
      "order.policy.reg",
    );
  const current = inForceOf(history);
  if (order.follows !== current.hash || order.version !== current.version + 1)
    return no(
      "border_outdated",
      `version ${current.version} is in force: it was held against another one`,
      "order.follows",
    );
  const changes = borderChanges(current.policy, policy);
  if (changes.length === 0) return no("border_unchanged", "it says what is in force already", "order.policy");
  const widens = wideningsOf(changes);
  return widens.join("\n") === order.widens.join("\n")
    ? null
    : no("border_widens", `it widens ${widens.join("; ") || "nothing"}, which is not what it says`, "order.widens");
}

/**
 * Why a wider version is not confirmed. Refusals: `border_not_waiting`, `border_hash_mismatch`, `border_outdated`,
 * `border_lapsed`, `border_self_confirm`.
 */
export function confirmProblem(
  { iss }: Pick<DomainOrderClaims, "iss">,
  { proposal }: OrderOf<"confirm">,
  { proposals }: BorderHistory,
): Refusal | null {
  const found = proposals.find(({ jti }) => jti === proposal.jti);
  if (found === undefined)
    return no("border_not_waiting", "no version of this id waits for a second person", "order.proposal");
  if (found.hash !== proposal.hash)
    return no("border_hash_mismatch", "it is about another version than the log has", "order.proposal");
  if (found.state === "overtaken")
    return no("border_outdated", "another version has come into force since", "order.proposal");
  if (found.state === "lapsed") return no("border_lapsed", "the time to confirm it is over", "order.proposal");
  return found.by === iss ? no("border_self_confirm", "nobody confirms their own version", "iss") : null;
}
