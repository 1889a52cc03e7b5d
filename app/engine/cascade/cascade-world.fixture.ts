import { v5 } from "uuid";
import { must } from "../../base/assert.ts";
import {
  type AcpClaims,
  type AcpClaimsInput,
  acpClaimsSchema,
  type HitlDecisionClaims,
  type HitlRequestClaims,
} from "../../protocol/acp/claims.ts";
import type { BreakerOrderClaims } from "../../protocol/cascade/breaker-order.ts";
import type { CircuitStateClaims, FailureSignalClaims } from "../../protocol/cascade/claims.ts";
import { nodeJti, objectNode } from "../../protocol/ect/object-node.ts";
import type { Refusal } from "../../protocol/jose/refusal.ts";
import type { Verified } from "../../protocol/jose/verify-token.ts";
import { overrideClaimsSchema } from "../../protocol/override/claims.ts";
import type { Command, Draft, Moment } from "../command.ts";
import { decide, type Later } from "../decide.ts";
import { sha256 } from "../engine.fixture.ts";
import { evolve } from "../evolve.ts";
import type { Fact, FactOf, LoggedFact } from "../fact.ts";
import { hostIds } from "../records.ts";
import { initialState, type State } from "../state.ts";
import { consequences } from "./consequences.ts";

/**
 * Decisions, folds and their consequences over a log in memory, tokens taken as verified: a workflow of several agents that
 * hand on results to one another.
 */
export const WID = "00000000-0000-4000-8000-00000000000c";
export const OPERATOR = "spiffe://world.test/human/operator";
const IDS = hostIds("world.test");
const HASH = "A".repeat(43);
export const START_S = 1_772_064_000;

export const agent = (name: string): string => `spiffe://world.test/agent/${WID}/${name}`;
export const taskId = (name: string): string => v5(name, WID);

export type Answer = { readonly logged: readonly LoggedFact[] } | { readonly refused: Refusal };

export class CascadeWorld {
  nowS = START_S;
  state: State = initialState();
  readonly log: LoggedFact[] = [];
  /** Decisions that a host loads with the first of their tokens. */
  readonly later: Later = {};
  readonly policy: AcpClaims;
  readonly #acts = new Map<
    string,
    { readonly agent: string; readonly act: string; readonly pred: readonly string[] }
  >();
  #ids = 0;

