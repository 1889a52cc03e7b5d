import { STEP } from "../../base/steps.ts";
import { countersignProblem } from "./handoff.ts";
import { type CountersignClaims, HANDOFF_LIFETIME_S, type HandoffClaims } from "./handoff-claims.ts";
import type { HandedName } from "./pseudonym.ts";
import { CROSSING_PARTS, type CrossingPart, type StitchClaim } from "./stitch-claims.ts";
import type { LoggedToken, Segment, TrailEntry } from "./trail.ts";

/**
 * A crossing as both logs tell it:
 *
 *     announced (out seen) ── in seen, all digests equal ── matched ── both logs prove it ── verified
 *         │ 600 s by the host's clock without an in                 any mismatch: conflict
 *         └ dangling
 *
 * `uncompared`: everything that can be compared is equal, and what was handed over is named under a key that is not here.
 */
export type CrossingState = "announced" | "matched" | "verified" | "dangling" | "conflict" | "refused" | "uncompared";

/**
 * What a task of the sender's is called across this border by the key that the handoff names; null for who has not that key
 * (XDA-60).
 */
export type NameOf = (handoff: HandoffClaims, task: Pick<TrailEntry, "jti" | "digest">) => HandedName | null;

/** One side's audit token at the border. */
export type BorderEntry = TrailEntry & { readonly stitch: StitchClaim };

export interface CrossingFinding {
  readonly stitchId: string;
  readonly state: CrossingState;
  readonly from: string;
  readonly to: string;
  readonly wid: string;
  readonly out: BorderEntry | null;
  readonly in: BorderEntry | null;
  /** As the sender has it, else as the receiver has it. */
  readonly handoff: LoggedToken<HandoffClaims> | null;
  readonly countersign: LoggedToken<CountersignClaims> | null;
  /** What is not there yet. */
  readonly missing: readonly CrossingPart[];
  /** The first thing that does not fit; null where everything that is there fits. */
  readonly code: string | null;
  readonly detail: string;
  /** Epoch s by the clock of the side that spoke first. */
  readonly since: number;
}

/** Everything any log says about one crossing, with the log it stands in. */
interface Told {
  readonly outs: [string, BorderEntry][];
  readonly ins: [string, BorderEntry][];
  readonly handoffs: [string, LoggedToken<HandoffClaims>][];
  readonly countersigns: [string, LoggedToken<CountersignClaims>][];
}

/** What crossings are held against. */
export interface CrossingsInput {
  readonly segments: readonly Segment[];
  /** Domains that should have answered and did not. */
  readonly missing: readonly string[];
  readonly nowS: number;
  readonly nameOf: NameOf;
}

/** X3 steps 2 and 5, for every crossing that any of the logs tells of; in steps, each short. */
export function* crossingSteps({
  segments,
  missing,
  nowS,
  nameOf,
}: CrossingsInput): Generator<void, CrossingFinding[]> {
  const told = new Map<string, Told>();
  const of = (id: string): Told => {
    const known = told.get(id) ?? { outs: [], ins: [], handoffs: [], countersigns: [] };
    told.set(id, known);
    return known;
  };
  for (const { domain, entries, handoffs, countersigns } of segments) {
    for (const [at, entry] of entries.entries()) {
      if (at % STEP === 0) yield;
      if (!isBorder(entry)) continue;
      const { outs, ins } = of(entry.stitch.stitch_id);
      (entry.stitch.direction === "out" ? outs : ins).push([domain, entry]);
    }
    for (const token of handoffs) of(token.claims.stitch_id).handoffs.push([domain, token]);
    for (const token of countersigns) of(token.claims.stitch_id).countersigns.push([domain, token]);
  }
  const around: Around = {
    proven: new Map(segments.map(({ domain, provenSize }) => [domain, provenSize])),
    unread: new Set(missing),
    nowS,
    entryOf: yield* entrySteps(segments),
    nameOf,
  };
  const found: CrossingFinding[] = [];
  for (const [stitchId, parts] of told) {
    if (found.length % STEP === 0) yield;
    found.push(findingOf(stitchId, parts, around));
  }
  return found.toSorted(oldestFirst);
}

