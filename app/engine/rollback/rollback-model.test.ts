import fc from "fast-check";
import { v5 } from "uuid";
import { expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import type { RollbackRequestClaims, RollbackResultClaims } from "../../protocol/cascade/rollback-claims.ts";
import { rollbackRequestClaimsSchema, rollbackResultClaimsSchema } from "../../protocol/cascade/rollback-claims.ts";
import { compensationClaims } from "../../protocol/cascade/rollback-compensation.ts";
import { isFinished, type RollbackState, residuesOf } from "../../protocol/cascade/rollback-state.ts";
import { nodeJti } from "../../protocol/ect/object-node.ts";
import type { Verified } from "../../protocol/jose/verify-token.ts";
import { overrideClaimsSchema } from "../../protocol/override/claims.ts";
import type { Command, Moment } from "../command.ts";
import { decide } from "../decide.ts";
import { digestOf, ids, sha256 } from "../engine.fixture.ts";
import { evolve } from "../evolve.ts";
import type { Fact, LoggedFact } from "../fact.ts";
import { agentState } from "../override/hold.ts";
import type { State } from "../state.ts";
import { heldEcts } from "../workflow/held-ects.ts";
import { rollbackConsequences } from "./consequences.ts";
import { decideRollbackOrder, rehearse } from "./order.ts";
import { type Acted, actedWorkflow, agentOf, START_S, savedHash, WID } from "./undo-state.fixture.ts";

const ALICE = "spiffe://console.local/human/alice";
const RB = v5("rollback", WID);

/** The engine's decisions and folds over a log, without its signatures. */
class World {
  readonly state: State;
  readonly first: State;
  readonly log: LoggedFact[] = [];
  nowS = START_S;
  #made = 0;

  constructor(acted: readonly Acted[]) {
    this.state = actedWorkflow(acted);
    this.first = structuredClone(this.state);
  }

  uuid(): string {
    this.#made += 1;
    return v5(`id ${this.#made}`, WID);
  }

  submit(command: Command): string {
    const moment: Moment = { nowS: this.nowS, nowMs: this.nowS * 1000, uuid: () => this.uuid(), sha256 };
    const decided = decide(this.state, command, ids, moment, { rollbackOrder: decideRollbackOrder });
    if (!decided.ok) return decided.error.code;
    for (let due = decided.value; due.length > 0; due = rollbackConsequences(this.state, ids, moment))
      for (const draft of due) {
        const digest = draft.kind === "token" ? draft.digest : "";
        const logged = { seq: this.state.size, receivedAt: this.nowS, digest, fact: draft.fact };
        evolve(this.state, logged);
        this.log.push(logged);
      }
    return "accepted";
  }

  token(fact: Fact): string {
    // Verified before: of the token only these are read here.
    const verified = {
      compact: "",
      digest: digestOf(fact.claims.jti),
      key: { kid: "" },
    } as unknown as Verified<unknown>;
    const cosigners = [{ iss: "spiffe://console.local/human/bob", kid: "", authTime: this.nowS }];
    return this.submit({ kind: "token", verified, fact, cosigners });
  }

  common(iss: string) {
    return { iss, aud: [ids.pepId], iat: this.nowS, exp: this.nowS + 300, jti: this.uuid() };
  }

  order(bestEffort: boolean): string {
    const aim = { wid: WID, target: { kind: "workflow" as const, id: WID }, keepTarget: false, bestEffort };
    const rehearsed = rehearse(this.state, aim, ids, { nowS: this.nowS, sha256 });
    const { plan } = must(rehearsed.ok ? rehearsed.value : null, "a plan");
    const claims = overrideClaimsSchema.parse({
      ...this.common(ALICE),
      ...{ jti: RB, ovr_ver: 1, level: "mandatory", action: "rollback", scope: { kind: "workflow", id: WID } },
      params: { target: aim.target, best_effort: bestEffort, plan_hash: plan.planHash },
      ...{ seq: 1, deadline_ms: 10_000, reason: "wrong", auth_time: this.nowS, amr: ["pwd"], role: "operator" },
    });
    return this.token({ typ: "override+jwt", claims });
  }

  run(): RollbackState {
    return must(this.state.rollbacks.get(RB)?.run, "a rollback that began");
  }

  result(
    claims: Omit<RollbackResultClaims, "iss" | "aud" | "iat" | "exp" | "jti" | "rb_id" | "plan_hash">,
    iss: string,
  ) {
    const made = { ...this.common(iss), rb_id: RB, plan_hash: this.run().request.planHash, ...claims };
    return this.token({ typ: "rollback-result+jwt", claims: rollbackResultClaimsSchema.parse(made) });
  }

  say(phase: "abort" | "confirm", revision: number): string {
    const { request } = this.run();
    const claims: RollbackRequestClaims = rollbackRequestClaimsSchema.parse({
      ...this.common(ALICE),
      ...{ rb_id: RB, wid: WID, target: { kind: "workflow", id: WID }, phase, plan_hash: request.planHash },
      ...{ reason: "seen", authority: request.authority, deadline: this.nowS + 300, best_effort: request.bestEffort },
      ...{ revision, auth_time: this.nowS },
    });
    return this.token({ typ: "rollback-request+jwt", claims });
  }

  /** What its participant, or a person, says of the nth step. */
  step(n: number, status: RollbackResultClaims["status"]): string {
    const step = must(this.run().request.steps[n - 1], "a step");
    const at = this.indexOf(step.task);
    const undone = status === "done" || status === "partial";
    let compensation: string | undefined;
    if (step.method === "compensate" && undone) {
      const jti = this.uuid();
      const envelope = { iss: step.agent, aud: [ids.pepId], wid: WID, jti, iat: this.nowS, lifetimeS: 300, rbId: RB };
      const known = heldEcts(this.state.workflows);
      const claims = compensationClaims(envelope, step.task, "override", [nodeJti(RB)], known);
      if (claims.ok && this.token({ typ: "exec+jwt", claims: claims.value }) === "accepted") compensation = jti;
    }
    const claims = {
      ...{ phase: "execute" as const, n, task: step.task, status, residue: status === "partial" ? ["something"] : [] },
      ...(step.method === "restore" && undone ? { restored_hash: savedHash(at) } : {}),
      ...(compensation === undefined ? {} : { compensation }),
    };
    return this.result(claims, step.method === "manual" ? ALICE : step.agent);
  }

  indexOf(task: string): number {
    return [...(this.state.workflows.get(WID)?.tasks.keys() ?? [])].indexOf(task);
  }
}

const actedArbitrary = fc
  .array(
    fc.record({
      back: fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 2 }),
      undo: fc.constantFrom<Acted["undo"]>(
        { effect: true, kind: "automatic" },
        { effect: true, kind: "automatic" },
        { effect: true, compensation: {} },
        { effect: true, kind: "assisted" },
        { effect: true, kind: "impossible" },
        { effect: false },
      ),
    }),
    { minLength: 1, maxLength: 6 },
  )
  .map((tasks) =>
    tasks.map(({ back, undo }, at): Acted => {
      const pred = [...new Set(back.map((steps) => at - steps))].filter((earlier) => earlier >= 0);
      return { pred, undo, saved: undo.kind === "automatic" };
    }),
  );

