import type { AskedDomain } from "../../host/domains/asking.ts";
import type { ReadEntry } from "../../protocol/audit/audit-trail.ts";
import type { DomainAnswer } from "../contract/trail-answer.ts";

export function domainAnswer({ domain, state, code, detail, complete, token, trail }: AskedDomain): DomainAnswer {
  return {
    ...{ domain, state, code, detail, complete, token },
    entries: trail?.entries.map(entryView) ?? [],
    redacted: trail?.claims.redacted ?? { audience: 0, erased: 0, transfer_forbidden: 0 },
    rounded: trail?.claims.rounded ?? false,
    gaps: trail?.content.gaps.map(({ after, before = null, reason }) => ({ after, before, reason })) ?? [],
    external: trail?.content.external.map(({ stitch_id: stitchId, domain: to }) => ({ stitchId, domain: to })) ?? [],
    next: trail?.claims.next ?? null,
  };
}

function entryView({ claims, disclosed, hidden }: ReadEntry): DomainAnswer["entries"][number] {
  const { jti, wid = null, exec_act: execAct, outcome, actor, iss, iat: at } = claims;
  const all = claims as Readonly<Record<string, unknown>>; // members by the names that came with disclosures
  return {
    ...{ jti, wid, execAct, outcome, at, hidden },
    actor: actor?.sub ?? iss,
    disclosed: disclosed.map((name) => ({
      name,
      value: all[name] as DomainAnswer["entries"][number]["disclosed"][number]["value"],
    })), // it was read as JSON
  };
}