  constructor(agents: readonly string[], change: (policy: AcpClaimsInput) => AcpClaimsInput = (policy) => policy) {
    this.policy = acpClaimsSchema.parse(
      change({
        ...this.#common(OPERATOR),
        sub: OPERATOR,
        exp: START_S + 80_000,
        wid: WID,
        acp_ver: 1,
        dag: {
          root: "op",
          self: "op",
          max_depth: 1,
          nodes: [
            { id: "op", agent: OPERATOR, actions: ["*"], delegable: true },
            ...agents.map((name) => ({ id: name, agent: agent(name), actions: ["*"], consequence: "none" as const })),
          ],
          edges: agents.map((name) => ({ from: "op", to: name, kind: "delegates" as const })),
        },
        hitl: { default_on_timeout: "deny", rules: [] },
      }),
    );
    for (const subject of [IDS.logId, IDS.pepId, OPERATOR, ...agents.map(agent)]) {
      const jwk = { kty: "OKP" as const, crv: "Ed25519" as const, x: HASH, kid: subject };
      const { aud: _aud, ...common } = this.#common(IDS.logId);
      const claims = { ...common, sub: subject, exp: START_S + 90_000, cnf: { jwk }, name: subject };
      this.#append({ kind: "sign", as: "log", fact: { typ: "wit+jwt", claims } });
    }
    this.#append(this.#draft({ typ: "acp+jwt", claims: this.policy }));
    this.#append(
      this.#draft({
        typ: "exec+jwt",
        claims: {
          ...this.#common(OPERATOR),
          wid: WID,
          exec_act: "run_start",
          pred: [],
          ect_ext: {
            obj_typ: "recorded-run+json",
            obj_hash: HASH,
            "org.signalbox.acp": { jti: this.policy.jti, hash: HASH },
          },
        },
      }),
    );
    must(this.state.workflows.get(WID), "the workflow is started");
  }

  pass(seconds: number): this {
    this.nowS += seconds;
    return this;
  }

  submit(command: Command): Answer {
    const moment: Moment = { nowS: this.nowS, nowMs: this.nowS * 1000, uuid: () => this.#uuid(), sha256 };
    const decided = decide(this.state, command, IDS, moment, this.later);
    if (!decided.ok) return { refused: decided.error };
    const from = this.log.length;
    for (let due = decided.value; due.length > 0; ) {
      const folded = this.log.length;
      for (const draft of due) this.#append(draft);
      due = consequences(this.state, this.log.slice(folded), IDS, moment);
    }
    return { logged: this.log.slice(from) };
  }

  token(fact: Fact, node: FactOf<"exec+jwt"> | null = null): Answer {
    return this.submit({
      kind: "token",
      verified: verified(fact, HASH),
      fact,
      ...(node === null
        ? {}
        : { node: { verified: verified(node, `${node.claims.jti}${HASH}`.slice(0, 43)), fact: node } }),
    });
  }

  /** The agent of a task that a rule gates asks for a human; the jti of its request. */
  request(name: string, ruleId: string): string {
    const { agent: by, act, pred } = must(this.#acts.get(name), "it was asked for");
    const claims: HitlRequestClaims = {
      ...this.#common(by),
      wid: WID,
      task: { jti: taskId(name), exec_act: act, inp_hash: HASH, args_hash: HASH, pred: [...pred] },
      acp: { jti: this.policy.jti, hash: HASH },
      rule_ids: [ruleId],
      role: "operator",
      approvals: 1,
      consequence: "none",
      explanation: { summary: "", alternatives: [], evidence: [], confidence: null },
      options: ["approve", "reject"],
    };
    const answer = this.token(
      { typ: "hitl-request+jwt", claims },
      this.#node("hitl-request+jwt", claims, { execAct: "hitl_request", pred }),
    );
    must("logged" in answer ? answer : null, codeOf(answer));
    return claims.jti;
  }

  approve(name: string, request: string): Answer {
    const { act } = must(this.#acts.get(name), "it was asked for");
    const claims: HitlDecisionClaims = {
      ...this.#common(OPERATOR),
      wid: WID,
      request: { jti: request, hash: HASH },
      outcome: "approve",
      role: "operator",
      auth_time: this.nowS,
      amr: ["swk", "user"],
      reason: "checked",
      bind: { exec_act: act, inp_hash: HASH, args_hash: HASH },
    };
    return this.token(
      { typ: "hitl-decision+jwt", claims },
      this.#node("hitl-decision+jwt", claims, {
        execAct: "hitl_decision",
        outcome: "approve",
        pred: [nodeJti(request)],
      }),
    );
  }

  #node(
    typ: string,
    { iss, jti, iat }: { readonly iss: string; readonly jti: string; readonly iat: number },
    due: { readonly execAct: string; readonly outcome?: string; readonly pred: readonly string[] },
  ): FactOf<"exec+jwt"> {
    const claims = objectNode({ typ, jti, hash: HASH, iss, wid: WID }, { ...due, aud: [IDS.pepId], iat });
    return { typ: "exec+jwt", claims };
  }

  /** How long the tasks that are asked for take, as their intents state it. */
  statedS: number | null = null;

  /** An agent asks for a task that follows others. */
  ask(by: string, name: string, act = "build_site", after: readonly string[] = [], attempt = 0): Answer {
    const pred = after.map(taskId);
    this.#acts.set(name, { agent: agent(by), act, pred });
    return this.token({
      typ: "intent+jwt",
      claims: {
        ...this.#common(agent(by)),
        wid: WID,
        task: taskId(name),
        exec_act: act,
        pred,
        inp_hash: HASH,
        args_hash: HASH,
        acp: { jti: this.policy.jti, hash: HASH },
        needs: {
          ...(attempt === 0 ? {} : { attempt }),
          ...(this.statedS === null ? {} : { duration_s: this.statedS }),
        },
      },
    });
  }

  /** A permitted task happens and says how it went. */
  end(name: string, outcome: "success" | "failure" = "success"): Answer {
    const effect = this.submit({ kind: "effect", wid: WID, task: taskId(name), latch: null });
    return "refused" in effect ? effect : this.report(name, outcome);
  }

  /** How it went, where it has happened already. */
  report(name: string, outcome: "success" | "failure" = "success"): Answer {
    const { agent: by, act, pred } = must(this.#acts.get(name), "it was asked for");
    return this.token({
      typ: "exec+jwt",
      claims: {
        ...this.#common(by),
        jti: taskId(name),
        wid: WID,
        exec_act: act,
        pred: [...pred],
        inp_hash: HASH,
        ect_ext: {
          acp_ref: { jti: this.policy.jti, hash: HASH },
          "org.signalbox.outcome": outcome,
        },
      },
    });
  }

  /** Asked for, permitted and ended at once. */
  run(
    by: string,
    name: string,
    outcome: "success" | "failure" = "success",
    after: readonly string[] = [],
    act?: string,
  ) {
    const asked = this.ask(by, name, act, after);
    return "refused" in asked ? asked : this.end(name, outcome);
  }

  order(
    order: "trip" | "release",
    [caller, callee, group]: readonly [string, string, string],
    change: Partial<BreakerOrderClaims> = {},
  ): Answer {
    return this.token({
      typ: "breaker-order+jwt",
      claims: {
        ...this.#common(OPERATOR),
        breaker: { caller: agent(caller), callee: agent(callee), group },
        order,
        reason: "seen on the screen",
        role: "operator",
        auth_time: this.nowS,
        amr: ["swk", "user"],
        ...change,
      },
    });
  }

  /** Word of `by` that `about` fails; the jti of the signal, and what came of it. */
  signal(
    by: string,
    about: string,
    change: Partial<FailureSignalClaims> = {},
  ): { readonly jti: string; readonly answer: Answer } {
    const claims: FailureSignalClaims = {
      ...this.#common(by === OPERATOR ? OPERATOR : agent(by)),
      wid: WID,
      subject: agent(about),
      class: "error",
      code: "wrong_result",
      transient: false,
      severity: 4,
      origin: true,
      ...change,
    };
    return { jti: claims.jti, answer: this.token({ typ: "failure-signal+jwt", claims }) };
  }

  /** An order about a failure domain. */
  orderDomain(order: "trip" | "release", id: string, change: Partial<BreakerOrderClaims> = {}): Answer {
    return this.order(order, ["", "", "*"], { breaker: undefined, domain: { wid: WID, domain_id: id }, ...change });
  }

  /** An emergency stop of the whole domain. */
  stop(): Answer {
    const claims = overrideClaimsSchema.parse({
      ...this.#common(OPERATOR),
      ovr_ver: 1,
      level: "emergency",
      action: "stop",
      scope: { kind: "domain", id: "world.test" },
      params: { mode: "immediate" },
      seq: 1,
      deadline_ms: 1000,
      reason: "operator stop",
      auth_time: this.nowS,
      amr: ["swk", "user"],
      role: "operator",
    });
    return this.token({ typ: "override+jwt", claims });
  }

  /** The host's timers, as far as they are due. */
  timers(): void {
    for (const id of [...this.state.breakers.keys()]) this.submit({ kind: "breaker_due", breaker: id });
    for (const domain of [...this.state.domains.keys()]) this.submit({ kind: "domain_due", domain });
  }

  breaker(caller: string, callee: string, group = "build") {
    return must(
      this.state.breakers.get(`${agent(caller)} ${agent(callee)} ${group}`),
      `a breaker from ${caller} to ${callee}`,
    );
  }

  stateOf(caller: string, callee: string, group = "build"): string {
    return this.breaker(caller, callee, group).breaker.state;
  }

  /** Every published circuit state, in order. */
  get published(): readonly CircuitStateClaims[] {
    return this.log.flatMap(({ fact }) => (fact.typ === "circuit-state+jwt" ? [fact.claims] : []));
  }

  /** State and reason of everything published, in order. */
  get story(): readonly string[] {
    return this.published.map(({ state, reason }) => `${state} ${reason}`);
  }

  domain(id: string) {
    return must(this.state.domains.get(`${WID} ${id}`), `a failure domain ${id}`);
  }

  /** Name, state and reason of every stated transition of a failure domain, in order. */
  get domainStory(): readonly string[] {
    return this.log.flatMap(({ fact }) =>
      fact.typ === "record+jwt" && fact.claims.kind === "domain_state"
        ? [`${fact.claims.data.domain} ${fact.claims.data.to} ${fact.claims.data.reason}`]
        : [],
    );
  }

  /** The same log folded from nothing. */
  refolded(): State {
    return this.log.reduce(evolve, initialState());
  }

  #uuid(): string {
    this.#ids += 1;
    return `20000000-0000-4000-8000-${String(this.#ids).padStart(12, "0")}`;
  }

  #common(iss: string) {
    return { iss, aud: [IDS.pepId], iat: this.nowS, exp: this.nowS + 300, jti: this.#uuid() };
  }

  #draft(fact: Fact): Draft {
    return { kind: "token", compact: "", submitter: fact.claims.iss, fact, digest: HASH };
  }

  #append(draft: Draft): void {
    const logged: LoggedFact = {
      seq: this.log.length,
      receivedAt: this.nowS,
      digest: draft.kind === "token" ? draft.digest : "",
      fact: draft.fact,
    };
    this.log.push(logged);
    this.state = evolve(this.state, logged);
  }
}

export function verified(fact: Fact, digest: string): Verified<unknown> {
  const kid = fact.claims.iss;
  return {
    typ: fact.typ,
    header: { alg: "EdDSA", typ: fact.typ, kid },
    claims: fact.claims,
    digest,
    // Nothing that decides looks at the key itself.
    key: { kid, subject: kid, alg: "EdDSA", key: null as never, revokedAt: null },
    compact: "",
  };
}

export const codeOf = (answer: Answer): string => ("refused" in answer ? answer.refused.code : "accepted");
