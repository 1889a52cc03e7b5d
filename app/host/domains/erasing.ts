import { err, ok, type Result } from "../../base/result.ts";
import { slices } from "../../base/steps.ts";
import type { SubmitError } from "../../engine/engine.ts";
import { AUDIT_TOKEN_TYPE } from "../../protocol/audit/audit-token.ts";
import type { LoggedOrder, OrderOf, RecordSelector, ShownErasure } from "../../protocol/audit/domain-order.ts";
import {
  type ErasableRecord,
  type ErasureBook,
  type ErasurePlan,
  erasureBook,
  erasurePlan,
  erasureProblem,
  holdProblem,
  isHeld,
  subjectOf,
  targetsRoot,
} from "../../protocol/audit/erasure-order.ts";
import { parseCompact } from "../../protocol/jose/compact.ts";
import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";
import type { AskingPorts } from "./asking.ts";
import type { DomainHost } from "./domain-hosts.ts";
import { tried } from "./tried.ts";
import { inTurn } from "./turns.ts";

/** By ledger and token digest: a record is what it was signed as, and is read once. */
const readBefore = new WeakMap<DomainHost["ledger"], Map<string, ErasableRecord>>();

/** Every record of a domain's log that something may be kept apart of, in slices: there may be many. */
export async function recordsOf({ ledger, host }: DomainHost): Promise<ErasableRecord[]> {
  const breathe = slices(host.ports.clock);
  const known = readBefore.get(ledger) ?? new Map<string, ErasableRecord>();
  readBefore.set(ledger, known);
  const records: ErasableRecord[] = [];
  for (const { wid, jti, seq, digest } of ledger.segment(null).entries) {
    await breathe();
    const record = known.get(digest) ?? recordIn(seq, digest, ledger.audit(wid, jti)?.compact ?? "");
    if (record === null) continue;
    known.set(digest, record);
    records.push(record);
  }
  return records;
}

/** Read again as it was signed. */
function recordIn(seq: number, digest: string, compact: string): ErasableRecord | null {
  const parsed = parseCompact(compact);
  const read = parsed.ok ? AUDIT_TOKEN_TYPE.schema.safeParse(parsed.value.payload) : null;
  if (read?.success !== true) return null;
  const { jti, iss, iat, actor, reg, retention_until, _sd } = read.data;
  return { seq, digest, claims: { jti, iss, iat, actor, reg, retention_until, _sd } };
}

export const erasureBookOf = async (of: DomainHost): Promise<ErasureBook> =>
  erasureBook(await recordsOf(of), of.ledger.orders());

/** Token digests of the records that a legal hold is about now. */
export async function heldDigests(of: DomainHost): Promise<ReadonlySet<string>> {
  const records = await recordsOf(of);
  const { holds } = erasureBook(records, of.ledger.orders());
  return new Set(records.filter((record) => isHeld(record, holds)).map(({ digest }) => digest));
}

/** How many of each claim are still kept apart of these. */
async function claimsOf(
  { kept }: DomainHost,
  targets: readonly ErasableRecord[],
): Promise<Result<Record<string, number>, SubmitError>> {
  const claims: Record<string, number> = {};
  for (const target of targets) {
    const held = await kept.of(target);
    if (!held.ok) return held;
    for (const { name } of held.value.disclosures) claims[name] = (claims[name] ?? 0) + 1;
  }
  return ok(claims);
}

/** What would be erased, and what stays and why. */
export interface ErasurePreview {
  readonly domain: string;
  readonly about: RecordSelector;
  /** Null where nothing would be. */
  readonly shown: ShownErasure | null;
  readonly plan: ErasurePlan;
}

/** Refusals: `domain_not_here`, `erasure_unknown`. */
export async function previewErasure(
  { hosts }: Pick<AskingPorts, "hosts">,
  domain: string,
  about: RecordSelector,
): Promise<Result<ErasurePreview, SubmitError>> {
  const of = hosts.get(domain);
  if (of === undefined)
    return err(refusal("domain_not_here", "no domain of this name beside the console's own is here"));
  return inTurn(of, () =>
    tried(async () => {
      const planned = await planErasure(of, about, Math.floor(of.host.ports.clock.nowMs() / 1000));
      if (!planned.ok) return planned;
      const { plan, claims } = planned.value;
      const { targets, stays } = plan;
      if (targets.length + Object.values(stays).reduce((sum, count) => sum + count, 0) === 0)
        return err(refusal("erasure_unknown", "no record here is about this"));
      const root = targetsRoot(targets, of.host.ports.sha256);
      const shown = targets.length === 0 ? null : { records: targets.length, claims, root };
      return ok({ domain, about, shown, plan });
    }),
  );
}

interface Planned {
  readonly plan: ErasurePlan;
  readonly claims: Record<string, number>;
}

async function planErasure(of: DomainHost, about: RecordSelector, atS: number): Promise<Result<Planned, SubmitError>> {
  await of.ledger.catchUp();
  const records = await recordsOf(of);
  const plan = erasurePlan(records, about, erasureBook(records, of.ledger.orders()), atS);
  const claims = await claimsOf(of, plan.targets);
  return claims.ok ? ok({ plan, claims: claims.value }) : claims;
}

/** Why an order to erase does not count; by its own time, as it is carried out. */
export async function eraseOrderProblem(
  of: DomainHost,
  order: OrderOf<"erase">,
  iat: number,
): Promise<Result<Refusal | null, SubmitError>> {
  const planned = await planErasure(of, order.about, iat);
  if (!planned.ok) return planned;
  const { plan, claims } = planned.value;
  return ok(erasureProblem(order, plan, claims, of.host.ports.sha256));
}

export async function holdOrderProblem(
  of: DomainHost,
  order: OrderOf<"legal_hold"> | OrderOf<"end_hold">,
): Promise<Refusal | null> {
  return holdProblem(order, await erasureBookOf(of));
}

/** What a domain keeps apart of one record, by name, and which order erased what of it. */
export interface KeptOfRecord {
  readonly jti: string;
  readonly hash: string;
  readonly subject: string;
  /** How many claims are only digests in the log. */
  readonly hidden: number;
  readonly kept: readonly string[];
  readonly erasedBy: LoggedOrder | null;
  readonly held: boolean;
}

/** The record at a place of a domain's log; null where no record with anything apart is there. */
export async function keptOfRecord(of: DomainHost, seq: number): Promise<Result<KeptOfRecord | null, SubmitError>> {
  await of.ledger.catchUp();
  const records = await recordsOf(of);
  const record = records.find((one) => one.seq === seq);
  if (record?.claims._sd === undefined) return ok(null);
  const book = erasureBook(records, of.ledger.orders());
  const { jti, _sd } = record.claims;
  const held = await of.kept.of(record);
  if (!held.ok) return held;
  return ok({
    ...{ jti, hash: record.digest, subject: subjectOf(record.claims), hidden: _sd.length },
    kept: held.value.disclosures.map(({ name }) => name),
    erasedBy: book.erasedBy.get(record.digest) ?? null,
    held: isHeld(record, book.holds),
  });
}

/** Whom records of a domain are about, with how many have something apart, most first. */
export async function subjectsOf(of: DomainHost): Promise<{ readonly subject: string; readonly records: number }[]> {
  await of.ledger.catchUp();
  const counts = new Map<string, number>();
  for (const { claims } of await recordsOf(of))
    if (claims._sd !== undefined) counts.set(subjectOf(claims), (counts.get(subjectOf(claims)) ?? 0) + 1);
  return [...counts].map(([subject, records]) => ({ subject, records })).toSorted((a, b) => b.records - a.records);
}