export const oldestFirst = (a: CrossingFinding, b: CrossingFinding): number =>
  a.since - b.since || (a.stitchId < b.stitchId ? -1 : 1);

function isBorder(entry: TrailEntry): entry is BorderEntry {
  return entry.stitch !== undefined;
}

interface Around {
  readonly proven: ReadonlyMap<string, number>;
  readonly unread: ReadonlySet<string>;
  readonly nowS: number;
  entryOf(domain: string, jti: string): TrailEntry | undefined;
  readonly nameOf: NameOf;
}

function* entrySteps(segments: readonly Segment[]): Generator<void, Around["entryOf"]> {
  const byDomain = new Map<string, Map<string, TrailEntry>>();
  for (const { domain, entries } of segments) {
    const byJti = new Map<string, TrailEntry>();
    for (const [at, entry] of entries.entries()) {
      if (at % STEP === 0) yield;
      byJti.set(entry.jti, entry);
    }
    byDomain.set(domain, byJti);
  }
  return (domain, jti) => byDomain.get(domain)?.get(jti);
}

function findingOf(stitchId: string, told: Told, around: Around): CrossingFinding {
  const [outDomain, out] = told.outs[0] ?? [null, null];
  const [inDomain, inward] = told.ins[0] ?? [null, null];
  const anyHandoff = told.handoffs[0]?.[1] ?? null;
  const from = outDomain ?? inward?.stitch.peer ?? anyHandoff?.claims.from ?? "";
  const to = inDomain ?? out?.stitch.peer ?? anyHandoff?.claims.to ?? "";
  const at = <C>(list: readonly [string, LoggedToken<C>][], domain: string): LoggedToken<C> | null =>
    list.find(([where]) => where === domain)?.[1] ?? null;
  const parts: Parts = {
    out,
    in: inward,
    handoff: at(told.handoffs, from),
    received: at(told.handoffs, to),
    countersign: at(told.countersigns, to),
    returned: at(told.countersigns, from),
  };
  const { proven, nowS } = around;
  const handed = handedOn(parts, from, around);
  const fault = twiceTold(told) ?? faultOf(parts, from, to) ?? handed.fault ?? withheldFault(parts, from, around);
  const missing = missingOf(parts);
  const since = out?.at ?? parts.handoff?.claims.iat ?? parts.received?.claims.iat ?? inward?.at ?? 0;
  const countersign = parts.countersign ?? parts.returned;
  return {
    stitchId,
    from,
    to,
    wid: out?.stitch.local_wid ?? inward?.stitch.local_wid ?? anyHandoff?.claims.wid ?? "",
    out,
    in: inward,
    handoff: parts.handoff ?? parts.received,
    countersign,
    missing,
    since,
    ...(fault === null
      ? stateOf({ parts, missing, since, countersign, compared: handed.compared }, { from, to, proven, nowS })
      : { state: "conflict" as const, ...fault }),
  };
}

