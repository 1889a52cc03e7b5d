import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Fact, FactOf } from "../fact.ts";
import { misplaced, unallowed } from "./gate-oracle.fixture.ts";
import { perform, type Run, step } from "./gate-steps.fixture.ts";
import { createWorld } from "./gate-world.fixture.ts";

const RUNS = Number(process.env.SIGNALBOX_GATE_RUNS ?? 10_000);

/** Everything that must hold after a run, said of its log. */
function faults(run: Run): string[] {
  const { log, state } = run.world;
  const found: string[] = misplaced(log);
  for (const entry of log) {
    if (!isEffect(entry.fact)) continue;
    const why = unallowed(log, entry);
    if (why !== null) found.push(`entry ${entry.seq} let an effect through: ${why}`);
  }
  for (const jti of run.accepted) {
    const places = log.filter(({ fact }) => fact.claims.jti === jti).length;
    if (places !== 1) found.push(`decision ${jti} was accepted and stands ${places} times in the log`);
  }
  for (const gate of state.gates.values()) {
    const refused = gate.decisions.some(({ outcome }) => outcome === "reject" || outcome === "abort");
    if (refused && gate.status !== "rejected" && gate.status !== "aborted")
      found.push(`gate ${gate.request} is ${gate.status} though it was refused`);
    const logged = log.filter(
      ({ fact }) => fact.typ === "hitl-decision+jwt" && fact.claims.request.jti === gate.request,
    );
    if (logged.length !== gate.decisions.length) found.push(`gate ${gate.request} does not have every decision`);
  }
  return found;
}

const isEffect = (fact: Fact): fact is FactOf<"record+jwt"> =>
  fact.typ === "record+jwt" && fact.claims.kind === "effect_started";

/** What of everything above really happened in the runs. */
function count(happened: Map<string, number>, run: Run): void {
  const add = (what: string): void => void happened.set(what, (happened.get(what) ?? 0) + 1);
  const { log, state } = run.world;
  for (const { fact } of log) {
    if (fact.typ === "record+jwt" && fact.claims.kind !== "effect_started") add(fact.claims.kind);
    else if (!isEffect(fact)) add(fact.typ);
    else {
      const { request, grant, args_hash } = fact.claims.data;
      add("effect");
      if (request !== undefined) add("gated effect");
      if (grant !== undefined) add("granted effect");
      if (args_hash !== undefined) add("changed effect");
      if (state.gates.get(String(request))?.breakGlass != null) add("effect approved alone");
      if (log.filter((entry) => entry.fact.typ === "acp+jwt").length > 1) add("effect in a run with another policy");
    }
  }
}

describe("the gate, whatever happens in whatever order", () => {
  it(`[ACP-11] [ACP-12] [ACP-16] [ACP-17] [ACP-36] [ACP-39] [ACP-40] [ACP-41] [ACP-42] [ACP-44] [ACP-50] [ACP-S3] [A7] lets nothing through that was not allowed exactly, loses no decision, and folds the same again: ${RUNS} runs`, () => {
    const happened = new Map<string, number>();
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 30, size: "max" }), (steps) => {
        const run: Run = { world: createWorld(), prepared: [], accepted: new Set(), stops: 0, tokens: 0 };
        for (const taken of steps) perform(run, taken);
        expect(faults(run)).toEqual([]);
        const before = run.world.state;
        run.world.restart();
        expect(run.world.state).toEqual(before);
        count(happened, run);
      }),
      { numRuns: RUNS },
    );
    // Runs in which nothing of it ever happened would prove nothing.
    const often = ["effect", "gated effect", "granted effect", "hitl-handling+jwt", "hitl-withdrawal+jwt", "acp+jwt"];
    for (const what of often)
      expect([what, happened.get(what) ?? 0]).toEqual([what, expect.toSatisfy(more(RUNS / 50))]);
    const seldom = ["changed effect", "effect approved alone", "effect in a run with another policy"];
    const rare = ["hitl-review+jwt", "review_overdue", "grant-revocation+jwt", "gate_timed_out", "gate_escalated"];
    for (const what of [...seldom, ...rare])
      expect([what, happened.get(what) ?? 0]).toEqual([what, expect.toSatisfy(more(RUNS / 2000))]);
  }, 300_000);
});

const more = (least: number) => (times: number) => times > least;
