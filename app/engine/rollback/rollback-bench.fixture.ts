import { v4 } from "uuid";
import { must } from "../../base/assert.ts";
import { CHECKPOINT_ACT, type CheckpointExt } from "../../protocol/cascade/checkpoint.ts";
import type { RollbackRequestClaims, RollbackResultClaims } from "../../protocol/cascade/rollback-claims.ts";
import { compensationClaims } from "../../protocol/cascade/rollback-compensation.ts";
import type { IntentClaims } from "../../protocol/ect/claims.ts";
import { nodeJti } from "../../protocol/ect/object-node.ts";
import { signToken } from "../../protocol/jose/sign-token.ts";
import { digestOf, ids, type Person, sha256, startedWorkflow } from "../engine.fixture.ts";
import type { Engine } from "../engine.ts";
import type { LoggedFact } from "../fact.ts";
import { orders } from "../override/orders.fixture.ts";
import { heldEcts } from "../workflow/held-ects.ts";
import { rehearse } from "./order.ts";
import type { RollbackAim } from "./undo-input.ts";

export const START_S = 1_772_064_000;
export const place = (name: string): string => `store://shop/${name}`;
export const digest = digestOf;

/** A workflow with one agent whose `build_*` needs nobody, over a real engine, with what rollbacks need beside it. */
export async function rollbackBench() {
  const bench = await startedWorkflow(START_S, (policy) => ({
    ...policy,
    dag: { ...policy.dag, nodes: policy.dag.nodes.map(({ constraints: _, ...node }) => node) },
  }));
  const bob = await bench.person("bob", ["operator"]);
  const given = orders(bench);
  const nowS = (): number => Math.floor(bench.clock.nowMs() / 1000);
  const common = (iss: string) => ({ iss, aud: [ids.pepId], iat: nowS(), exp: nowS() + 300, jti: v4() });

  const ask = (name: string, pred: readonly string[], undo: IntentClaims["undo"], resources: readonly string[]) =>
    signToken(
      "intent+jwt",
      {
        ...common(bench.agentId),
        wid: bench.wid,
        task: bench.task(name),
        exec_act: `build_${name}`,
        pred: pred.map(bench.task),
        inp_hash: digestOf(`in ${bench.task(name)}`),
        args_hash: digestOf(`args ${bench.task(name)}`),
        acp: bench.acp,
        ...(resources.length === 0 ? {} : { needs: { resources } }),
        ...(undo === undefined ? {} : { undo }),
      },
      bench.agent,
    );
  const ok = async (answer: Promise<{ readonly ok: boolean }>): Promise<void> => {
    const result = await answer;
    must(result.ok ? result : null, JSON.stringify(result));
  };

  return {
    ...bench,
    ...given,
    bob,
    nowS,
    ok,
    /** Asks for a task and gets the permission. */
    permit: (name: string, pred: readonly string[] = [], resources: readonly string[] = [place(name)]) =>
      ok(ask(name, pred, undefined, resources).then(bench.submit)),
    /** The code by which a task that is asked for is refused, or what the log says of it. */
    asked: async (name: string, pred: readonly string[]) => {
      const answer = await bench.submit(await ask(name, pred, undefined, []));
      const fact = answer.ok ? answer.value.logged.at(-1)?.fact : undefined;
      return fact?.typ === "record+jwt" ? String(fact.claims.data.code ?? fact.claims.kind) : answer;
    },
    /** Asks for a task, does it, and states that it was done. */
    act: async (
      name: string,
      pred: readonly string[] = [],
      undo: IntentClaims["undo"] = undefined,
      resources: readonly string[] = [place(name)],
    ) => {
      await ok(ask(name, pred, undo, resources).then(bench.submit));
      await ok(bench.engine.submit({ kind: "effect", wid: bench.wid, task: bench.task(name), latch: null }));
      await ok(bench.ect(bench.task(name), `build_${name}`, pred.map(bench.task)).then(bench.submit));
    },
    /** A checkpoint of the agent's over one place, that lasts an hour. */
    checkpoint: async (name: string, change: Partial<CheckpointExt> = {}) => {
      const ext = checkpointOf(name, nowS(), change);
      const token = await signToken(
        "exec+jwt",
        { ...common(bench.agentId), wid: bench.wid, exec_act: CHECKPOINT_ACT, pred: [], ect_ext: ext },
        bench.agent,
      );
      return { ckptId: ext.ckpt_id, hash: ext.ckpt_hash, answer: await bench.submit(token) };
    },
    rehearse: (aim: Partial<RollbackAim> & Pick<RollbackAim, "target">) =>
      bench.engine.read((state) =>
        rehearse(state, { wid: bench.wid, keepTarget: false, bestEffort: false, ...aim }, ids, {
          nowS: nowS(),
          sha256,
        }),
      ),
    /** The order of two people; `change` to its claims. */
    order: (params: object, change: object = {}) =>
      given.cosigned(bob, "rollback", { scope: { kind: "workflow", id: bench.wid }, params, ...change }),
    /** What the agent answers. */
    answer: (rbId: string, planHash: string, change: Partial<RollbackResultClaims>) =>
      signToken(
        "rollback-result+jwt",
        {
          ...common(bench.agentId),
          rb_id: rbId,
          plan_hash: planHash,
          phase: "prepare",
          status: "ready",
          residue: [],
          ...change,
        },
        bench.agent,
      ),
    /** What a person says of a rollback. */
    say: (person: Person, claims: object, typ = "rollback-request+jwt") =>
      signToken(typ, { ...common(person.id), ...claims }, person.signer),
    requestOf: (
      rbId: string,
      phase: "abort" | "confirm",
      change: Partial<RollbackRequestClaims> = {},
    ): Promise<Partial<RollbackRequestClaims>> =>
      bench.engine.read((state) => {
        const rollback = must(state.rollbacks.get(rbId), "a rollback");
        const { request, revision } = must(rollback.run, "a rollback that began");
        return {
          rb_id: rbId,
          wid: rollback.wid,
          target: rollback.target,
          keep_target: rollback.keepTarget,
          phase,
          plan_hash: request.planHash,
          reason: "seen",
          authority: rollback.authority,
          deadline: nowS() + 300,
          best_effort: rollback.bestEffort,
          auth_time: nowS(),
          amr: ["pwd"],
          role: "operator",
          ...(phase === "confirm" ? { revision } : {}),
          ...change,
        };
      }),
    /** The ECT by which the agent makes a task good. */
    compensate: async (rbId: string, name: string) => {
      const jti = v4();
      const claims = await bench.engine.read((state) =>
        compensationClaims(
          { iss: bench.agentId, aud: [ids.pepId], wid: bench.wid, jti, iat: nowS(), lifetimeS: 300, rbId },
          bench.task(name),
          "override",
          [nodeJti(rbId)],
          heldEcts(state.workflows),
        ),
      );
      return { jti, token: await signToken("exec+jwt", must(claims.ok ? claims.value : null, "claims"), bench.agent) };
    },
    run: (rbId: string, engine: Engine = bench.engine) =>
      engine.read((state) => structuredClone(must(state.rollbacks.get(rbId)?.run, "a rollback that began"))),
  };
}

