import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import { concatBytes, toBase64url } from "../../base/bytes.ts";
import type { LedgerEntry } from "../../protocol/audit/claims.ts";
import { rootOf } from "../../protocol/merkle/tree.ts";
import { type Bench, ids, sha256, startedWorkflow } from "../engine.fixture.ts";
import { evolve } from "../evolve.ts";
import { encodeState } from "../snapshot-codec.ts";
import { initialState, type State } from "../state.ts";
import { createLadder, type Ladder, type PastEntry, type PastState } from "./ladder.ts";
import { readPastEntry } from "./read-entry.ts";

const step = fc.record({
  what: fc.constantFrom("build", "deploy", "answer", "report", "stop", "release"),
  task: fc.nat(3),
  yes: fc.boolean(),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Does what the steps say as far as it is taken; what is refused leaves no entry. */
async function logOf(steps: readonly Step[]): Promise<LedgerEntry[]> {
  const bench = await startedWorkflow();
  let stops = 0;
  let stopped = "";
  for (const { what, task, yes } of steps) {
    bench.clock.advance(1);
    const jti = bench.task(`${what === "answer" ? "deploy" : what} ${task}`);
    if (what === "build") await bench.submit(await bench.intent(jti, "build_site"));
    else if (what === "deploy") {
      await bench.submit(await bench.intent(jti, "deploy_prod"));
      await bench.submit(await bench.request(jti, "deploy_prod"));
    } else if (what === "answer") await answer(bench, yes);
    else if (what === "report") await bench.submit(await bench.ect(bench.task(`build ${task}`), "build_site"));
    else {
      stops += 1;
      const release = { action: "release", level: "advisory", params: { of: stopped } };
      const token = await bench.stop({ seq: stops, ...(what === "stop" ? {} : release) });
      const received = await bench.engine.receive(token);
      if (what === "stop" && received.ok && received.value.fact.typ === "override+jwt")
        stopped = received.value.fact.claims.jti;
      await bench.submit(token);
    }
  }
  const found: LedgerEntry[] = [];
  for await (const chunk of bench.storage.log.read(ids.domain, 0, Number.MAX_SAFE_INTEGER)) found.push(...chunk);
  return found;
}

async function answer(bench: Bench, yes: boolean): Promise<void> {
  const open = await bench.engine.read((state) => [...state.gates.values()].find((gate) => gate.status === "pending"));
  if (open !== undefined) await bench.submit(await bench.decision(open.request, yes ? "approve" : "reject"));
}

const bytesOf = (state: State): string =>
  toBase64url(sha256(concatBytes(...encodeState({ ...state, seen: new Map() }))));

/** The states after every entry, each by a fold from the first one on. */
function folds(entries: readonly PastEntry[]): string[] {
  let state = initialState();
  const found = [bytesOf(state)];
  for (const { logged } of entries) {
    state = evolve(state, logged);
    found.push(bytesOf(state));
  }
  return found;
}

function open(ladder: Ladder, entries: readonly PastEntry[], size: number): PastState {
  const opening = ladder.open(size);
  let next = opening.next();
  while (next.done !== true) next = opening.next();
  for (const entry of entries.slice(next.value.size(), size)) next.value.fold(entry);
  return next.value.end();
}

const read = (entries: readonly LedgerEntry[]): PastEntry[] =>
  entries.map((entry, at) => {
    const result = readPastEntry(entry, at, sha256);
    return must(result.ok ? result.value : null, JSON.stringify(result));
  });

describe("the ladder of past states", () => {
  it("[XA-40] [INV-1] gives after any entry what a fold of the log up to there gives, in whatever order it is asked", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 6, maxLength: 24 }),
        fc.integer({ min: 1, max: 9 }),
        fc.infiniteStream(fc.nat()),
        async (steps, spacing, order) => {
          const entries = read(await logOf(steps));
          const expected = folds(entries);
          const ladder = createLadder(spacing, sha256);
          for (const entry of entries) ladder.fold(entry);
          // Each is asked for once in a chance order, and then all of them again: opening one changes no other.
          const sizes = entries.map((_, at) => at + 1);
          for (const size of [...order.take(sizes.length)].map((at) => (at % sizes.length) + 1).concat(sizes)) {
            const past = open(ladder, entries, size);
            expect([past.size, bytesOf(past.state)]).toEqual([size, expected[size]]);
            expect(past.lastAt).toBe(entries[size - 1]?.logged.receivedAt);
            const leaves = entries.slice(0, size).map(({ leaf }) => leaf);
            expect(past.root).toBe(toBase64url(rootOf(leaves, sha256)));
          }
        },
      ),
      { numRuns: 4 },
    );
  });

  it("[XA-40] refuses an entry that is not the next one, or is not whole", async () => {
    const [first, second] = await logOf([]);
    const entry = must(first, "a first entry");
    expect(readPastEntry(must(second, "a second entry"), 0, sha256)).toMatchObject({
      error: { code: "past_unreadable" },
    });
    for (const change of [{ token: "not a token" }, { leaf: "!" }])
      expect(readPastEntry({ ...entry, ...change }, 0, sha256)).toMatchObject({ error: { code: "past_unreadable" } });
  });
});
