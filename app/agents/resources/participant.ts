import type { Clock, Ids, Sha256 } from "../../base/ports.ts";
import { ok, type Result } from "../../base/result.ts";
import {
  type PlanStep,
  planHash,
  ROLLBACK_REQUEST_TYPE,
  type RollbackRequestClaims,
  type RollbackResultClaims,
} from "../../protocol/cascade/rollback-claims.ts";
import { compensationClaims } from "../../protocol/cascade/rollback-compensation.ts";
import {
  decideParticipant,
  outstandingWork,
  type ParticipantEvent,
  type ParticipantOutput,
  type ParticipantState,
} from "../../protocol/cascade/rollback-participant.ts";
import { CONFIRM_WITHIN_S, type StepResult } from "../../protocol/cascade/rollback-state.ts";
import { createEctMemory } from "../../protocol/ect/known-ects.ts";
import { nodeJti } from "../../protocol/ect/object-node.ts";
import { writeEct } from "../../protocol/ect/write-ect.ts";
import type { PublicJwk } from "../../protocol/identity/claims.ts";
import { importPublicKey, type Signer, type TrustedKey } from "../../protocol/jose/keys.ts";
import type { Refusal } from "../../protocol/jose/refusal.ts";
import { signToken } from "../../protocol/jose/sign-token.ts";
import { verifyToken } from "../../protocol/jose/verify-token.ts";
import type { FromAgent, ToAgent } from "../messages.ts";
import { patiently } from "./acting.ts";
import { failureClaims } from "./failure.ts";
import { compensationId, type KeptParticipant, type ResourceDesk, type StoreProblem } from "./resource-store.ts";

/** Who takes part: an agent with its key, and whom it believes. */
export interface Party {
  readonly agent: string;
  readonly signer: Signer;
  readonly pepId: string;
  /** The key of the enforcement point, which coordinates; without it no request is believed. */
  readonly pepKey: PublicJwk | null;
}

export interface ParticipantPorts {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly sha256: Sha256;
  readonly desk: ResourceDesk;
  send(message: FromAgent): void;
}

type Request = Extract<ToAgent, { t: "rollback" }>;
type Reply = Extract<ParticipantOutput, { kind: "reply" }>;

/** A result and a failure signal live so long, seconds. */
const LIFETIME_S = 300;

/**
 * An agent's part in rollbacks (C5). It remembers in the store and nowhere else: what it has promised is durable before
 * anybody hears of it, and whoever lives on after a crash goes on from there. One thing at a time.
 */
