import { AUDIT_EXT, READ_ACT } from "../../engine/audit/statement.ts";
import { factOfEntry } from "../../engine/fact.ts";
import type { AuditQueryClaims } from "../../protocol/audit/audit-query.ts";
import type { AuditTokenClaims } from "../../protocol/audit/audit-token.ts";
import type { DomainHost } from "./domain-hosts.ts";

/** What a domain's log says of a question that it was asked, beside who asked and what came of it [ours]. */
const QUERY_EXT = {
  purpose: "org.signalbox.purpose",
  role: "org.signalbox.role",
  query: "org.signalbox.query",
  queryHash: "org.signalbox.query_hash",
  entries: "org.signalbox.entries",
} as const;
/** As `AUDIT_EXT.read` names it. */
const TRAIL_QUERY = "trail_query";

/** A question that is on record in a domain's log. */
export interface PastRead {
  readonly querier: string;
  readonly queryJti: string;
  /** How many entries they were given. */
  readonly entries: number;
}

/** What the record of a question says: all it asked for, and nothing of what was answered but how much (XDA-12). */
export function readClaims(
  query: AuditQueryClaims,
  queryHash: string,
  came: { readonly entries: number; readonly denied: string | null },
): Pick<AuditTokenClaims, "exec_act" | "pred" | "outcome" | "actor" | "ect_ext" | "severity"> {
  const { iss, wid, stitch_id, agents, exec_act, from, to, outcome, min_level, fields, page, page_size } = query;
  const wanted = { wid, stitch_id, agents, exec_act, from, to, outcome, min_level, fields, page, page_size };
  return {
    exec_act: READ_ACT,
    pred: [],
    outcome: came.denied === null ? "success" : "denied",
    ...(came.denied === null ? {} : { severity: "warning" as const }),
    actor: { sub: iss },
    ect_ext: {
      [AUDIT_EXT.read]: TRAIL_QUERY,
      [AUDIT_EXT.object]: JSON.stringify(wanted),
      ...(came.denied === null ? {} : { [AUDIT_EXT.code]: came.denied }),
      [QUERY_EXT.purpose]: query.purpose,
      [QUERY_EXT.role]: query.role,
      [QUERY_EXT.query]: query.jti,
      [QUERY_EXT.queryHash]: queryHash,
      [QUERY_EXT.entries]: came.entries,
    },
  };
}

/** The questions a domain's log tells of since a time, epoch seconds: who harvests is known after a restart too (XDA-S7). */
export async function readsSince(
  { domain, host }: Pick<DomainHost, "domain" | "host">,
  sinceS: number,
): Promise<PastRead[]> {
  await host.index.catchUp();
  const reads: PastRead[] = [];
  const rows = host.index.rows();
  for (let at = rows.length - 1; at >= 0; at -= 1) {
    const row = rows[at];
    if (row === undefined || row.receivedAt < sinceS) break;
    if (row.action !== READ_ACT) continue;
    for await (const entries of host.ports.storage.log.read(domain, row.seq, row.seq + 1))
      for (const entry of entries) {
        const fact = factOfEntry(entry);
        if (fact.ok && fact.value.typ === "exec-audit+jwt") reads.push(...readOf(fact.value.claims));
      }
  }
  return reads;
}

function readOf({ actor, ect_ext = {} }: AuditTokenClaims): PastRead[] {
  const { [QUERY_EXT.query]: queryJti, [QUERY_EXT.entries]: entries } = ect_ext;
  return actor === undefined || typeof queryJti !== "string" || typeof entries !== "number"
    ? []
    : [{ querier: actor.sub, queryJti, entries }];
}
