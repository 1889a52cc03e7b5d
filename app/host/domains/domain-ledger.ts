import type { Sha256 } from "../../base/ports.ts";
import type { Engine } from "../../engine/engine.ts";
import { type Fact, factOfEntry } from "../../engine/fact.ts";
import type { EventLog } from "../../engine/ports.ts";
import type { LedgerEntry } from "../../protocol/audit/claims.ts";
import type { CrossingTimes } from "../../protocol/audit/clock-bounds.ts";
import { DOMAIN_ORDER_TYP, type LoggedOrder } from "../../protocol/audit/domain-order.ts";
import type { CountersignClaims, HandoffClaims } from "../../protocol/audit/handoff-claims.ts";
import type { VectorClock } from "../../protocol/audit/stitch-claims.ts";
import type { LoggedToken, Segment, TrailEntry } from "../../protocol/audit/trail.ts";
import { tokenDigest } from "../../protocol/jose/sign-token.ts";

/** What a domain does with what it may keep no longer, or is told to erase, as an act of its own in its log [ours]. */
export const ERASE_ACT = "audit_erase";
export const ERASE_EXT = {
  /** How many records were erased. */
  count: "org.signalbox.erased",
  /** The order that was carried out, and its entry. */
  order: "org.signalbox.order",
  entry: "org.signalbox.order_entry",
} as const;

/** A token as it stands in a log. */
export interface HeldToken<C> extends LoggedToken<C> {
  readonly compact: string;
}

export interface HeldAudit extends TrailEntry {
  readonly compact: string;
  readonly lamport: number;
  readonly vc: VectorClock;
}

/** Everything of one crossing that this domain's log has. */
export interface HeldCrossing {
  handoff?: HeldToken<HandoffClaims>;
  countersign?: HeldToken<CountersignClaims>;
  border?: HeldAudit;
}

/**
 * What one domain's log says of trails and crossings: a fold of it, made anew whenever the host is opened. Levels are
 * computed: what a signed head covers has level 3 (XA-7).
 */
export interface DomainLedger {
  readonly domain: string;
  /** Digest of the identity that its log gave its gateway. */
  gatewayWit(): string | null;
  audit(wid: string, jti: string): HeldAudit | undefined;
  crossing(stitchId: string): HeldCrossing | undefined;
  /** The highest counter of a workflow here, 0 before the first. */
  lamport(wid: string): number;
  /** What is known of each domain's events in a workflow. */
  clock(wid: string): VectorClock;
  segment(wid: string | null): Segment;
  /** What would change a segment: how many tokens of the workflow are here, and how many entries up to its last are proved. */
  stamp(wid: string): string;
  /** The crossings that a workflow's tokens tell of. */
  crossingsOf(wid: string): Iterable<string>;
  /** What people have ordered about this domain, in the order of its log (XDA-72). */
  orders(): readonly LoggedOrder[];
  /** Orders to erase that were carried out, by their id, with the entry that says so (XDA-13). */
  erased(): ReadonlyMap<string, number>;
  /** What came from a peer, by its clock and by this domain's, oldest first. */
  times(peer: string): readonly CrossingTimes[];
  workflows(): readonly string[];
  /** Workflows of which it has heard something since this was asked last. */
  news(): readonly string[];
  /** Reads what the log has and this was not told of: an append of which nobody knew at first whether it was kept. */
  catchUp(): Promise<void>;
  close(): void;
}

interface OfWorkflow {
  readonly audits: Map<string, HeldAudit>;
  readonly crossings: Map<string, HeldCrossing>;
  /** Tokens that were taken, and the place of the last. */
  tokens: number;
  last: number;
  lamport: number;
  clock: Record<string, number>;
}

