import type { JsonObject } from "../base/json.ts";
import type { Clock } from "../base/ports.ts";
import { err, ok, type Result } from "../base/result.ts";
import type { Accepted, Engine, SubmitError } from "../engine/engine.ts";
import type { FactOf } from "../engine/fact.ts";
import { isTransient, isUnavailable, untilStored, whenCertain } from "../engine/patient-engine.ts";
import type { TrailPlaces } from "../engine/rollback/trail-places.ts";
import { CHECKPOINT_ACT } from "../protocol/cascade/checkpoint.ts";
import { parseCompact } from "../protocol/jose/compact.ts";
import { type Refusal, refusal } from "../protocol/jose/refusal.ts";
import { endedSignal, graceMs, isDrill } from "../protocol/override/params.ts";
import { createLatchTable, type LatchTable } from "./latch-table.ts";
import { createPressHold, type PressHoldPorts } from "./press-hold.ts";
import type { StopMonitor } from "./stop-monitor.ts";

/** What the enforcement point answers to an intent. */
export type IntentAnswer =
  | { readonly kind: "permitted" }
  /** Its failure domain is full: it is permitted, or refused, when there is room, and need not be asked for again. */
  | { readonly kind: "queued" }
  | { readonly kind: "refused"; readonly code: string; readonly detail: string }
  | { readonly kind: "gate_required"; readonly ruleIds: readonly string[] };

/** What became of a signal at the enforcement point. `recorded` is null while the log has not answered yet. */
export interface SignalAnswer {
  readonly jti: string;
  readonly latchedAtMs: number | null;
  readonly targets: number;
  readonly recorded: boolean;
}

export interface GatewayPorts {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly monitor: StopMonitor;
  /** Raises flags and tells the agents in scope; called the moment a stop is latched, before anything is logged. */
  onStop(signal: FactOf<"override+jwt">["claims"], digest: string): void;
  /** Answers when what a task rests on has come into its agent's domain; or why it did not (X1). */
  border?(claims: FactOf<"intent+jwt">["claims"]): Promise<Refusal | null>;
  /** Names of the values of arguments that a request shows, by the key of its workflow; null where there is none (BEH-63). */
  names?(wid: string, args: JsonObject): Promise<Readonly<Record<string, string>> | null>;
  /** With an order to roll back: whose trail each task of the workflow is in, where that is another domain's (CAS-36). */
  trails?(wid: string): Promise<Result<TrailPlaces, SubmitError>>;
  /** Stops that were pressed in this tab, where it shares memory with its page, and whom each reaches (OVR-42). */
  readonly pressing?: Pick<PressHoldPorts, "line" | "reach">;
}

/**
 * The enforcement point. Agents ask here and effects happen only through here; the checks before an effect read top to
 * bottom in `effect`. A stop comes in through `signal`, and holds from the moment its signature is verified.
 */
export interface Gateway {
  readonly latches: LatchTable;
  /** `excused`: as of when it was sent, where other tokens of its agent went before it. */
  propose(intent: string, excused?: ReadonlySet<string>): Promise<Result<IntentAnswer, SubmitError>>;
  /** Takes an agent's request for a human, with its ECT (ACP-14). */
  openGate(request: string, node: string): Promise<Result<Accepted, SubmitError>>;
  /** Takes an agent's word that its request needs no answer any more. */
  withdraw(withdrawal: string): Promise<Result<Accepted, SubmitError>>;
  /** Checks everything once more, records, and only then runs `perform`. */
  effect(wid: string, task: string, agent: string, perform: () => void): Promise<Result<void, SubmitError>>;
  /** Runs `perform` for an effect that the log has let through already, where nothing has barred it since. */
  again(wid: string, task: string, agent: string, perform: () => void): Promise<void>;
  /** Takes an agent's ECT. */
  report(ect: string, excused?: ReadonlySet<string>): Promise<Result<Accepted, SubmitError>>;
  /** Answers at once; a stop that storage would not take is tried again until the log has it (S3). */
  signal(token: string): Promise<Result<SignalAnswer, SubmitError>>;
  /** The time of an orderly stop is over: it is latched as any other, before the log has heard of it (S10, OVR-11). */
  stopNow(claims: FactOf<"override+jwt">["claims"], digest: string): void;
  /** Stops that have been latched already when the host opens, released since or not: none latches again (OVR-32). */
  restored(stops: Iterable<string>): void;
  /**
   * The signals that the sender of a token may still be on its way to obey, once what it sent before has been looked at: what
   * has come from it by now is no violation of those, however late it is taken.
   */
  excused(token: string): Promise<ReadonlySet<string>>;
  acknowledge(ack: string): Promise<Result<Accepted, SubmitError>>;
  /** Ends the repeating of what storage does not take. */
  close(): void;
}

