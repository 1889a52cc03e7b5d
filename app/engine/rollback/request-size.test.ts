import { expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import { planHash } from "../../protocol/cascade/rollback-claims.ts";
import { decideRollback } from "../../protocol/cascade/rollback-coordinator.ts";
import { parseCompact } from "../../protocol/jose/compact.ts";
import { generateSigner } from "../../protocol/jose/keys.ts";
import { signToken } from "../../protocol/jose/sign-token.ts";
import { ids, sha256 } from "../engine.fixture.ts";
import { factOfEntry } from "../fact.ts";
import { initialState, type State } from "../state.ts";
import { rollbackConsequences } from "./consequences.ts";
import { planOf, rollbackBench } from "./rollback-bench.fixture.ts";
import { jtiOf, START_S, WID } from "./undo-state.fixture.ts";

const moment = { nowS: START_S, nowMs: START_S * 1000, uuid: () => crypto.randomUUID(), sha256 };

/** The longest reason there is. */
const REASON = "\u9000".repeat(2000);

/** A rollback by 40 agents whose names are long, asked for and let go on, with what its coordinator owes. */
function longWords(): State {
  const agents = Array.from({ length: 40 }, (_, at) => `spiffe://console.local/agent/${"a".repeat(200)}-${at}`);
  const steps = Array.from({ length: 560 }, (_, at) => ({
    ...{ n: at + 1, task: jtiOf(at), agent: must(agents[at < 520 ? 0 : at - 520], "an agent") },
    ...{ method: "compensate" as const, depends_on: [] },
  }));
  const hash = planHash(steps, sha256);
  const planDigest = must(hash.ok ? hash.value : null, "a digest");
  const authority = { typ: "override+jwt", id: WID, hash: planDigest };
  const requested = {
    ...{ kind: "requested" as const, rbId: WID, wid: WID, planHash: planDigest, steps, authority, reason: REASON },
    ...{ writes: steps.map(() => []), tell: steps.map(() => []), checkpoints: {}, impossible: [], bestEffort: false },
    ...{ deadlineS: START_S + 60, atS: START_S },
  };
  const begun = decideRollback(null, requested);
  let { state: run, outputs } = must(begun.ok ? begun.value : null, "a rollback");
  const owed = [...outputs];
  const events = [
    ...agents.map((agent) => ({ kind: "answered" as const, agent, planHash: planDigest, status: "ready" as const })),
    { kind: "execute" as const },
  ];
  for (const event of events) {
    const next = decideRollback(run, { ...event, atS: START_S });
    ({ state: run, outputs } = must(next.ok ? next.value : null, JSON.stringify(next)));
    owed.push(...outputs.filter(({ kind }) => kind === "send"));
  }
  const state = initialState();
  state.rollbacks.set(WID, {
    ...{ rbId: WID, wid: WID, seq: 0, at: START_S, by: "", target: { kind: "workflow", id: WID }, keepTarget: false },
    ...{
      bestEffort: false,
      reason: REASON,
      authority,
      text: "",
      run,
      owed,
      steps: new Map(),
      residues: new Map(),
      endedAt: null,
    },
  });
  return state;
}

it("[COM-11] [CAS-25] what goes out to 40 agents fits its tokens with the longest reason, and leaves nobody and no step out", async () => {
  const state = longWords();
  const { signer } = await generateSigner("ES256");
  const asked = { prepare: new Set<string>(), execute: new Set<number>() };
  for (const draft of rollbackConsequences(state, ids, moment)) {
    const { typ, claims } = draft.fact;
    expect(parseCompact(await signToken(typ, claims, signer)).ok).toBe(true);
    if (draft.fact.typ !== "rollback-request+jwt") continue;
    const { phase, aud, steps, reason } = draft.fact.claims;
    expect(reason).toBe(REASON);
    if (phase === "prepare") for (const agent of aud) asked.prepare.add(agent);
    for (const n of steps ?? []) asked.execute.add(n);
  }
  expect([asked.prepare.size, asked.execute.size]).toEqual([41, 560]);
});

it.each([
  ["inline where it fits", 3, [3]],
  ["beside its token where it does not", 31, [null]],
])("[COM-11] [CAS-25] a plan goes out %s, and the log reads back", async (_where, count, inline) => {
  const bench = await rollbackBench();
  const names = Array.from({ length: count }, (_, at) => `t${at}`);
  for (const [at, name] of names.entries())
    await bench.act(name, names.slice(Math.max(0, at - 1), at), { effect: true, compensation: {} });
  const { plan } = await planOf(bench, "t0");
  const target = { kind: "task", id: bench.task("t0") };
  const params = { target, best_effort: false, plan_hash: plan.planHash };
  expect((await bench.order(params, { reason: REASON })).code).toBe("accepted");
  expect((await bench.reopen()).fault()).toBeNull();
  const sent: (number | null)[] = [];
  for await (const entries of bench.storage.log.read(ids.domain, 0, 10_000))
    for (const entry of entries) {
      const fact = factOfEntry(entry);
      const { typ, claims } = must(fact.ok ? fact.value : null, "an entry that reads back");
      if (typ === "rollback-request+jwt") sent.push(claims.plan?.length ?? null);
    }
  expect(sent).toEqual(inline);
});
