import { must } from "../../base/assert.ts";
import { err, ok, type Result } from "../../base/result.ts";
import type { SubmitError } from "../../engine/engine.ts";
import { rehearse } from "../../engine/rollback/order.ts";
import type { State, WorkflowState } from "../../engine/state.ts";
import type { Host } from "../../host/open-host.ts";
import { parseCompact } from "../../protocol/jose/compact.ts";
import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";
import type { RollbackSummary } from "../contract/rollback.ts";
import { asOf } from "./as-of.ts";
import { api, errorFor, positionOf, valueOr } from "./base.ts";
import {
  checkpointViews,
  participantViews,
  planView,
  residueViews,
  stepsOf,
  summaryOf,
  taskNames,
} from "./rollback-views.ts";

interface Moved {
  readonly rbId: string;
  readonly phase: RollbackSummary["phase"];
  readonly seq: number;
}

export const rollbackOperations = {
  rehearse: api.rollback.rehearse.handler(async ({ context: { host }, input, errors }) => {
    await namesRead(host, input.wid);
    const { clock, sha256 } = host.ports;
    const since = clock.monotonicMs();
    const trails = valueOr(await host.domains.trails(input.wid), errors);
    const rehearsed = await host.engine.read((state) => {
      const nowS = Math.floor(clock.nowMs() / 1000);
      const made = rehearse(state, input, host.engine.ids, { nowS, sha256 }, trails);
      if (!made.ok) return made;
      const { plan, problem } = made.value;
      const names = taskNames(host, must(state.workflows.get(input.wid), "the workflow that was rehearsed"));
      return ok({
        plan: planView(plan, names),
        problem: problem === null ? null : { code: problem.code, detail: problem.detail },
      });
    });
    const value = valueOr(rehearsed, errors);
    return { position: await positionOf(host), ...value, tookMs: Math.max(0, clock.monotonicMs() - since) };
  }),

  request: api.rollback.request.handler(async ({ context: { host }, input, errors }) => {
    const parsed = valueOr(parseCompact(input.token), errors);
    const { jti, action } = parsed.payload;
    if (action !== "rollback" || typeof jti !== "string")
      throw errorFor(refusal("token_wrong_type", "an override+jwt with the action rollback is expected here"), errors);
    valueOr(await host.gateway.signal(input.token), errors);
    return valueOr(await movedOf(host, jti), errors);
  }),

  list: api.rollback.list.use(asOf).handler(async ({ context: { host }, input: { wid } }) => {
    const rollbacks = await host.engine.read((state) =>
      [...state.rollbacks.values()]
        .flatMap((rollback) =>
          rollback.run === null || (wid !== undefined && rollback.wid !== wid)
            ? []
            : [summaryOf(host, state, rollback, rollback.run)],
        )
        .reverse(),
    );
    return { position: await positionOf(host), rollbacks };
  }),

  show: api.rollback.show.use(asOf).handler(async ({ context: { host }, input: { rbId }, errors }) => {
    const wid = await host.engine.read((state) => state.rollbacks.get(rbId)?.wid);
    if (wid !== undefined) await namesRead(host, wid);
    const shown = await host.engine.read((state) => {
      const rollback = state.rollbacks.get(rbId);
      const workflow = state.workflows.get(rollback?.wid ?? "");
      if (rollback === undefined || rollback.run === null || workflow === undefined) return err(unknown());
      const { run } = rollback;
      const names = taskNames(host, workflow);
      return ok({
        rollback: summaryOf(host, state, rollback, run),
        steps: stepsOf(rollback, run, names),
        participants: participantViews(run),
        residues: residueViews(rollback, run, names),
        revision: run.revision,
        authority: { ...rollback.authority },
      });
    });
    return { position: await positionOf(host), ...valueOr(shown, errors) };
  }),

  result: api.rollback.result.handler(async ({ context: { host }, input, errors }) =>
    valueOr(await submitted(host, input.token, "rollback-result+jwt", null), errors),
  ),
  confirm: api.rollback.confirm.handler(async ({ context: { host }, input, errors }) =>
    valueOr(await submitted(host, input.token, "rollback-request+jwt", "confirm"), errors),
  ),
  residue: api.rollback.residue.handler(async ({ context: { host }, input, errors }) => {
    const { fact, ...received } = valueOr(await host.engine.receive(input.token), errors);
    if (fact.typ !== "residue-handling+jwt")
      throw errorFor(refusal("token_wrong_type", "a residue-handling+jwt is expected here"), errors);
    const accepted = valueOr(await host.engine.submit({ kind: "token", fact, ...received }), errors);
    const { seq } = must(accepted.logged[0], "an accepted token is logged");
    return { rbId: fact.claims.rb_id, n: fact.claims.n, seq };
  }),
  abort: api.rollback.abort.handler(async ({ context: { host }, input, errors }) =>
    valueOr(await submitted(host, input.token, "rollback-request+jwt", "abort"), errors),
  ),

  checkpoints: api.rollback.checkpoints.use(asOf).handler(async ({ context: { host }, input: { wid }, errors }) => {
    await namesRead(host, wid);
    const nowS = Math.floor(host.ports.clock.nowMs() / 1000);
    const found = await host.engine.read((state) => {
      const workflow = state.workflows.get(wid);
      return workflow === undefined
        ? err(refusal("workflow_unknown", "no such workflow in this log"))
        : ok(checkpointViews(state, wid, taskNames(host, workflow), nowS));
    });
    return { position: await positionOf(host), checkpoints: valueOr(found, errors) };
  }),
};

const unknown = (): Refusal => refusal("rollback_unknown", "no such rollback in this log");

/** Reads the run of a workflow once, so that its tasks have names; where it is not stored they have none. */
async function namesRead(host: Host, wid: string): Promise<void> {
  const run = await host.engine.read((state): WorkflowState["run"] | undefined => state.workflows.get(wid)?.run);
  if (run !== undefined) await host.runs.plan(run);
}

function movedOf(host: Host, rbId: string): Promise<Result<Moved, Refusal>> {
  return host.engine.read((state: State) => {
    const rollback = state.rollbacks.get(rbId);
    return rollback === undefined || rollback.run === null
      ? err(unknown())
      : ok({ rbId, phase: rollback.run.phase, seq: rollback.seq });
  });
}

/** Takes what a person signed about a rollback, and nothing an agent or the coordinator would say here. */
async function submitted(
  host: Host,
  token: string,
  typ: "rollback-result+jwt" | "rollback-request+jwt",
  phase: "confirm" | "abort" | null,
): Promise<Result<Moved, Refusal | SubmitError>> {
  const received = await host.engine.receive(token);
  if (!received.ok) return received;
  const { fact } = received.value;
  const fits = fact.typ === typ && (phase === null || fact.claims.phase === phase);
  if (!fits || (fact.typ !== "rollback-result+jwt" && fact.typ !== "rollback-request+jwt"))
    return err(refusal("token_wrong_type", `a ${typ}${phase === null ? "" : ` that says ${phase}`} is expected here`));
  const accepted = await host.engine.submit({ kind: "token", ...received.value });
  if (!accepted.ok) return accepted;
  const moved = await movedOf(host, fact.claims.rb_id);
  const seq = must(accepted.value.logged[0], "an accepted token is logged").seq;
  return moved.ok ? ok({ ...moved.value, seq }) : moved;
}
