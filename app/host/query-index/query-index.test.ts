import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toBase64url } from "../../base/bytes.ts";
import { matcherOf } from "../../protocol/query/matches.ts";
import { parseQuery } from "../../protocol/query/parse.ts";
import { printQuery } from "../../protocol/query/print.ts";
import { expressionArbitrary, type LinkedDoc, logArbitrary } from "../../protocol/query/query.fixture.ts";
import { Bits } from "./bits.ts";
import { DigestRuns } from "./digest-runs.ts";
import { createQueryIndex } from "./query-index.ts";
import { SortedRuns } from "./sorted-runs.ts";

function indexOf(log: readonly LinkedDoc[], known = log.length) {
  const index = createQueryIndex({
    slice: (from, to) => {
      const part = log.slice(from, to);
      return {
        counts: Uint8Array.from(part, ({ causes }) => causes.length),
        causes: Uint32Array.from(part.flatMap(({ causes }) => causes)),
      };
    },
  });
  for (const { doc } of log.slice(0, known)) index.add(doc);
  return index;
}

const seqsOf = (bits: Bits): number[] => {
  const found = [];
  for (let seq = bits.next(-1); seq !== -1; seq = bits.next(seq)) found.push(seq);
  return found;
};

describe("the query index", () => {
  it("[XA-23] selects what looking at every entry selects, for any log and any expression", () => {
    fc.assert(
      fc.property(logArbitrary, fc.array(expressionArbitrary, { minLength: 1, maxLength: 4 }), (log, expressions) => {
        const index = indexOf(log);
        const docs = log.map(({ doc }) => doc);
        const nowS = (docs.at(-1)?.receivedAt ?? 0) + 2;
        for (const expression of expressions) {
          const world = { docs, nowS, causesOf: (seq: number) => log[seq]?.causes ?? [] };
          const expected = docs.filter(matcherOf(expression, world)).map(({ seq }) => seq);
          const { bits } = index.select(expression, nowS);
          expect([printQuery(expression), seqsOf(bits)]).toEqual([printQuery(expression), expected]);
          expect(bits.count()).toBe(expected.length);
        }
      }),
      { numRuns: 250 },
    );
  });

  it("[XA-23] what comes in after a question was asked is found by the next one", () => {
    fc.assert(
      fc.property(logArbitrary, expressionArbitrary, fc.nat({ max: 40 }), (log, expression, cut) => {
        const grown = indexOf(log, cut);
        grown.select(expression, 0);
        for (const { doc } of log.slice(cut)) grown.add(doc);
        expect(grown.size).toBe(log.length);
        expect(seqsOf(grown.select(expression, 0).bits)).toEqual(seqsOf(indexOf(log).select(expression, 0).bits));
      }),
      { numRuns: 100 },
    );
  });

  it("[XA-21] words are found at their beginning, in quotes whole and next to each other", () => {
    const action = (name: string, seq: number): LinkedDoc => ({
      doc: {
        ...{ seq, receivedAt: seq, severity: "info", typ: "exec+jwt", iss: null, action: name, outcome: null },
        ...{ wid: null, task: null, name: null, jti: null, submitter: "", domain: "", digests: [] },
      },
      causes: [],
    });
    const index = indexOf(["deploy_site", "deploy the site", "undeploy", "site deployment"].map(action));
    const found = (text: string): number[] => {
      const parsed = parseQuery(text);
      return parsed.ok ? seqsOf(index.select(parsed.value, 0).bits) : [];
    };
    expect(found("deploy")).toEqual([0, 1, 3]);
    expect(found('"deploy"')).toEqual([0, 1]);
    expect(found("deploy_s")).toEqual([0]);
    expect(found('"deploy site"')).toEqual([0]);
    expect(found('"site deploy"')).toEqual([]);
  });

  it("names the events that are not there", () => {
    const index = indexOf([]);
    const parsed = parseQuery("after:7 or before:0195400c-0000-7000-8000-000000000001");
    const { unknown, bits } = index.select(parsed.ok ? parsed.value : { kind: "all" }, 0);
    expect(unknown.map(({ of, offset }) => [of, offset])).toEqual([
      ["7", 6],
      ["0195400c-0000-7000-8000-000000000001", 18],
    ]);
    expect(bits.count()).toBe(0);
  });
});

describe("what the index is made of", () => {
  it("sets of entries are what sets of numbers are", () => {
    const some = fc.uniqueArray(fc.nat({ max: 130 }));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 131 }), some, some, (size, a, b) => {
        const make = (seqs: readonly number[]): Bits => {
          const bits = new Bits(size);
          for (const seq of seqs) bits.add(seq);
          return bits;
        };
        const sets = [a, b].map((seqs) => new Set(seqs.filter((seq) => seq < size)));
        const [one, other] = sets;
        const all = Array.from({ length: size }, (_, seq) => seq);
        expect(seqsOf(make(a).and(make(b)))).toEqual(all.filter((seq) => one?.has(seq) && other?.has(seq)));
        expect(seqsOf(make(a).or(make(b)))).toEqual(all.filter((seq) => one?.has(seq) || other?.has(seq)));
        expect(seqsOf(make(a).not())).toEqual(all.filter((seq) => !one?.has(seq)));
        expect(make(a).not().count()).toBe(size - (one?.size ?? 0));
        const bytes = make(a).bytes();
        expect(all.filter((seq) => (((bytes[seq >>> 3] ?? 0) >>> (seq & 7)) & 1) === 1)).toEqual(seqsOf(make(a)));
        const backwards = [];
        for (let seq = make(a).previous(size); seq !== -1; seq = make(a).previous(seq)) backwards.push(seq);
        expect(backwards).toEqual(all.filter((seq) => one?.has(seq)).reverse());
        const [from = 0, to = 0] = [...a, 0, 0];
        expect(seqsOf(new Bits(size).addRange(from, to))).toEqual(all.filter((seq) => seq >= from && seq < to));
      }),
      { numRuns: 200 },
    );
  });

  it("digests are found by their beginning, whole, and in whatever order they came", () => {
    const runs = new DigestRuns();
    const digests = Array.from({ length: 2500 }, (_, at) =>
      toBase64url(Uint8Array.from({ length: 32 }, (_byte, place) => (at * 7919 + place * (at % 13)) % 251)),
    );
    for (const [seq, digest] of digests.entries()) runs.add(digest, seq);
    const prefixes = [
      "",
      "A",
      "AA",
      "zz",
      "_",
      ...[3, 900, 1024, 2499].flatMap((at) => [5, 11, 43].map((n) => digests[at]?.slice(0, n) ?? "")),
    ];
    for (const prefix of prefixes) {
      const bits = new Bits(digests.length);
      runs.prefixInto(bits, prefix);
      expect(seqsOf(bits)).toEqual(digests.flatMap((digest, seq) => (digest.startsWith(prefix) ? [seq] : [])));
    }
    const none = new Bits(digests.length);
    for (const prefix of ["é", "A=", `${digests[0]}A`]) runs.prefixInto(none, prefix);
    expect(none.count()).toBe(0);
  });

  it("strings are found by their beginning, in whatever order they came", () => {
    const runs = new SortedRuns();
    const texts = Array.from({ length: 5000 }, (_, at) => ((at * 7919) % 5000).toString(36));
    for (const text of texts) runs.add(text);
    for (const prefix of ["", "2", "3a", "zz", "1k7"])
      expect(runs.startingWith(prefix).sort((a, b) => a - b)).toEqual(
        texts.flatMap((text, at) => (text.startsWith(prefix) ? [at] : [])),
      );
  });
});
