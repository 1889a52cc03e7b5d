import type { Sha256 } from "../../base/ports.ts";
import { type Refusal, refusal } from "../jose/refusal.ts";
import { recordsRoot } from "./accounting/statement.ts";
import type { AuditTokenClaims } from "./audit-token.ts";
import type { LoggedOrder, OrderOf, RecordSelector, ShownErasure, Stays } from "./domain-order.ts";
import { strictestOf } from "./regime.ts";

/** A record of a domain's log, as far as erasing what it keeps apart is concerned. */
export interface ErasableRecord {
  readonly seq: number;
  /** Token digest. */
  readonly digest: string;
  readonly claims: Pick<AuditTokenClaims, "jti" | "iss" | "iat" | "actor" | "reg" | "retention_until" | "_sd">;
}

/** Roles in which what is kept apart is erased, is put under a legal hold, and is let out of it [ours]. */
export const MAY_ERASE: readonly string[] = ["duty_manager", "safety_officer"];
export const MAY_HOLD: readonly string[] = ["auditor", "duty_manager", "safety_officer"];
export const MAY_END_HOLD: readonly string[] = ["safety_officer"];

/** Whom a record is about: who acted, else who signed it. */
export const subjectOf = ({ actor, iss }: ErasableRecord["claims"]): string => actor?.sub ?? iss;

function isAbout(about: RecordSelector, { digest, claims }: ErasableRecord): boolean {
  return "subject" in about
    ? subjectOf(claims) === about.subject
    : about.record.jti === claims.jti && about.record.hash === digest;
}

/** What an order would erase, or did, told from the log alone. */
export interface ErasurePlan {
  readonly targets: readonly ErasableRecord[];
  readonly stays: Readonly<Record<Stays, number>>;
  /** When the first of what has to be kept may go, epoch s. */
  readonly freeFrom: number | null;
}

/** What a domain's log says of erasing: legal holds in force, and which record was erased by which order. */
export interface ErasureBook {
  readonly holds: readonly LoggedOrder[];
  readonly erasures: readonly { readonly logged: LoggedOrder; readonly plan: ErasurePlan }[];
  /** By token digest of the record. */
  readonly erasedBy: ReadonlyMap<string, LoggedOrder>;
}

/** A fold of a domain's orders over its records: what an order is about are the records before it, as they stood then. */
export function erasureBook(records: readonly ErasableRecord[], orders: readonly LoggedOrder[]): ErasureBook {
  const holds = new Map<string, LoggedOrder>();
  const erasures: { logged: LoggedOrder; plan: ErasurePlan }[] = [];
  const erasedBy = new Map<string, LoggedOrder>();
  for (const logged of orders) {
    const { jti, iat, order } = logged.claims;
    if (order.kind === "legal_hold") holds.set(jti, logged);
    if (order.kind === "end_hold") holds.delete(order.hold);
    if (order.kind !== "erase") continue;
    const before = records.filter(({ seq }) => seq < logged.seq);
    const plan = erasurePlan(before, order.about, { holds: [...holds.values()], erasedBy }, iat);
    for (const { digest } of plan.targets) erasedBy.set(digest, logged);
    erasures.push({ logged, plan });
  }
  return { holds: [...holds.values()], erasures, erasedBy };
}

/** What of these would go at a time, epoch s, and what stays and why. Told from the log: the same before and after a crash. */
export function erasurePlan(
  records: readonly ErasableRecord[],
  about: RecordSelector,
  { holds, erasedBy }: Pick<ErasureBook, "holds" | "erasedBy">,
  atS: number,
): ErasurePlan {
  const targets: ErasableRecord[] = [];
  const stays: Record<Stays, number> = { legal_hold: 0, retention: 0, gone: 0, none: 0 };
  let freeFrom: number | null = null;
  for (const record of records) {
    if (!isAbout(about, record)) continue;
    const why = staysFor(record, { holds, erasedBy }, atS);
    if (why === null) targets.push(record);
    else stays[why] += 1;
    if (why === "retention") freeFrom = Math.min(freeFrom ?? Number.MAX_SAFE_INTEGER, keptUntil(record));
  }
  return { targets, stays, freeFrom };
}

export const isHeld = (record: ErasableRecord, holds: readonly LoggedOrder[]): boolean =>
  holds.some(({ claims: { order } }) => order.kind === "legal_hold" && isAbout(order.about, record));

function staysFor(record: ErasableRecord, of: Pick<ErasureBook, "holds" | "erasedBy">, atS: number): Stays | null {
  const { claims, digest } = record;
  if (claims._sd === undefined) return "none";
  if (of.erasedBy.has(digest)) return "gone";
  if (isHeld(record, of.holds)) return "legal_hold";
  if (claims.iat + strictestOf(claims.reg ?? []).retentionMaxS <= atS) return "gone";
  return keptUntil(record) > atS ? "retention" : null;
}

/** Until when its regimes ask that it is kept, epoch s (XDA-9). */
const keptUntil = ({ claims: { retention_until, iat, reg = [] } }: ErasableRecord): number =>
  Math.max(retention_until ?? 0, iat + strictestOf(reg).retentionMinS);

/** One digest over all the records that would go, whatever their order. */
export const targetsRoot = (targets: readonly ErasableRecord[], sha256: Sha256): string =>
  recordsRoot(
    targets.map(({ digest }) => digest),
    sha256,
  );

/**
 * Why an order to erase does not count, or null. Refusals: `erasure_unknown` (404: nothing of it is here), `legal_hold`,
 * `retention_duty`, `erasure_nothing`, `erasure_outdated`.
 */
export function erasureProblem(
  { shown }: OrderOf<"erase">,
  plan: ErasurePlan,
  claims: ShownErasure["claims"],
  sha256: Sha256,
): Refusal | null {
  const no = (code: string, detail: string): Refusal => refusal(code, detail, { claim: "order.about" });
  const { targets, stays } = plan;
  const known = targets.length + stays.legal_hold + stays.retention + stays.gone + stays.none;
  if (known === 0) return no("erasure_unknown", "no record here is about this");
  if (targets.length === 0) {
    if (stays.legal_hold > 0) return no("legal_hold", `${stays.legal_hold} of its records are under a legal hold`);
    if (stays.retention > 0)
      return no("retention_duty", `its regime has ${stays.retention} of its records kept for longer`);
    return no("erasure_nothing", "nothing is kept apart from its records any more");
  }
  const isSame =
    shown.records === targets.length &&
    shown.root === targetsRoot(targets, sha256) &&
    Object.keys({ ...shown.claims, ...claims }).every((name) => shown.claims[name] === claims[name]);
  return isSame ? null : no("erasure_outdated", "what would be erased is not what was shown: look at it again");
}

/** Refusals: `hold_known`, `hold_unknown`. */
export function holdProblem(
  order: OrderOf<"legal_hold"> | OrderOf<"end_hold">,
  { holds }: ErasureBook,
): Refusal | null {
  if (order.kind === "end_hold")
    return holds.some(({ claims }) => claims.jti === order.hold)
      ? null
      : refusal("hold_unknown", "no legal hold of this id is in force", { claim: "order.hold" });
  const same = JSON.stringify(order.about);
  const isHeld = holds.some(
    ({ claims }) => claims.order.kind === "legal_hold" && JSON.stringify(claims.order.about) === same,
  );
  return isHeld ? refusal("hold_known", "a legal hold on exactly this is in force", { claim: "order.about" }) : null;
}
