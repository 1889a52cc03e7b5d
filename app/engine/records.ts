import type { Json } from "../base/json.ts";
import type { RecordClaims, RecordKind } from "../protocol/ect/claims.ts";
import type { Draft, Moment } from "./command.ts";

/** Ids of the host's own parts in a trust domain. */
export interface HostIds {
  readonly domain: string;
  readonly logId: string;
  readonly pepId: string;
}

export function hostIds(trustDomain: string): HostIds {
  return { domain: trustDomain, logId: `spiffe://${trustDomain}/log`, pepId: `spiffe://${trustDomain}/pep` };
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
