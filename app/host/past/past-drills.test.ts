import * as fc from "fast-check";
import { expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import { concatBytes, toBase64url } from "../../base/bytes.ts";
import { evolve } from "../../engine/evolve.ts";
import type { LoggedFact } from "../../engine/fact.ts";
import { createLadder } from "../../engine/past/ladder.ts";
import { encodeState } from "../../engine/snapshot-codec.ts";
import { initialState, type State } from "../../engine/state.ts";
import { createSha256 } from "../../protocol/jose/hasher.ts";
import { withInstantCrypto } from "../drill-crypto.fixture.ts";
import { anyScenario } from "../drill-scenario.fixture.ts";
import { drillKeys, playDrill } from "../drill-world.fixture.ts";

const DRILLS = 8;

it("[XA-40] [INV-1] is the fold of a log of stops that are obeyed, evaded, late, repeated and released, as of any entry", async () => {
  const sha256 = await createSha256();
  const bytesOf = (state: State): string =>
    toBase64url(sha256(concatBytes(...encodeState({ ...state, seen: new Map() }))));
  const keys = await drillKeys();
  const restore = withInstantCrypto();
  const logs: LoggedFact[][] = [];
  try {
    for (const scenario of fc.sample(anyScenario, { seed: 20_261_126, numRuns: DRILLS })) {
      const { happened } = await playDrill(scenario, keys);
      logs.push(happened.flatMap((one) => (one.t === "logged" ? [one.logged] : [])));
    }
  } finally {
    restore();
  }
  let stops = 0;
  let tasks = 0;
  for (const [at, log] of logs.entries()) {
    const first = must(log[0], "a drill has entries").seq;
    // What the host wrote before anybody could listen changes no state that is compared.
    const facts = log.map((logged) => ({ logged: { ...logged, seq: logged.seq - first }, leaf: new Uint8Array(32) }));
    const ladder = createLadder(3 + at, sha256);
    for (const entry of facts) ladder.fold(entry);
    const state = initialState();
    const expected = facts.map(({ logged }) => bytesOf(evolve(state, logged)));
    stops += state.overrides.size;
    for (const workflow of state.workflows.values()) tasks += workflow.tasks.size;
    for (const size of fc.sample(fc.integer({ min: 1, max: facts.length }), { seed: at, numRuns: 25 })) {
      const opening = ladder.open(size);
      let next = opening.next();
      while (next.done !== true) next = opening.next();
      for (const entry of facts.slice(next.value.size(), size)) next.value.fold(entry);
      expect([at, size, bytesOf(next.value.end().state)]).toEqual([at, size, expected[size - 1]]);
    }
  }
  expect([stops > DRILLS, tasks > 4 * DRILLS]).toEqual([true, true]);
});