/** Where a crossing stands in which nothing contradicts anything else. */
function stateOf(
  told: Pick<CrossingFinding, "missing" | "since" | "countersign"> & {
    readonly parts: Parts;
    readonly compared: boolean;
  },
  { from, to, proven, nowS }: Pick<Around, "proven" | "nowS"> & { readonly from: string; readonly to: string },
): Pick<CrossingFinding, "state" | "code" | "detail"> {
  const answer = told.countersign?.claims;
  if (answer?.verdict === "refused")
    return {
      state: "refused",
      code: answer.code ?? null,
      detail: answer.detail ?? "the receiver did not let it in",
    };
  if (told.missing.length > 0)
    return nowS - told.since > HANDOFF_LIFETIME_S
      ? { state: "dangling", code: "crossing_dangling", detail: `it was not completed within ${HANDOFF_LIFETIME_S} s` }
      : { state: "announced", code: null, detail: "on its way" };
  if (!told.compared)
    return {
      state: "uncompared",
      code: null,
      detail: "what was handed over cannot be compared: it is named under a key of the two gateways that is not here",
    };
  const { out, in: inward, handoff, received, countersign, returned } = told.parts;
  const covered = (domain: string, of: readonly ({ readonly seq: number } | null)[]): boolean =>
    of.every((part) => part !== null && part.seq < (proven.get(domain) ?? 0));
  // The answer that came back is the last of the sender's: what does not cover it proves a handoff only (XDA-10).
  const isProven = covered(from, [out, handoff, returned]) && covered(to, [received, countersign, inward]);
  return isProven
    ? { state: "verified", code: null, detail: "both logs prove it" }
    : { state: "matched", code: null, detail: "both logs have it; a signed head of each is still to come" };
}

interface Parts {
  readonly out: BorderEntry | null;
  readonly in: BorderEntry | null;
  /** The handoff in the sender's log, and in the receiver's. */
  readonly handoff: LoggedToken<HandoffClaims> | null;
  readonly received: LoggedToken<HandoffClaims> | null;
  /** The countersignature in the receiver's log, and in the sender's. */
  readonly countersign: LoggedToken<CountersignClaims> | null;
  readonly returned: LoggedToken<CountersignClaims> | null;
}

function missingOf(parts: Parts): CrossingPart[] {
  const found: Readonly<Record<CrossingPart, unknown>> = {
    out: parts.out,
    handoff: parts.handoff,
    handoff_received: parts.received,
    countersign: parts.countersign,
    countersign_received: parts.returned,
    in: parts.in,
  };
  return CROSSING_PARTS.filter((part) => found[part] === null);
}

type Fault = { readonly code: string; readonly detail: string };

/** A crossing happens once: a second token for it is one too many, whoever made it. */
function twiceTold(told: Told): Fault | null {
  const twice = (list: readonly (readonly [string, unknown])[]): boolean =>
    new Set(list.map(([domain]) => domain)).size < list.length;
  const other = told.outs.length > 1 || told.ins.length > 1 || twice(told.handoffs) || twice(told.countersigns);
  return other ? { code: "stitch_duplicate", detail: "more than one token says that it is this crossing" } : null;
}

/** What of a crossing contradicts what else is there of it, first the digests, then the peers, then the counters. */
function faultOf(parts: Parts, from: string, to: string): Fault | null {
  const { out, in: inward, handoff, received, countersign, returned } = parts;
  const hashes = [out?.stitch.handoff_hash, inward?.stitch.handoff_hash, handoff?.digest, received?.digest];
  const known = hashes.filter((hash) => hash !== undefined);
  if (new Set(known).size > 1)
    return { code: "stitch_hash_mismatch", detail: "the two sides name handoffs of different digests" };
  const token = handoff ?? received;
  const peers = [
    out === null || out.stitch.peer === to,
    inward === null || inward.stitch.peer === from,
    token === null || (token.claims.from === from && token.claims.to === to),
  ];
  if (peers.includes(false)) return { code: "stitch_peer_mismatch", detail: "the two sides name different domains" };
  const wids = [out?.stitch.local_wid, inward?.stitch.peer_wid ?? inward?.stitch.local_wid, token?.claims.wid];
  if (new Set(wids.filter((wid) => wid !== undefined)).size > 1)
    return { code: "stitch_peer_mismatch", detail: "the two sides name different workflows" };
  if (countersign !== null && returned !== null && countersign.digest !== returned.digest)
    return { code: "stitch_hash_mismatch", detail: "the two sides hold different countersignatures" };
  const answer = countersign ?? returned;
  if (answer !== null && token !== null) {
    const problem = countersignProblem(answer.claims, token);
    if (problem !== null) return { code: problem.code, detail: problem.detail };
  }
  if (inward !== null && answer?.claims.verdict === "refused")
    return { code: "stitch_countersign_missing", detail: "the receiver refused it and went on all the same" };
  return counterFault(parts);
}