export function createGateway(ports: GatewayPorts): Gateway {
  const { engine, clock, monitor } = ports;
  const latches = createLatchTable();
  /** Stops the log does not have yet, by jti. */
  const recording = new Set<string>();
  /** Every stop that came, also those that were released since: what comes twice latches once (OVR-20). */
  const latchedOnce = new Set<string>();
  const pressHold =
    ports.pressing === undefined
      ? null
      : createPressHold({ ...ports.pressing, isKnown: (jti) => latchedOnce.has(jti) });
  /** Statements of agents about tasks that are on their way to the log. */
  const stating = new Set<string>();
  let closed = false;
  const patience = { clock, over: () => closed };
  /** By sender: what it sent before has been looked at when this settles, because messages count in the order they were sent. */
  const lanes = new Map<string, Promise<unknown>>();
  const stored = <T>(ask: () => Promise<Result<T, SubmitError>>): Promise<Result<T, SubmitError>> =>
    untilStored(patience, ask);

  const take = async <
    Typ extends
      | FactOf<"intent+jwt">["typ"]
      | "exec+jwt"
      | "hitl-request+jwt"
      | "hitl-withdrawal+jwt"
      | "override+jwt"
      | "override-ack+jwt",
  >(
    compact: string,
    typ: Typ,
    nodeToken?: string,
  ): Promise<
    Result<
      { fact: FactOf<Typ>; submit: (barred?: Refusal) => Promise<Result<Accepted, SubmitError>>; digest: string },
      Refusal
    >
  > => {
    const received = await engine.receive(compact);
    if (!received.ok) return received;
    const { verified, fact, cosigners } = received.value;
    if (fact.typ !== typ) return err(refusal("token_wrong_type", `a ${typ} is expected here`));
    const node = nodeToken === undefined ? null : await engine.receive(nodeToken);
    if (node?.ok === false) return node;
    const ect = node?.value.fact.typ === "exec+jwt" ? { verified: node.value.verified, fact: node.value.fact } : null;
    const args = fact.typ === "hitl-request+jwt" ? fact.claims.task.args : undefined;
    const named =
      fact.typ === "hitl-request+jwt" && args !== undefined ? await ports.names?.(fact.claims.wid, args) : null;
    return ok({
      fact: fact as FactOf<Typ>,
      digest: verified.digest,
      submit: async (barred) => {
        const undoes = fact.typ === "override+jwt" && fact.claims.action === "rollback" ? fact.claims.scope.id : null;
        const trails = undoes === null ? undefined : await ports.trails?.(undoes);
        if (trails?.ok === false) return trails;
        return engine.submit({
          kind: "token",
          verified,
          fact,
          ...(barred === undefined ? {} : { barred }),
          ...(ect === null ? {} : { node: ect }),
          ...(named == null ? {} : { named }),
          ...(cosigners === undefined ? {} : { cosigners }),
          ...(trails === undefined ? {} : { trails: trails.value }),
        });
      },
    });
  };

  /** As `take`, but what follows happens in the order of arrival, though verifications run side by side. */
  const takeInTurn: typeof take = (compact, typ, node) => {
    const lane = senderOf(compact);
    const before = lanes.get(lane) ?? Promise.resolve();
    const taking = take(compact, typ, node);
    const turn = before.then(() => taking);
    const settled = turn.then(
      () => undefined,
      () => undefined,
    );
    lanes.set(lane, settled);
    void settled.then(() => {
      if (lanes.get(lane) === settled) lanes.delete(lane);
    });
    return turn;
  };

  const propose: Gateway["propose"] = async (intent, excused) => {
    const taken = await takeInTurn(intent, "intent+jwt");
    if (!taken.ok) return taken;
    const { claims } = taken.value.fact;
    monitor.sawCall(claims.iss, "asked for permission", claims.jti, claims.task, excused);
    const barred = (await ports.border?.(claims)) ?? undefined;
    const accepted = await stored(() => taken.value.submit(barred));
    if (!accepted.ok) return accepted;
    return ok(answerOf(accepted.value));
  };

  const effect = async (
    wid: string,
    task: string,
    agent: string,
    perform: () => void,
  ): Promise<Result<void, SubmitError>> => {
    const subject = { agent, wid, task };
    while (latches.covering(subject) === null && pressHold?.holds(subject) === true) await pressHold.changed();
    const latched = latches.covering(subject);
    if (latched !== null) {
      monitor.refusedEffect(latched.jti, agent);
      // The log may not have the stop yet, so the refusal is recorded by this latch; the answer does not wait for that.
      void stored(() => engine.submit({ kind: "effect", wid, task, latch: latched.jti, agent }));
      return err(refusal("override_active", "a stop is latched for this scope", { jti: latched.jti }));
    }
    const started = await stored(() => engine.submit({ kind: "effect", wid, task, latch: null, agent }));
    if (!started.ok) return started;
    const record = started.value.logged.at(-1)?.fact;
    if (record?.typ !== "record+jwt" || record.claims.kind !== "effect_started") {
      const code = record?.typ === "record+jwt" ? String(record.claims.data.code ?? "refused") : "refused";
      return err(refusal(code, "the check before the effect refused it"));
    }
    // From the last look to the effect there is no turn of the loop: what is pressed by now bars it.
    while (latches.covering(subject) === null && pressHold?.holds(subject) === true) await pressHold.changed();
    const late = latches.covering(subject);
    if (late !== null) {
      monitor.refusedEffect(late.jti, agent);
      await stored(() => engine.submit({ kind: "effect_withheld", wid, task, code: "override_active" }));
      return err(refusal("override_active", "a stop took hold before the effect", { jti: late.jti }));
    }
    perform();
    return ok(undefined);
  };

  const again: Gateway["again"] = async (wid, task, agent, perform) => {
    const subject = { agent, wid, task };
    for (;;) {
      const status = await whenCertain(patience, () =>
        engine.read((state) => state.workflows.get(wid)?.tasks.get(task)?.status),
      );
      if (status !== "effect" || latches.covering(subject) !== null) return;
      if (pressHold?.holds(subject) !== true) return perform();
      await pressHold.changed();
    }
  };

  /** Whether the log has this stop now; where storage would not take it, it is tried again until it does. */
  const noteStop = (
    jti: string,
    answer: Result<Accepted, SubmitError>,
    submit: () => Promise<Result<Accepted, SubmitError>>,
  ): boolean => {
    const recorded = answer.ok || answer.error.code === "token_replayed";
    if (recorded) monitor.recorded(jti);
    else if (isTransient(answer.error) && !recording.has(jti)) {
      recording.add(jti);
      void stored(submit).then((later) => {
        recording.delete(jti);
        noteStop(jti, later, submit);
      });
    }
    return recorded;
  };

  /** What is no stop holds when it is in the log: in the order of the log, effects and permissions before it are before it. */
  const order = async (
    claims: FactOf<"override+jwt">["claims"],
    digest: string,
    submit: () => Promise<Result<Accepted, SubmitError>>,
  ): Promise<Result<SignalAnswer, SubmitError>> => {
    const accepted = await submit();
    if (!accepted.ok)
      return accepted.error.code === "token_replayed" ? repeated(claims.jti, digest, accepted) : accepted;
    const of = endedSignal(claims);
    if (of !== null && latches.all().some((latch) => latch.jti === of)) {
      latches.remove(of);
      monitor.released(of);
      return ok({ jti: claims.jti, latchedAtMs: null, targets: 0, recorded: true });
    }
    // The time of a stop that had nothing to let end is over before it is answered for.
    if (monitor.watched(claims.jti) === undefined) monitor.ordered(claims, digest);
    return ok({
      jti: claims.jti,
      latchedAtMs: null,
      targets: monitor.targetsOf(claims.jti).length,
      recorded: true,
    });
  };

  /** OVR-20: a signal that comes twice is answered as it was the first time. */
  const repeated = async (
    jti: string,
    digest: string,
    refused: Result<never, SubmitError>,
  ): Promise<Result<SignalAnswer, SubmitError>> => {
    const targets = await whenCertain(patience, () =>
      engine.read((state) => {
        const known = state.overrides.get(jti);
        return known?.hash === digest ? known.targets.size : null;
      }),
    );
    return targets === null ? refused : ok({ jti, latchedAtMs: null, targets, recorded: true });
  };

  const latch = (claims: FactOf<"override+jwt">["claims"], digest: string): void => {
    latchedOnce.add(claims.jti);
    const targets = new Set(monitor.targetsOf(claims.jti).map(({ agent }) => agent));
    latches.add({ jti: claims.jti, scope: claims.scope, targets, sinceMs: clock.monotonicMs() });
    ports.onStop(claims, digest);
    pressHold?.look();
  };

  const signal = async (token: string): Promise<Result<SignalAnswer, SubmitError>> => {
    const taken = await take(token, "override+jwt");
    if (!taken.ok) return taken;
    const { claims } = taken.value.fact;
    if (claims.action !== "stop" || isDrill(claims)) return order(claims, taken.value.digest, taken.value.submit);
    if (graceMs(claims) !== null) {
      const answer = await order(claims, taken.value.digest, taken.value.submit);
      // A stop always holds: the one that the log does not take now halts at once.
      if (answer.ok || !isUnavailable(answer.error)) return answer;
    }
    // OVR-11: the latch comes before any optional check, queue or log. What is wrong with the signal is reported later.
    const known = latchedOnce.has(claims.jti) || latches.all().some((latch) => latch.jti === claims.jti);
    const latchedAtMs = clock.nowMs();
    if (!known) {
      monitor.latched(claims, taken.value.digest, token);
      latch(claims, taken.value.digest);
    }
    const first = await taken.value.submit();
    return ok({
      jti: claims.jti,
      latchedAtMs,
      targets: monitor.targetsOf(claims.jti).length,
      recorded: noteStop(claims.jti, first, taken.value.submit),
    });
  };

  return {
    latches,
    propose,
    effect,
    again,
    signal,
    stopNow: (claims, digest) => {
      if (latches.all().some(({ jti }) => jti === claims.jti)) return;
      if (monitor.watched(claims.jti) === undefined) monitor.ordered(claims, digest);
      monitor.graceOver(claims.jti);
      latch(claims, digest);
    },
    restored: (stops) => {
      for (const jti of stops) latchedOnce.add(jti);
    },
    excused: async (token) => {
      const sender = senderOf(token);
      await lanes.get(sender);
      return monitor.inGrace(sender);
    },
    openGate: async (request, node) => {
      const taken = await takeInTurn(request, "hitl-request+jwt", node);
      if (!taken.ok) return taken;
      const { iss, jti, task } = taken.value.fact.claims;
      monitor.sawCall(iss, "asked for a human", jti, task.jti);
      return stored(taken.value.submit);
    },
    withdraw: async (withdrawal) => {
      const taken = await takeInTurn(withdrawal, "hitl-withdrawal+jwt");
      return taken.ok ? stored(taken.value.submit) : taken;
    },
    report: async (ect, since) => {
      const taken = await takeInTurn(ect, "exec+jwt");
      if (!taken.ok) return taken;
      const { claims } = taken.value.fact;
      // As of its turn: what the agent says next may be heard before the log has told whether this was due.
      const excused = since ?? monitor.inGrace(claims.iss);
      const statement = `${claims.iss} ${claims.jti}`;
      // Said again before the log has it the first time, it is still the end of the same effect.
      const repeats = stating.has(statement);
      stating.add(statement);
      const status = await whenCertain(patience, () =>
        engine.read((state) =>
          claims.wid === undefined ? undefined : state.workflows.get(claims.wid)?.tasks.get(claims.jti)?.status,
        ),
      );
      // The end of an effect that was let through before the stop is no violation; any other ECT after it is.
      if (status !== "effect" && !repeats && !ASIDE.has(claims.exec_act))
        monitor.sawCall(claims.iss, `reported "${claims.exec_act}" as done`, claims.jti, claims.jti, excused);
      const answer = await stored(taken.value.submit);
      if (!repeats) stating.delete(statement);
      return answer;
    },
    acknowledge: async (ack) => {
      const taken = await takeInTurn(ack, "override-ack+jwt");
      if (!taken.ok) return taken;
      monitor.acknowledged(taken.value.fact.claims);
      return stored(taken.value.submit);
    },
    close: () => {
      closed = true;
      pressHold?.close();
    },
  };
}

/** ECTs that go with work under way, and are none by themselves. */
const ASIDE: ReadonlySet<string> = new Set(["join", CHECKPOINT_ACT]);

/** Who a token says it is by, to keep its sender's messages in order: one agent's flood does not hold up another's word. */
function senderOf(compact: string): string {
  const parsed = parseCompact(compact);
  const { iss } = parsed.ok ? parsed.value.payload : {};
  return typeof iss === "string" ? iss : "";
}

function answerOf(accepted: Accepted): IntentAnswer {
  const record = accepted.logged.at(-1)?.fact;
  if (record?.typ !== "record+jwt") return { kind: "refused", code: "refused", detail: "no answer was recorded" };
  const { kind, data } = record.claims;
  if (kind === "permitted") return { kind: "permitted" };
  if (kind === "queued") return { kind: "queued" };
  if (kind === "gate_required")
    return { kind: "gate_required", ruleIds: Array.isArray(data.rule_ids) ? data.rule_ids.map(String) : [] };
  return { kind: "refused", code: String(data.code ?? "refused"), detail: String(data.detail ?? "") };
}
