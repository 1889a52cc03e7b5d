import type { AuditTokenClaims } from "../../protocol/audit/audit-token.ts";
import type { RegProfile } from "../../protocol/audit/stitch-claims.ts";

/** What an audit token will say of one task, without what its issuer adds: waits in the state until it is in the log. */
export interface AuditStatement
  extends Pick<
    AuditTokenClaims,
    | "jti"
    | "wid"
    | "exec_act"
    | "pred"
    | "inp_hash"
    | "out_hash"
    | "ect"
    | "actor"
    | "outcome"
    | "started_at"
    | "ended_at"
    | "severity"
    | "evidence"
    | "ect_ext"
  > {
  /** The entry that calls for it. */
  readonly seq: number;
}

export interface AuditState {
  /** By `auditKey`, in the order of the log: what is over and has no audit token yet (XA-1, XA-16, XA-17). */
  due: Map<string, AuditStatement>;
  /** The log has audit tokens; before the first only the newest statements are kept, since no host may ever issue them. */
  begun: boolean;
  /** By reader, kind and object, when a read was recorded last, epoch seconds (XA-18); forgotten when it counts no more. */
  reads: Map<string, number>;
}

export function initialAuditState(): AuditState {
  return { due: new Map(), begun: false, reads: new Map() };
}

export const auditKey = ({ wid, jti }: Pick<AuditTokenClaims, "wid" | "jti">): string => `${wid ?? ""} ${jti}`;

/** `exec_act` of a read of protected data, and what it says of it (XA-18). */
export const READ_ACT = "audit_read";
export const AUDIT_EXT = {
  /** The task that an attempt was for, where it has no execution context token [ours]. */
  task: "org.signalbox.task",
  /** Why it was denied, as a code [ours]. */
  code: "org.signalbox.code",
  /** Of a read: what kind it was, of which object [ours]. */
  read: "org.signalbox.read",
  object: "org.signalbox.object",
  /** Claims that rest on somebody's word and not on a signature [ours]. */
  asserted: "org.signalbox.asserted",
} as const;

/** One entry per operator, kind and object within this time, seconds [ours]. */
export const READ_AGAIN_S = 600;

/** What a domain's configuration adds to each of its audit tokens, and who issues them. */
export interface AuditIssue {
  /** Token digest of the identity token of the enforcement point. */
  readonly witHash: string;
  readonly jurisdictions: readonly string[];
  readonly reg: readonly RegProfile[];
  /** How long the domain itself keeps its records at least, seconds. */
  readonly retentionS: number;
}

/** What an operator looked at (XA-18). */
export interface ProtectedRead {
  readonly operator: string;
  readonly kind: "export" | "arguments" | "entry" | "evidence";
  /** The log, the request, the entry, or the agent whose conduct was looked at (BEH-S7). */
  readonly object: string;
  readonly wid: string | null;
}

/** Whether anything that came at or after this entry waits for its audit token. */
export function isAuditDue({ due }: AuditState, since: number): boolean {
  for (const { seq } of due.values()) if (seq >= since) return true;
  return false;
}