/** X3 step 4: across a border the counter grows. */
function counterFault({ out, in: inward, handoff, received, countersign, returned }: Parts): Fault | null {
  const sent = out?.stitch.lamport;
  const named = (handoff ?? received)?.claims.lamport;
  const got = inward?.stitch.lamport;
  const answered = (countersign ?? returned)?.claims;
  const violated = (detail: string): Fault => ({ code: "causal_violation", detail });
  if (sent !== undefined && named !== undefined && sent !== named)
    return violated(`the sender counts ${sent} and its handoff says ${named}`);
  const before = sent ?? named;
  if (before !== undefined && got !== undefined && got <= before)
    return violated(`the receiver counts ${got}, not more than the sender's ${before}`);
  if (answered?.verdict === "accepted" && got !== undefined && answered.lamport !== got)
    return violated(`the receiver counts ${got} and its countersignature says ${answered.lamport}`);
  return clockFault(out?.stitch.vc, inward?.stitch.vc);
}

function clockFault(
  before: Readonly<Record<string, number>> | undefined,
  after: Readonly<Record<string, number>> | undefined,
): Fault | null {
  if (before === undefined || after === undefined) return null;
  const behind = Object.entries(before).find(([domain, count]) => (after[domain] ?? 0) < count);
  return behind === undefined
    ? null
    : { code: "causal_violation", detail: `the receiver knows less of ${behind[0]} than what it received` };
}

/** What came of holding the tasks that were handed over against the sender's log. */
interface Handed {
  readonly fault: Fault | null;
  /** False where some are named under a key that is not here: then they neither fit nor contradict anything (XDA-60). */
  readonly compared: boolean;
}

/** The receiver goes on from what was handed over, which is what the sender's log has at these places. */
function handedOn({ out, in: inward, handoff, received }: Parts, from: string, around: Around): Handed {
  const token = handoff ?? received;
  if (token === null) return { fault: null, compared: true };
  const { last, disclosure, named_by, level_min } = token.claims;
  const handed = new Set(last.map(({ jti }) => jti));
  const other = (detail: string): Handed => ({ fault: { code: "stitch_pred_mismatch", detail }, compared: true });
  if (inward !== null && (inward.pred.length !== last.length || inward.pred.some((jti) => !handed.has(jti))))
    return other("the receiver goes on from other tasks than were handed over");
  if (out === null) return { fault: null, compared: true };
  if (out.pred.length !== last.length) return other("the sender's log names other tasks than it handed over");
  let compared = true;
  for (const [at, { jti, hash }] of last.entries()) {
    const real = out.pred[at] ?? "";
    const task = around.entryOf(from, real);
    if (named_by === undefined && disclosure?.pairwise !== true && jti !== real)
      return other("the sender's log names other tasks than it handed over");
    if (task === undefined) continue;
    if (task.level < level_min) {
      const detail = `a task handed over as level ${level_min} has ${task.level}`;
      return { fault: { code: "xd_level", detail }, compared: true };
    }
    const name = named_by === undefined ? { jti, hash: task.digest } : around.nameOf(token.claims, task);
    if (name === null) compared = false;
    else if (name.jti !== jti || name.hash !== hash)
      return other("a task that was handed over is another one in the sender's log");
  }
  return { fault: null, compared };
}

/** XDA-S2: what the receiver countersigned, the sender's log does not have. */
function withheldFault({ out, in: inward }: Parts, from: string, { unread }: Pick<Around, "unread">): Fault | null {
  return inward !== null && out === null && !unread.has(from)
    ? { code: "stitch_out_missing", detail: `the receiver's log has it, the log of ${from} does not` }
    : null;
}