export type RollbackBench = Awaited<ReturnType<typeof rollbackBench>>;

export function checkpointOf(name: string, nowS: number, change: Partial<CheckpointExt> = {}): CheckpointExt {
  return {
    ckpt_id: v4(),
    ckpt_scope: [place(name)],
    ckpt_hash: digestOf(`saved ${name}`),
    ckpt_store: "store://saved",
    ckpt_expires: nowS + 3600,
    undo: "automatic",
    undo_deadline_s: 3600,
    ...change,
  };
}

/** Kinds of the entries of a frame, in order. */
export const kinds = (logged: readonly LoggedFact[]): string[] =>
  logged.map(({ fact }) =>
    fact.typ === "record+jwt"
      ? `${fact.claims.kind} ${String(fact.claims.data.event ?? "")}`.trim()
      : fact.typ === "exec+jwt"
        ? fact.claims.exec_act
        : fact.typ === "rollback-request+jwt" || fact.typ === "rollback-result+jwt"
          ? `${fact.typ} ${fact.claims.phase}`
          : fact.typ,
  );

/** What is rehearsed for one task. */
export const planOf = async (bench: RollbackBench, task: string, bestEffort = false, keepTarget = false) => {
  const found = await bench.rehearse({ target: { kind: "task", id: bench.task(task) }, bestEffort, keepTarget });
  return must(found.ok ? found.value : null, JSON.stringify(found));
};

/** Orders what was rehearsed, and gives the frames that the log gets from then on. */
export async function ordered(bench: RollbackBench, task: string, bestEffort = false) {
  const { plan } = await planOf(bench, task, bestEffort);
  const frames: (readonly LoggedFact[])[] = [];
  bench.engine.onAppend((logged) => frames.push(logged));
  const target = { kind: "task", id: bench.task(task) };
  const { jti, code } = await bench.order({ target, best_effort: bestEffort, plan_hash: plan.planHash });
  const answer = (change: Parameters<RollbackBench["answer"]>[2]) =>
    bench.answer(jti, plan.planHash, change).then(bench.submit);
  const stepOf = (name: string) =>
    must(
      plan.steps.find((step) => step.task === bench.task(name)),
      "a step",
    );
  const result = (name: string, change: Parameters<RollbackBench["answer"]>[2]) =>
    answer({ phase: "execute", n: stepOf(name).n, task: bench.task(name), ...change });
  return { rbId: jti, code, plan, frames, answer, result };
}
