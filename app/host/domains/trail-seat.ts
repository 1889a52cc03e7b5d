import type { Ids } from "../../base/ports.ts";
import type { Result } from "../../base/result.ts";
import type { SubmitError } from "../../engine/engine.ts";
import type { AskedEntry, OwnTrail } from "../../protocol/audit/answer-query.ts";
import type { AuditQueryClaims } from "../../protocol/audit/audit-query.ts";
import { AUDIT_TOKEN_TYPE } from "../../protocol/audit/audit-token.ts";
import { parseCompact } from "../../protocol/jose/compact.ts";
import type { DomainHost, SeatHost } from "./domain-hosts.ts";
import type { DomainLedger } from "./domain-ledger.ts";

/** What a domain needs to keep records of its own acts. */
export interface RecordSeat extends Pick<DomainHost, "domain" | "profile" | "kept"> {
  readonly host: Pick<SeatHost, "engine" | "ports">;
  readonly ledger: Pick<DomainLedger, "gatewayWit" | "catchUp">;
}

/** An audit token as a log has it, before what is kept of it beside the log is looked at. */
export type Found = Omit<AskedEntry, "kept"> & { readonly digest: string };

/** What a domain needs to answer questions to its trail: another domain of this console, or the console's own. */
export interface AnsweringSeat extends RecordSeat {
  readonly host: Pick<SeatHost, "engine" | "ports" | "index">;
  /** The audit tokens of its log that may be meant by a question. */
  found(query: AuditQueryClaims): Promise<Found[]>;
  readonly trail: OwnTrail;
  /** Erases what was ordered to be, and what may be kept no longer at this second: nothing of it is told (XDA-13). */
  erase(nowS: number, ids: Ids): Promise<Result<void, SubmitError>>;
}

/** A domain that keeps the trails of its own agents, by what its ledger has of them. */
export function seatOf(of: DomainHost): AnsweringSeat {
  const { domain, host, profile, kept, ledger } = of;
  const inForce = { disclosure: profile.disclosure, reg: profile.reg };
  return {
    ...{ domain, host, profile, kept, ledger },
    found: async ({ wid }) =>
      ledger.segment(wid ?? null).entries.flatMap(({ wid: task, jti, seq, digest, level }) => {
        const compact = ledger.audit(task, jti)?.compact ?? "";
        const parsed = parseCompact(compact);
        // Read again as they were signed.
        const claims = parsed.ok ? AUDIT_TOKEN_TYPE.schema.safeParse(parsed.value.payload) : null;
        return claims?.success === true ? [{ seq, compact, digest, level, claims: claims.data, inForce }] : [];
      }),
    erase: async (nowS, ids) => (await import("./erasure.ts")).eraseDue(of, nowS, ids),
    trail: {
      domain,
      has: (wid, jti) => ledger.audit(wid, jti) !== undefined,
      isAnswered: (stitchId) => ledger.crossing(stitchId)?.countersign !== undefined,
    },
  };
}
