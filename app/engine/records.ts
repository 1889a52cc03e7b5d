import type { Json } from "../base/json.ts";
import type { RecordClaims, RecordKind } from "../protocol/ect/claims.ts";
import type { Verified } from "../protocol/jose/verify-token.ts";
import type { Draft, Moment } from "./command.ts";
import type { Fact } from "./fact.ts";

/** Ids of the host's own parts in a trust domain. */
export interface HostIds {
  readonly domain: string;
  readonly logId: string;
  readonly pepId: string;
}

export function hostIds(trustDomain: string): HostIds {
  return { domain: trustDomain, logId: `spiffe://${trustDomain}/log`, pepId: `spiffe://${trustDomain}/pep` };
}

/** Who says how agents behave: a part of the host with a key of its own (BEH-S4). */
export const verifierId = ({ domain }: Pick<HostIds, "domain">): string => `spiffe://${domain}/verifier`;

/** A token that arrived, as it goes into the log: submitted by whoever it is by. */
export function tokenDraft(token: Pick<Verified<unknown>, "compact" | "digest">, fact: Fact): Draft {
  return { kind: "token", compact: token.compact, submitter: fact.claims.iss, fact, digest: token.digest };
}

/** A `record+jwt` draft of the enforcement point: a fact of ours, with the token or the timer that caused it (INV-1). */
export function recordDraft(
  ids: HostIds,
  moment: Moment,
  kind: RecordKind,
  wid: string | null,
  cause: RecordClaims["cause"],
  data: { readonly [member: string]: Json },
): Draft {
  const claims: RecordClaims = {
    iss: ids.pepId,
    iat: moment.nowS,
    jti: moment.uuid(),
    rec_ver: 1,
    kind,
    ...(wid === null ? {} : { wid }),
    cause,
    data: data as RecordClaims["data"],
  };
  return { kind: "sign", as: "pep", fact: { typ: "record+jwt", claims } };
}
