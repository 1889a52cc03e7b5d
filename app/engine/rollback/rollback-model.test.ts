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
import type { TrailPlaces } from "./trail-places.ts";
import { type Acted, actedWorkflow, agentOf, jtiOf, START_S, savedHash, WID } from "./undo-state.fixture.ts";

const ALICE = "spiffe://console.local/human/alice";
const RB = v5("rollback", WID);
const METRO = "spiffe://metro.example/pep";

/** The engine's decisions and folds over a log, without its signatures. */
class World {
  readonly state: State;
  readonly first: State;
  readonly log: LoggedFact[] = [];
  readonly trails: TrailPlaces;
  nowS = START_S;
  isStopped = false;
  #made = 0;

  /** Of these tasks, by index, metro's log has the trail. */
  constructor(acted: readonly Acted[], atMetro: ReadonlySet<number>) {
    this.state = actedWorkflow(acted);
    this.trails = new Map([...atMetro].map((at) => [jtiOf(at), { gateway: METRO, handedTo: [] }]));
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
    return this.submit({ kind: "token", verified, fact, cosigners, trails: this.trails });
  }

  common(iss: string) {
    return { iss, aud: [ids.pepId], iat: this.nowS, exp: this.nowS + 300, jti: this.uuid() };
  }

  order(bestEffort: boolean): string {
    const aim = { wid: WID, target: { kind: "workflow" as const, id: WID }, keepTarget: false, bestEffort };
    const rehearsed = rehearse(this.state, aim, ids, { nowS: this.nowS, sha256 }, this.trails);
    const { plan } = must(rehearsed.ok ? rehearsed.value : null, "a plan");
    const claims = overrideClaimsSchema.parse({
      ...this.common(ALICE),
      ...{ jti: RB, ovr_ver: 1, level: "mandatory", action: "rollback", scope: { kind: "workflow", id: WID } },
      params: { target: aim.target, best_effort: bestEffort, plan_hash: plan.planHash },
      ...{ seq: 1, deadline_ms: 10_000, reason: "wrong", auth_time: this.nowS, amr: ["pwd"], role: "operator" },
    });
    return this.token({ typ: "override+jwt", claims });
  }

  /** A stop of the whole workflow, that stays. */
  stop(): string {
    const claims = overrideClaimsSchema.parse({
      ...this.common(ALICE),
      ...{ ovr_ver: 1, level: "emergency", action: "stop", scope: { kind: "workflow", id: WID } },
      ...{ params: { mode: "immediate" }, seq: 2 + this.#made, deadline_ms: 1000, reason: "stop", role: "operator" },
      ...{ auth_time: this.nowS, amr: ["pwd"] },
    });
    this.isStopped = true;
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
    // A gateway that claims more than to have it in its log.
    if (step.gateway !== undefined && this.run().steps[n - 1]?.said !== null) {
      const claimed = { compensation: this.uuid(), restored_hash: savedHash(0), residue: ["it was handed on"] };
      return this.result({ phase: "execute", n, task: step.task, status, ...claimed }, step.gateway);
    }
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

  known(): string[] {
    return [...(this.state.workflows.get(WID)?.ects.keys() ?? [])];
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
  what: fc.constantFrom(
    ...(["ready", "ready", "ready", "step", "step", "step", "step", "step", "step", "any", "any"] as const),
    ...(["tick", "tick", "abort", "confirm", "late", "stop"] as const),
  ),
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
  } else if (what === "stop") expect(world.stop()).toBe("accepted");
  else world.say(what === "abort" ? "abort" : "confirm", what === "late" ? revision + 1 : revision);
}

/** One task, undone by its agent, that metro's gateway then takes in. */
const GATEWAY_ASKED: [Acted[], boolean, Move[], number[]] = [
  [{ pred: [], undo: { effect: true, kind: "automatic" }, saved: true }],
  true,
  (["ready", "ready", "step", "step"] as const).map((what) => ({ what, pick: 0, status: "done", seconds: 1 })),
  [0],
];

it("[CAS-13] [CAS-14] [CAS-15] [CAS-16] [CAS-25] [CAS-26] [CAS-32] [CAS-37] [OVR-46] holds whatever participants and people answer, and the log alone gives it again", () => {
  fc.assert(
    fc.property(
      actedArbitrary,
      fc.boolean(),
      fc.array(moveArbitrary, { minLength: 4, maxLength: 24 }),
      fc.subarray([0, 1, 2, 3, 4, 5]),
      (acted, bestEffort, moves, atMetro) => {
        const world = new World(acted, new Set(atMetro));
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
              for (const n of fact.claims.steps ?? []) {
                expect(unmet(run, n)).toEqual([]);
                // After a stop nothing more is begun: what was undone before is taken in.
                if (world.isStopped) expect(before.steps[n - 1]?.status).toMatch(/^(?:open|timeout)$/);
              }
            else if (fact.typ === "exec+jwt") for (const jti of fact.claims.pred) expect(world.known()).toContain(jti);
          if (isFinished(before.phase)) expect(run.phase).toBe(before.phase);
          const workflow = must(world.state.workflows.get(WID), "the workflow");
          const held = isFinished(run.phase) ? "paused" : "rolling_back";
          expect(agentState(world.state, workflow, agentOf(0))).toBe(world.isStopped ? "stopped" : held);
          if (world.isStopped) expect(run.phase).not.toMatch(/^(?:preparing|ready)$/);
          if (run.phase === "confirmed" && residuesOf(run).length > 0) expect(run.confirmedBy).not.toBeNull();
        }
        const ects = must(world.state.workflows.get(WID), "the workflow").ects;
        for (const [jti, held] of world.first.workflows.get(WID)?.ects ?? []) expect(ects.get(jti)).toEqual(held);
        const again = world.log.reduce((state, logged) => evolve(state, logged), structuredClone(world.first));
        expect(again.rollbacks).toEqual(world.state.rollbacks);
        expect(again.overrides).toEqual(world.state.overrides);
      },
    ),
    { numRuns: 150, examples: [GATEWAY_ASKED] },
  );
});

/** Steps that one depends on and that are not over as undone or as having had nothing to undo. */
function unmet(run: RollbackState, n: number): number[] {
  const over: readonly (string | undefined)[] = ["done", "partial", "skipped"];
  return (run.request.steps[n - 1]?.depends_on ?? []).filter(
    (earlier) => !over.includes(run.steps[earlier - 1]?.status),
  );
}
