import type { DomainHost } from "../../host/domains/domain-hosts.ts";
import { inForceOf, PROPOSAL_FOR_S } from "../../protocol/audit/border-versions.ts";
import type { LoggedOrder } from "../../protocol/audit/domain-order.ts";
import type { BorderVersionView, BorderView, ErasureView } from "../contract/domain-orders.ts";

export const signedBy = ({ claims, seq, at }: LoggedOrder) => ({ jti: claims.jti, seq, by: claims.iss, at });

/** The border policy of a domain: what is in force, what was, and what waits. */
export function borderView({ domain, border }: DomainHost): BorderView {
  const history = border.history();
  const view = ({ version, hash, policy, signed }: (typeof history.versions)[number]): BorderVersionView => ({
    ...{ version, hash, policy },
    signed: signed === null ? null : { ...signed },
  });
  return {
    domain,
    inForce: view(inForceOf(history)),
    earlier: history.versions.slice(0, -1).map(view).toReversed(),
    proposals: history.proposals
      .map(({ order, at, ...of }) => ({
        ...{ jti: of.jti, hash: of.hash, by: of.by, reason: of.reason, seq: of.seq, state: of.state, at },
        until: at + PROPOSAL_FOR_S,
        ...{ version: order.version, policy: order.policy, widens: [...order.widens] },
      }))
      .toReversed(),
  };
}

/** An order to erase or a legal hold, with what became of it. */
export function erasureView({ domain, ledger }: DomainHost, { seq, at, claims }: LoggedOrder): ErasureView[] {
  const { jti, iss: by, reason, order } = claims;
  const said = { domain, jti, seq, at, by, reason };
  if (order.kind === "erase")
    return [
      {
        ...{ ...said, kind: "erase", about: order.about, shown: order.shown },
        ...{ doneSeq: ledger.erased().get(jti) ?? null, endedSeq: null },
      },
    ];
  if (order.kind !== "legal_hold") return [];
  const ended = ledger
    .orders()
    .find(({ claims: later }) => later.order.kind === "end_hold" && later.order.hold === jti);
  return [
    {
      ...{ ...said, kind: "legal_hold", about: order.about, shown: null },
      doneSeq: null,
      endedSeq: ended?.seq ?? null,
    },
  ];
}