const moveArbitrary = fc.record({
  what: fc.constantFrom("ready", "ready", "step", "step", "step", "step", "any", "tick", "abort", "confirm", "late"),
  pick: fc.nat({ max: 11 }),
  status: fc.constantFrom<RollbackResultClaims["status"]>("done", "done", "done", "partial", "failed", "irreversible"),
  seconds: fc.constantFrom(1, 60, 600),
});
type Move = typeof moveArbitrary extends fc.Arbitrary<infer T> ? T : never;

function make(world: World, { what, pick, status, seconds }: Move): void {
  const { request, steps, answers, revision } = world.run();
  const at = <T>(items: readonly T[]): T | undefined => items[pick % Math.max(1, items.length)];
  if (what === "ready") {
    const agent = at(Object.keys(answers).filter((one) => answers[one] === null)) ?? agentOf(pick);
    world.result({ phase: "prepare", status: status === "failed" ? "refused" : "ready", residue: [] }, agent);
  } else if (what === "step" || what === "any") {
    const open = request.steps.filter(({ n }) => steps[n - 1]?.status === "open" || what === "any");
    const step = at(open);
    if (step !== undefined) world.step(step.n, status);
  } else if (what === "tick") {
    world.nowS += seconds;
    world.submit({ kind: "rollback_tick", rbId: RB, again: pick % 2 === 0 });
  } else world.say(what === "abort" ? "abort" : "confirm", what === "late" ? revision + 1 : revision);
}

it("[CAS-13] [CAS-14] [CAS-15] [CAS-16] [CAS-25] [CAS-26] [CAS-32] holds whatever participants and people answer, and the log alone gives it again", () => {
  fc.assert(
    fc.property(
      actedArbitrary,
      fc.boolean(),
      fc.array(moveArbitrary, { minLength: 4, maxLength: 24 }),
      (acted, bestEffort, moves) => {
        const world = new World(acted);
        const possible = acted.every(({ undo }) => undo.kind !== "impossible");
        const code = world.order(bestEffort);
        if (!bestEffort && !possible) {
          expect([code, world.log.length]).toEqual(["rollback_irreversible", 0]);
          return;
        }
        expect(code).toBe("accepted");
        for (const move of moves) {
          const before = structuredClone(world.run());
          const from = world.log.length;
          make(world, move);
          const run = world.run();
          const rollback = must(world.state.rollbacks.get(RB), "the rollback");
          expect(rollback.owed).toEqual([]);
          for (const { fact } of world.log.slice(from))
            if (fact.typ === "rollback-request+jwt" && fact.claims.iss === ids.pepId)
              for (const n of fact.claims.steps ?? []) expect(unmet(run, n)).toEqual([]);
          if (isFinished(before.phase)) expect(run.phase).toBe(before.phase);
          const workflow = must(world.state.workflows.get(WID), "the workflow");
          expect(agentState(world.state, workflow, agentOf(0))).toBe(isFinished(run.phase) ? "paused" : "rolling_back");
          if (run.phase === "confirmed" && residuesOf(run).length > 0) expect(run.confirmedBy).not.toBeNull();
        }
        const ects = must(world.state.workflows.get(WID), "the workflow").ects;
        for (const [jti, held] of world.first.workflows.get(WID)?.ects ?? []) expect(ects.get(jti)).toEqual(held);
        const again = world.log.reduce((state, logged) => evolve(state, logged), structuredClone(world.first));
        expect(again.rollbacks).toEqual(world.state.rollbacks);
        expect(again.overrides).toEqual(world.state.overrides);
      },
    ),
    { numRuns: 150 },
  );
});

/** Steps that one depends on and that are not over as undone or as having had nothing to undo. */
function unmet(run: RollbackState, n: number): number[] {
  const over: readonly (string | undefined)[] = ["done", "partial", "skipped"];
  return (run.request.steps[n - 1]?.depends_on ?? []).filter(
    (earlier) => !over.includes(run.steps[earlier - 1]?.status),
  );
}
