import fc from "fast-check";
import { v5 } from "uuid";
import { describe, expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import { systemClock } from "../../base/system.ts";
import { turn } from "../../base/turn.ts";
import { stitchTrails } from "../../protocol/audit/stitch.ts";
import { DOMAINS, type PlannedTask, TRAIL_AT, trailOf } from "../../protocol/audit/trail.fixture.ts";
import type { Segment, TrailEntry } from "../../protocol/audit/trail.ts";
import { createTrailDesk } from "./trail-desk.ts";

const WIDS = [1, 2, 3].map((at) => `0195400c-0000-7000-8000-0000000000a${at}`);
type Token = { readonly seq: number } & (
  | { readonly kind: "entry"; readonly token: TrailEntry }
  | { readonly kind: "handoff"; readonly token: Segment["handoffs"][number] }
  | { readonly kind: "countersign"; readonly token: Segment["countersigns"][number] }
);

/** The logs of a plan, of which tokens come one by one, as a workflow of another id than that of the fixture. */
function tokensOf(plan: readonly PlannedTask[], wid: string): Map<string, Token[]> {
  const text = JSON.stringify(trailOf(plan)).replaceAll(/"wid":"[^"]+"|"local_wid":"[^"]+"/g, (member) =>
    member.startsWith('"wid') ? `"wid":"${wid}"` : `"local_wid":"${wid}"`,
  );
  const others = text.replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, (id) =>
    id === wid ? id : v5(id, wid),
  );
  const segments = JSON.parse(others) as Segment[]; // as it was written the line before
  return new Map(
    segments.map(({ domain, entries, handoffs, countersigns }) => [
      domain,
      [
        ...entries.map((token): Token => ({ kind: "entry", token, seq: token.seq })),
        ...handoffs.map((token): Token => ({ kind: "handoff", token, seq: token.seq })),
        ...countersigns.map((token): Token => ({ kind: "countersign", token, seq: token.seq })),
      ].toSorted((a, b) => a.seq - b.seq),
    ]),
  );
}

/** A domain's log as far as a desk asks for it. */
function fakeLedger(domain: string) {
  const tokens: (Token & { readonly wid: string })[] = [];
  let provenSize = 0;
  const of = (wid: string | null) => tokens.filter((one) => wid === null || one.wid === wid);
  const entriesOf = (wid: string | null) =>
    of(wid).flatMap(({ seq, ...one }) => (one.kind === "entry" ? [{ ...one.token, seq }] : []));
  return {
    domain,
    put: (wid: string, token: Token) => tokens.push({ ...token, wid, seq: tokens.length }),
    prove: () => {
      provenSize = tokens.length;
    },
    entries: () => entriesOf(null),
    workflows: () => [...new Set(tokens.map(({ wid }) => wid))],
    stamp: (wid: string) => `${of(wid).length} ${Math.min(provenSize, (of(wid).at(-1)?.seq ?? -1) + 1)}`,
    crossingsOf: (wid: string) =>
      of(wid).flatMap(({ kind, token }) =>
        kind === "entry" ? (token.stitch?.stitch_id ?? []) : token.claims.stitch_id,
      ),
    segment: (wid: string | null): Segment => ({
      domain,
      provenSize,
      entries: entriesOf(wid),
      handoffs: of(wid).flatMap(({ seq, ...one }) => (one.kind === "handoff" ? [{ ...one.token, seq }] : [])),
      countersigns: of(wid).flatMap(({ seq, ...one }) => (one.kind === "countersign" ? [{ ...one.token, seq }] : [])),
    }),
  };
}

const NO_KEYS = { nameAcross: async () => null };
const plans = fc
  .array(fc.record({ domain: fc.nat({ max: 2 }), after: fc.array(fc.nat(), { maxLength: 2 }) }), {
    minLength: 2,
    maxLength: 6,
  })
  .map((tasks) =>
    tasks.map(
      ({ domain, after }, at): PlannedTask => ({
        domain,
        after: at === 0 ? [] : [...new Set(after.map((index) => index % at))],
      }),
    ),
  );