export async function openLedger(engine: Engine, log: EventLog, sha256: Sha256): Promise<DomainLedger> {
  const { domain, pepId } = engine.ids;
  const workflows = new Map<string, OfWorkflow>();
  const crossings = new Map<string, HeldCrossing>();
  let news = new Set<string>();
  const times: { readonly peer: string; readonly times: CrossingTimes }[] = [];
  const orders: LoggedOrder[] = [];
  const erased = new Map<string, number>();
  let wit: string | null = null;
  let size = 0;

  const workflowOf = (wid: string): OfWorkflow => {
    const known = workflows.get(wid) ?? {
      ...{ audits: new Map(), crossings: new Map(), tokens: 0, last: -1, lamport: 0, clock: {} },
    };
    workflows.set(wid, known);
    return known;
  };
  const heardOf = (wid: string, seq: number): OfWorkflow => {
    const workflow = workflowOf(wid);
    workflow.tokens += 1;
    workflow.last = seq;
    news.add(wid);
    return workflow;
  };
  const crossingOf = (id: string, wid: string, seq: number): HeldCrossing => {
    const known = crossings.get(id) ?? {};
    crossings.set(id, known);
    heardOf(wid, seq).crossings.set(id, known);
    return known;
  };
  const takeAudit = (
    seq: number,
    compact: string,
    digest: string,
    { claims }: Extract<Fact, { typ: "exec-audit+jwt" }>,
  ): void => {
    const { jti, wid, stitch, exec_act: execAct, outcome, pred, iat: at } = claims;
    const order = execAct === ERASE_ACT ? claims.ect_ext?.[ERASE_EXT.order] : undefined;
    if (typeof order === "string") erased.set(order, seq);
    if (wid === undefined) return;
    const workflow = heardOf(wid, seq);
    const before = pred.map((id) => workflow.audits.get(id)).filter((audit) => audit !== undefined);
    const lamport = stitch?.lamport ?? Math.max(0, ...before.map((audit) => audit.lamport)) + 1;
    const clock: Record<string, number> = {};
    for (const vc of [...before.map((audit) => audit.vc), stitch?.vc ?? {}])
      for (const [name, count] of Object.entries(vc)) clock[name] = Math.max(clock[name] ?? 0, count);
    clock[domain] = workflow.audits.size + 1;
    const audit: HeldAudit = {
      ...{ seq, jti, wid, execAct, outcome, pred, at, digest, compact, lamport, vc: clock },
      level: 3,
      ...(stitch === undefined ? {} : { stitch }),
    };
    workflow.audits.set(jti, audit);
    workflow.lamport = Math.max(workflow.lamport, lamport);
    for (const [name, count] of Object.entries(clock))
      workflow.clock[name] = Math.max(workflow.clock[name] ?? 0, count);
    if (stitch !== undefined) crossingOf(stitch.stitch_id, wid, seq).border ??= audit;
  };
  const take = (entry: LedgerEntry, fact: Fact): void => {
    if (entry.seq !== size) return;
    size += 1;
    const digest = tokenDigest(entry.token, sha256);
    const held = { seq: entry.seq, digest, compact: entry.token };
    if (fact.typ === "wit+jwt" && fact.claims.sub === pepId) wit = digest;
    if (fact.typ === DOMAIN_ORDER_TYP)
      orders.push({ seq: entry.seq, at: entry.received_at, digest, claims: fact.claims });
    if (fact.typ === "exec-audit+jwt") takeAudit(entry.seq, entry.token, digest, fact);
    if (fact.typ === "audit-handoff+jwt")
      crossingOf(fact.claims.stitch_id, fact.claims.wid, entry.seq).handoff ??= { ...held, claims: fact.claims };
    if (fact.typ === "audit-countersign+jwt") {
      const crossing = crossingOf(fact.claims.stitch_id, fact.claims.wid, entry.seq);
      crossing.countersign ??= { ...held, claims: fact.claims };
      const sentMs = crossing.handoff?.claims.at_ms;
      const from = crossing.handoff?.claims.from;
      if (fact.claims.iss === pepId && sentMs !== undefined && from !== undefined)
        times.push({ peer: from, times: { way: "back", sentMs, heardMs: fact.claims.heard_ms } });
    }
    if (fact.typ === "record+jwt" && fact.claims.kind === "crossing_answered") {
      const { stitch_id, heard_ms } = fact.claims.data;
      const crossing = crossings.get(String(stitch_id));
      const sentMs = crossing?.countersign?.claims.at_ms;
      const to = crossing?.handoff?.claims.to;
      if (typeof heard_ms === "number" && sentMs !== undefined && to !== undefined)
        times.push({ peer: to, times: { way: "back", sentMs, heardMs: heard_ms } });
    }
  };
  const unfollow = engine.onAppend((logged, _head, entries) => {
    for (const [at, { fact }] of logged.entries()) {
      const entry = entries[at];
      if (entry !== undefined) take(entry, fact);
    }
  });
  /** What is appended meanwhile is read with the rest. */
  const catchUp = async (): Promise<void> => {
    for (let head = await sizeOf(engine); size < head; head = await sizeOf(engine)) {
      const from = size;
      for await (const chunk of log.read(domain, from, head)) {
        for (const entry of chunk) {
          const fact = factOfEntry(entry);
          if (fact.ok) take(entry, fact.value);
          else if (entry.seq === size) size += 1;
        }
      }
      // Damaged: the engine says so, and what cannot be read is not told.
      if (size === from) break;
    }
  };
  await catchUp();
  /** What was found damaged proves nothing from there on. */
  const provenSize = (): number =>
    Math.min(engine.newestHead()?.size ?? 0, engine.fault()?.seq ?? Number.POSITIVE_INFINITY);

  return {
    domain,
    gatewayWit: () => wit,
    audit: (wid, jti) => workflows.get(wid)?.audits.get(jti),
    crossing: (id) => crossings.get(id),
    lamport: (wid) => workflows.get(wid)?.lamport ?? 0,
    clock: (wid) => ({ ...workflows.get(wid)?.clock }),
    times: (peer) => times.filter((one) => one.peer === peer).map((one) => one.times),
    // What was found damaged says nothing from there on.
    orders: () => {
      const bad = engine.fault()?.seq;
      return bad === undefined ? orders : orders.filter(({ seq }) => seq < bad);
    },
    erased: () => erased,
    workflows: () => [...workflows.keys()],
    news: () => {
      const told = [...news];
      news = new Set();
      return told;
    },
    stamp: (wid) => {
      const { tokens, last } = workflows.get(wid) ?? { tokens: 0, last: -1 };
      return `${tokens} ${Math.min(provenSize(), last + 1)}`;
    },
    crossingsOf: (wid) => workflows.get(wid)?.crossings.keys() ?? [],
    segment: (wid) => {
      const proven = provenSize();
      const of = <T>(list: readonly (T | undefined)[]): T[] => list.filter((one): one is T => one !== undefined);
      const ours =
        wid === null
          ? [...crossings.values()]
          : [...(workflows.get(wid)?.crossings.values() ?? [])].filter(
              ({ handoff, border }) => (handoff?.claims.wid ?? border?.wid) === wid,
            );
      const chosen = wid === null ? [...workflows.values()] : of([workflows.get(wid)]);
      return {
        domain,
        provenSize: proven,
        entries: chosen.flatMap(({ audits }) =>
          [...audits.values()].map((audit) => ({
            ...audit,
            level: audit.seq < proven ? (3 as const) : (2 as const),
          })),
        ),
        handoffs: of(ours.map(({ handoff }) => handoff)),
        countersigns: of(ours.map(({ countersign }) => countersign)),
      };
    },
    catchUp,
    close: unfollow,
  };
}

const sizeOf = (engine: Engine): Promise<number> => engine.read((_state, head) => head.size);