export function createParticipation(party: Party, ports: ParticipantPorts) {
  const { agent, pepId, signer } = party;
  const { clock, ids, sha256, desk } = ports;
  const nowS = (): number => Math.floor(clock.nowMs() / 1000);
  const alarms = new Map<string, () => void>();
  let turn: Promise<unknown> = Promise.resolve();
  let key: Promise<TrustedKey | null> | null = null;
  const inTurn = (run: () => Promise<void>): Promise<void> => {
    const mine = turn.then(run);
    turn = mine.catch(() => undefined);
    return mine;
  };

  /** CAS-S4: only the enforcement point's own word is followed; what authority it goes by, it has verified itself. */
  const verified = async (token: string): Promise<Result<RollbackRequestClaims, Refusal>> => {
    key ??= trusted(party);
    const trustedKey = await key;
    const found = await verifyToken(ROLLBACK_REQUEST_TYPE, token, {
      nowS: nowS(),
      ownIds: [agent],
      resolveKey: (kid) => (trustedKey?.kid === kid ? trustedKey : undefined),
      // The same request again is answered the same way (CAS-17).
      seen: () => false,
      algorithms: ["EdDSA", "ES256"],
      sha256,
    });
    return found.ok ? ok(found.value.claims) : found;
  };

  const keptOf = async (rbId: string): Promise<Result<KeptParticipant | null, StoreProblem>> => {
    const kept = await patiently(clock, () => desk.kept(agent));
    return kept.ok ? ok(kept.value.find(({ state }) => state.rbId === rbId) ?? null) : kept;
  };

  const eventOf = async (
    claims: RollbackRequestClaims,
    plan: Request["plan"],
  ): Promise<Result<ParticipantEvent | null, StoreProblem>> => {
    const { rb_id: rbId, phase, plan_hash: stated } = claims;
    const atS = nowS();
    if (phase === "abort") return ok({ kind: "abort", rbId, atS });
    if (phase === "confirm") return ok({ kind: "confirm", rbId, planHash: stated ?? "", atS });
    if (phase === "execute")
      return ok({ kind: "execute", rbId, planHash: stated ?? "", steps: claims.steps ?? [], atS });
    const whole = plan?.steps ?? claims.plan ?? [];
    const computed = planHash(whole, sha256);
    if (!computed.ok) return ok(null);
    const mine = whole.filter((step) => step.agent === agent && step.method !== "skip");
    const steps = mine.filter(({ method }) => method !== "manual");
    const writes = [...new Set(mine.flatMap(({ n }) => plan?.writes[n - 1] ?? []))];
    const ckptIds = steps.flatMap(({ method, ckpt_id }) => (method === "restore" && ckpt_id ? [ckpt_id] : []));
    const lockedBy = await patiently(clock, () => desk.lockedBy(rbId, writes));
    if (!lockedBy.ok) return lockedBy;
    const checkpoints = await patiently(clock, () => desk.held(agent, ckptIds));
    if (!checkpoints.ok) return checkpoints;
    return ok({
      kind: "prepare",
      rbId,
      planHash: stated ?? computed.value,
      computedHash: computed.value,
      steps,
      writes,
      authorized: true,
      lockedBy: lockedBy.value,
      checkpoints: checkpoints.value,
      deadlineS: claims.deadline,
      atS,
    });
  };

  /** Decides, remembers, and only then speaks or acts. */
  const take = async (
    rbId: string,
    wid: string,
    event: ParticipantEvent,
    ects: Readonly<Record<number, string>> = {},
  ): Promise<void> => {
    const known = await keptOf(rbId);
    if (!known.ok) return;
    const decided = decideParticipant(known.value?.state ?? null, event);
    // What is refused is no request to this participant: whoever sent it finds nothing answered.
    if (!decided.ok) return;
    const { state, outputs } = decided.value;
    const kept: KeptParticipant = { wid, state, ects: { ...known.value?.ects, ...ects } };
    if (state !== known.value?.state) {
      const put = await patiently(clock, () => desk.keep(agent, kept));
      if (!put.ok) return;
    }
    watch(kept);
    const hash = state.planHash ?? ("planHash" in event ? event.planHash : null);
    for (const output of outputs) await follow(kept, output, hash);
  };

  const follow = async (kept: KeptParticipant, output: ParticipantOutput, hash: string | null): Promise<void> => {
    if (output.kind === "perform") work(kept, output.step);
    else if (output.kind === "signal") {
      const claims = failureClaims({ agent, pepId, wid: kept.wid, jti: ids.uuid(), iat: nowS() }, output.code);
      ports.send({ t: "rollback_signal", agent, token: await signToken("failure-signal+jwt", claims, signer) });
    } else if (hash !== null) {
      const claims = resultClaims(kept.state, output, hash);
      const token = await signToken("rollback-result+jwt", claims, signer);
      const ect = output.phase === "execute" ? kept.ects[output.n] : undefined;
      ports.send({ t: "rollback_result", agent, token, ects: ect === undefined ? [] : [ect] });
    }
  };

  const resultClaims = (state: ParticipantState, reply: Reply, hash: string): RollbackResultClaims => {
    const iat = nowS();
    const common = {
      iss: agent,
      aud: [pepId],
      iat,
      exp: iat + LIFETIME_S,
      jti: ids.uuid(),
      rb_id: state.rbId,
      plan_hash: hash,
    };
    if (reply.phase !== "execute") {
      const { phase, status, code } = reply;
      return { ...common, phase, status, residue: [], ...(code === null ? {} : { code }) };
    }
    const { status, code, restoredHash, residue, compensation } = reply.result;
    return {
      ...common,
      phase: "execute",
      n: reply.n,
      task: state.steps.find(({ n }) => n === reply.n)?.task ?? "",
      status,
      residue: [...residue],
      ...(code === undefined ? {} : { code }),
      ...(restoredHash === undefined ? {} : { restored_hash: restoredHash }),
      ...(compensation === undefined ? {} : { compensation }),
    };
  };

  /** Not in turn: other requests are answered while a step is done. What it came to is taken in turn. */
  const work = (kept: KeptParticipant, step: PlanStep): void => {
    void perform(kept, step).then(({ result, ects }) =>
      inTurn(() => take(kept.state.rbId, kept.wid, { kind: "performed", n: step.n, atS: nowS(), ...result }, ects)),
    );
  };

  const perform = async (
    { state: { rbId }, wid }: KeptParticipant,
    { n, task, method, ckpt_id }: PlanStep,
  ): Promise<{ readonly result: StepResult; readonly ects: Readonly<Record<number, string>> }> => {
    const failed = (code: string) => ({ result: { status: "failed", code, residue: [] } as const, ects: {} });
    if (method !== "restore" && method !== "compensate") return failed("rollback_step_unasked");
    const compensation = compensationId(rbId, n);
    let ects = {};
    if (method === "compensate") {
      const ect = await compensationEct(rbId, wid, task, compensation);
      if (!ect.ok) return failed(ect.error.code);
      ects = { [n]: ect.value };
    }
    const order = { agent, rbId, n, task, method, ckptId: ckpt_id ?? null, compensation } as const;
    const result = await patiently(clock, () => desk.undo(order));
    if (!result.ok) return failed(result.error.code);
    return { result: result.value, ects: result.value.compensation === undefined ? {} : ects };
  };

  /** ECT-44. Whether the task was compensated before, the store says, and the log after it (ECT-45). */
  const compensationEct = (rbId: string, wid: string, task: string, jti: string): Promise<Result<string, Refusal>> => {
    const known = createEctMemory();
    const iat = nowS();
    const held = { wid, iat, pred: [], ext: {}, level: 2 } as const;
    known.add({ ...held, jti: task, iss: agent, execAct: "work" });
    known.add({ ...held, jti: nodeJti(rbId), iss: pepId, execAct: "rollback_request" });
    const envelope = { iss: agent, aud: [pepId], wid, jti, iat, lifetimeS: LIFETIME_S, rbId };
    const claims = compensationClaims(envelope, task, "override", [nodeJti(rbId)], known);
    return claims.ok ? writeEct(claims.value, signer) : Promise.resolve(claims);
  };

  /** 600 s without a word and it lets go, and says so. */
  const watch = ({ wid, state }: KeptParticipant): void => {
    alarms.get(state.rbId)?.();
    alarms.delete(state.rbId);
    if (state.phase !== "locked" && state.phase !== "stopping") return;
    const delayMs = Math.max(1000, (state.quietSinceS + CONFIRM_WITHIN_S) * 1000 - clock.nowMs());
    const cancel = clock.after(delayMs, () => {
      void inTurn(() => take(state.rbId, wid, { kind: "tick", atS: nowS() }));
    });
    alarms.set(state.rbId, cancel);
  };

  return {
    /** After a crash, or when it has moved: what was under way goes on, and what it holds has its time. */
    resume: (): Promise<void> =>
      inTurn(async () => {
        const kept = await patiently(clock, () => desk.kept(agent));
        if (!kept.ok) return;
        for (const one of kept.value) {
          watch(one);
          for (const output of outstandingWork(one.state)) await follow(one, output, one.state.planHash);
        }
      }),
    request: ({ token, plan }: Request): Promise<void> =>
      inTurn(async () => {
        const claims = await verified(token);
        if (!claims.ok) return;
        const event = await eventOf(claims.value, plan ?? null);
        if (event.ok && event.value !== null) await take(claims.value.rb_id, claims.value.wid, event.value);
      }),
  };
}

async function trusted({ pepId, pepKey }: Party): Promise<TrustedKey | null> {
  const imported = pepKey === null ? null : await importPublicKey(pepKey);
  return imported?.ok === true ? { ...imported.value, subject: pepId, revokedAt: null } : null;
}