const steps = fc.array(
  fc.record({
    what: fc.constantFrom("comes", "comes", "comes", "comes", "proved", "later", "away", "retold", "asked"),
    domain: fc.nat({ max: 2 }),
    wid: fc.nat({ max: 2 }),
  }),
  { minLength: 10, maxLength: 60 },
);

describe("trails that are looked through as they grow", () => {
  it("[XDA-2] [XDA-11] [XDA-32] are what looking through all of them at once finds, in whatever order things come", async () => {
    await fc.assert(
      fc.asyncProperty(plans, steps, async (plan, happened) => {
        const ledgers = DOMAINS.map(fakeLedger);
        const waiting = new Map(WIDS.map((wid) => [wid, tokensOf(plan, wid)]));
        const away = new Set<string>();
        let nowS = TRAIL_AT;
        const desk = createTrailDesk({
          hosts: {
            all: () => ledgers.filter(({ domain }) => !away.has(domain)).map((ledger) => ({ ledger })),
            troubles: () => new Map([...away].map((domain) => [domain, true])),
            pairKeys: NO_KEYS,
          },
          clock: { ...systemClock, nowMs: () => nowS * 1000 },
        });
        const same = async (): Promise<void> => {
          const missing = [...away].toSorted();
          const segments = ledgers.filter(({ domain }) => !away.has(domain)).map((ledger) => ledger.segment(null));
          const whole = stitchTrails({ segments, missing, nowS });
          const { crossings, gaps } = await desk.ends(null);
          expect(crossings).toEqual(whole.crossings);
          expect(gaps.map((gap) => JSON.stringify(gap)).toSorted()).toEqual(
            whole.gaps.map((gap) => JSON.stringify(gap)).toSorted(),
          );
        };
        for (const { what, domain, wid } of happened) {
          const ledger = must(ledgers[domain], "a domain");
          const id = must(WIDS[wid], "a workflow");
          const next = waiting.get(id)?.get(ledger.domain);
          const retold = ledger.entries().find(({ stitch }) => stitch !== undefined);
          if (what === "comes" && next !== undefined && next.length > 0) ledger.put(id, must(next.shift(), "one"));
          // A crossing of one workflow, told as one of another.
          if (what === "retold" && retold !== undefined)
            ledger.put(id, { kind: "entry", seq: 0, token: { ...retold, jti: v5(id, retold.jti), wid: id } });
          if (what === "proved") ledger.prove();
          if (what === "later") nowS += 300;
          if (what === "away" && !away.delete(ledger.domain)) away.add(ledger.domain);
          if (what === "asked") await same();
        }
        await same();
        // Asked again with nothing new: from memory, and still the same.
        await same();
      }),
      { numRuns: 40 },
    );
  });

  it("[S5] [XDA-32] are looked through in pieces: what comes meanwhile is answered before", async () => {
    const ledger = fakeLedger("core.example");
    const wid = must(WIDS[0], "a workflow");
    const [entry] = trailOf([{ domain: 0, after: [] }])[0]?.entries ?? [];
    for (let at = 0; at < 600; at += 1)
      ledger.put(wid, { kind: "entry", seq: 0, token: { ...must(entry, "a task"), wid, jti: v5(String(at), wid) } });
    let ms = 0;
    const desk = createTrailDesk({
      hosts: { all: () => [{ ledger }], troubles: () => new Map(), pairKeys: NO_KEYS },
      // Each look at the time takes ten: no machine is too fast for this.
      clock: { ...systemClock, monotonicMs: () => (ms += 10) },
    });
    for (const ask of [() => desk.ends(null), () => desk.trail(wid)]) {
      const answered: string[] = [];
      const asked = ask().then(() => answered.push("the trails"));
      for (const request of ["a request", "a stop"]) {
        await turn();
        answered.push(request);
      }
      await asked;
      expect(answered).toEqual(["a request", "a stop", "the trails"]);
    }
  });
});
