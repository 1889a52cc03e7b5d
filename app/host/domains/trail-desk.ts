import type { Clock } from "../../base/ports.ts";
import { inSlices, STEP, slices } from "../../base/steps.ts";
import { HANDOFF_LIFETIME_S, type HandoffClaims } from "../../protocol/audit/handoff-claims.ts";
import type { HandedName } from "../../protocol/audit/pseudonym.ts";
import { looseEndSteps, type StitchedTrail, stitchSteps } from "../../protocol/audit/stitch.ts";
import { type NameOf, oldestFirst } from "../../protocol/audit/stitch-crossings.ts";
import { nodeKey, type Segment, type TrailEntry, type TrailGap } from "../../protocol/audit/trail.ts";
import type { DomainHosts } from "./domain-hosts.ts";
import type { DomainLedger } from "./domain-ledger.ts";
import { linkedWorkflows } from "./linked-workflows.ts";

/** What does not fit in trails, and what is missing, without their order: the larger part of the work is that. */
export type LooseEnds = Pick<StitchedTrail, "crossings" | "gaps">;

export interface TrailDeskPorts {
  readonly hosts: {
    all(): readonly {
      readonly ledger: Pick<DomainLedger, "domain" | "segment" | "stamp" | "crossingsOf" | "workflows">;
    }[];
    troubles(): ReadonlyMap<string, unknown>;
    readonly pairKeys: Pick<DomainHosts["pairKeys"], "nameAcross">;
  };
  readonly clock: Clock;
}

/**
 * X3 over what the domains' logs have. A domain that cannot be opened is missing, and said to be. A workflow is looked
 * through again when something of it is new, and all of it a few milliseconds at a time: no request and no stop waits.
 */
export interface TrailDesk {
  /** One workflow in causal order. */
  trail(wid: string): Promise<StitchedTrail>;
  /** Of the workflows named, or of all. */
  ends(wids: readonly string[] | null): Promise<LooseEnds>;
}

interface Known extends LooseEnds {
  readonly stamp: string;
  /** When something of it dangles that does not yet, epoch s. */
  readonly dueS: number;
}

/** What one domain has of several workflows, in the order of its log. */
function together(domain: string, segments: readonly Segment[]): Segment {
  const inOrder = <T extends { readonly seq: number }>(of: (segment: Segment) => readonly T[]): T[] =>
    segments.flatMap(of).toSorted((a, b) => a.seq - b.seq);
  return {
    domain,
    provenSize: Math.max(0, ...segments.map(({ provenSize }) => provenSize)),
    entries: inOrder(({ entries }) => entries),
    handoffs: inOrder(({ handoffs }) => handoffs),
    countersigns: inOrder(({ countersigns }) => countersigns),
  };
}

export function createTrailDesk({ hosts, clock }: TrailDeskPorts): TrailDesk {
  /** By workflow. */
  const known = new Map<string, Known>();
  const links = linkedWorkflows();
  const nowS = (): number => Math.floor(clock.nowMs() / 1000);
  const ledgers = () => hosts.all().map(({ ledger }) => ledger);
  const stampOf = (wids: readonly string[], missing: readonly string[]): string =>
    JSON.stringify([missing, ledgers().map((ledger) => [ledger.domain, ...wids.map((wid) => ledger.stamp(wid))])]);

  /** Workflows of which one token or another tells of the same crossing are one matter: honest ones have nothing in common. */
  const groupOf = (wid: string): readonly string[] => {
    for (const ledger of ledgers()) links.told(wid, ledger.stamp(wid), ledger);
    return links.of(wid);
  };

  const endsOf = async (wids: readonly string[], breathe: () => Promise<void>): Promise<LooseEnds> => {
    const missing = [...hosts.troubles().keys()].toSorted();
    const stamp = stampOf(wids, missing);
    const first = wids.join(" ");
    const held = known.get(first);
    const at = nowS();
    if (held !== undefined && held.stamp === stamp && at < held.dueS) return held;
    const segments = ledgers().map((ledger) =>
      together(
        ledger.domain,
        wids.map((wid) => ledger.segment(wid)),
      ),
    );
    const nameOf = await namesOf(segments, breathe);
    const found = await inSlices(looseEndSteps({ segments, missing, nowS: at, nameOf }), breathe);
    const gaps = found.gaps.filter(({ reason }) => reason !== "domain_not_read");
    const ends = { crossings: found.crossings, gaps };
    const waiting = found.crossings.filter(({ state }) => state === "announced").map(({ since }) => since);
    const dueS = Math.min(...waiting) + HANDOFF_LIFETIME_S + 1;
    // What could not be compared may be compared the next time: its key may be there again.
    if (found.crossings.some(({ state }) => state === "uncompared")) known.delete(first);
    else known.set(first, { ...ends, stamp, dueS });
    return ends;
  };

  /** Names of what was handed on, for whoever has the pairs' keys: they are made before the trails are held against each other. */
  const namesOf = async (segments: readonly Segment[], breathe: () => Promise<void>): Promise<NameOf> => {
    const names = new Map<string, HandedName | null>();
    const idOf = ({ from, to, named_by }: HandoffClaims, digest: string): string =>
      `${from} ${to} ${named_by?.kid ?? ""} ${digest}`;
    const tasks = new Map<string, TrailEntry>();
    const outs = new Map<string, readonly string[]>();
    for (const { domain, entries } of segments)
      for (const [at, task] of entries.entries()) {
        if (at % STEP === 0) await breathe();
        tasks.set(nodeKey(domain, task.jti), task);
        if (task.stitch?.direction === "out") outs.set(`${domain} ${task.stitch.stitch_id}`, task.pred);
      }
    for (const { handoffs } of segments)
      for (const { claims } of handoffs) {
        if (claims.named_by === undefined) continue;
        await breathe();
        for (const jti of outs.get(`${claims.from} ${claims.stitch_id}`) ?? []) {
          const task = tasks.get(nodeKey(claims.from, jti));
          if (task === undefined) continue;
          names.set(idOf(claims, task.digest), await hosts.pairKeys.nameAcross(claims, task));
        }
      }
    return (handoff, { digest }) => names.get(idOf(handoff, digest)) ?? null;
  };

  return {
    trail: async (wid) => {
      const breathe = slices(clock);
      const missing = [...hosts.troubles().keys()].toSorted();
      const segments = ledgers().map((ledger) => ledger.segment(wid));
      const nameOf = await namesOf(segments, breathe);
      return inSlices(stitchSteps({ segments, missing, nowS: nowS(), nameOf }), breathe);
    },
    ends: async (wids) => {
      const breathe = slices(clock);
      const crossings: LooseEnds["crossings"][number][] = [];
      const gaps: TrailGap[] = [];
      const all = wids ?? [...new Set(ledgers().flatMap((ledger) => ledger.workflows()))];
      const seen = new Set<string>();
      if (wids === null)
        for (const wid of all) {
          groupOf(wid);
          await breathe();
        }
      for (const wid of all) {
        await breathe();
        if (seen.has(wid)) continue;
        const group = groupOf(wid);
        for (const member of group) seen.add(member);
        const ends = await endsOf(group, breathe);
        crossings.push(...ends.crossings);
        gaps.push(...ends.gaps);
      }
      const missing = [...hosts.troubles().keys()].toSorted();
      return {
        crossings: crossings.toSorted(oldestFirst),
        gaps: [
          ...missing.map((domain): TrailGap => ({ domain, at: null, missing: null, reason: "domain_not_read" })),
          ...gaps,
        ],
      };
    },
  };
}
