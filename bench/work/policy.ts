import { acceptAcp } from "../../app/protocol/acp/accept-acp.ts";
import { type AcpClaims, type AcpClaimsInput, acpClaimsSchema } from "../../app/protocol/acp/claims.ts";
import {
  type ActionDecision,
  type DecisionContext,
  decideAction,
  type IntendedAction,
  type NodeUsage,
} from "../../app/protocol/acp/decide-action.ts";
import { value } from "./signed-load.ts";

/** One question to a policy, as both engines are asked it. */
export interface Question {
  readonly action: IntendedAction;
  readonly usage: NodeUsage;
  readonly context: DecisionContext;
}

/** An engine that answers the bench's questions by number. */
export interface PolicyEngine {
  readonly name: string;
  ask(at: number): Answer;
}

/** What two engines can be compared by: whether it goes ahead, and which rules held it. */
export interface Answer {
  readonly allowed: boolean;
  readonly rules: readonly string[];
}

export interface PolicyOptions {
  readonly warmups: number;
  readonly repetitions: number;
  readonly decisions: number;
  /** Of the other engine, in a repetition. */
  readonly otherDecisions: number;
}

/** Decisions a second, of one repetition. */
export interface PolicySample {
  readonly ours: number;
  /** A function that does nothing, called in the same loop. */
  readonly empty: number;
  readonly other: number;
  readonly otherName: string;
  readonly nodes: number;
  readonly rules: number;
  /** Parts of all questions, adding up to 1. */
  readonly allowed: number;
  readonly gated: number;
  readonly refused: number;
  /** Reasons given, of a decision. */
  readonly reasons: number;
}

const TIERS = 15;
const LEAVES = 16;
const QUESTIONS = 960;
const NOW_S = 1_772_065_000;
const DOMAIN = "bench.local";

export const LIMITS = { maxCalls: 1000, ratePerMin: 60, maxCostCents: 5000, maxTokens: 100_000, minLevel: 2 } as const;

export const agentAt = (leaf: number): string => `spiffe://${DOMAIN}/agent/a${leaf}`;
export const actionOf = (leaf: number): string => `act_${leaf % LEAVES}_`;
export const consequenceAt = (leaf: number): "none" | "reversible" =>
  leaf % 3 === 0 ? ("none" as const) : ("reversible" as const);
export const leafCount = TIERS * LEAVES;

type RuleInput = AcpClaimsInput["hitl"]["rules"][number];

/** 64 rules of every trigger kind; most do not match most actions, as in a policy that people have written. */
export function rulesOfBench(): RuleInput[] {
  const kinds: readonly ((at: number) => RuleInput["trigger"])[] = [
    (at) => ({ kind: "action", patterns: [`act_${at}_drop*`, `act_${at}_wipe`] }),
    (at) => ({ kind: "resource", patterns: [`https://${DOMAIN}/secret/${at}/*`] }),
    (at) => ({ kind: "risk", min: 0.8 + at / 1000 }),
    (at) => ({ kind: "confidence", below: 0.2 - at / 1000 }),
    () => ({ kind: "limit", constraint: "max_tokens", ratio: 0.9 }),
    () => ({ kind: "limit", constraint: "max_cost", ratio: 0.9 }),
    () => ({ kind: "domain", external: true }),
    () => ({ kind: "behavior", verdict_in: ["drifting", "nonconformant"] }),
    () => ({ kind: "cascade", state_in: ["open", "half_open"] }),
    () => ({ kind: "consensus", outcome_in: ["rejected", "deadlock"] }),
    () => ({ kind: "consequence", at_least: "irreversible" }),
  ];
  return Array.from({ length: 64 }, (_, at) => ({
    id: `r${at}`,
    trigger: (kinds[at % kinds.length] ?? kinds[0])?.(at) ?? { kind: "always" },
    role: at % 2 === 0 ? "operator" : "finance",
    action: at % 5 === 0 ? "pause" : "approve",
    approvals: 1 + (at % 2),
    timeout_s: 600 + at,
  }));
}

/** 256 nodes in three layers: the limits of a leaf are its own, its tier's and the root's. */
export function benchPolicy(): AcpClaims {
  const tiers = Array.from({ length: TIERS }, (_, at) => `tier${at}`);
  const leaves = Array.from({ length: leafCount }, (_, at) => at);
  const input: AcpClaimsInput = {
    iss: `spiffe://${DOMAIN}/human/bench`,
    sub: `spiffe://${DOMAIN}/human/bench`,
    aud: [`spiffe://${DOMAIN}/pep`],
    iat: NOW_S,
    exp: NOW_S + 3600,
    jti: "0195400c-0000-7000-8000-0000000000b1",
    wid: "0195400c-0000-7000-8000-00000000000a",
    acp_ver: 1,
    dag: {
      root: "op",
      self: "op",
      max_depth: 2,
      nodes: [
        {
          id: "op",
          agent: `spiffe://${DOMAIN}/human/bench`,
          actions: ["*"],
          delegable: true,
          constraints: { max_cost: "50.00", currency: "EUR", min_level: LIMITS.minLevel, protocols: ["mcp", "http"] },
        },
        ...tiers.map((id) => ({
          id,
          agent: `spiffe://${DOMAIN}/human/bench`,
          actions: ["*"],
          delegable: true,
          constraints: { max_tokens: LIMITS.maxTokens, resources: [`https://${DOMAIN}/*`] },
        })),
        ...leaves.map((at) => ({
          id: `leaf${at}`,
          agent: agentAt(at),
          actions: ["read", `${actionOf(at)}*`],
          consequence: consequenceAt(at),
          constraints: { max_calls: LIMITS.maxCalls, rate_per_min: LIMITS.ratePerMin },
        })),
      ],
      edges: [
        ...tiers.map((to) => ({ from: "op", to, kind: "delegates" as const })),
        ...leaves.map((at) => ({
          from: `tier${Math.floor(at / LEAVES)}`,
          to: `leaf${at}`,
          kind: "delegates" as const,
        })),
      ],
    },
    hitl: { default_on_timeout: "deny", rules: rulesOfBench() },
  };
  const claims = acpClaimsSchema.parse(input);
  value(acceptAcp(claims));
  return claims;
}

/** Questions of every outcome, the same every time: half go ahead, the rest wait or are refused, each for another reason. */
export function benchQuestions(): Question[] {
  return Array.from({ length: QUESTIONS }, (_, at): Question => {
    const leaf = (at * 7) % leafCount;
    // Which of the rarer things is the case; none of them in half of the questions.
    const rare = at % 24;
    return {
      action: {
        agent: agentAt(leaf),
        execAct: rare === 1 ? "elsewhere" : rare === 2 ? `${actionOf(leaf)}drop_${at}` : `${actionOf(leaf)}step`,
        resources: [`https://${DOMAIN}/site/${at}`, `https://${DOMAIN}/${rare === 3 ? "secret/1/key" : "work"}`],
        dataClasses: ["internal"],
        protocol: rare === 4 ? "a2a" : "mcp",
        domains: rare === 5 ? ["partner.example"] : [],
        cost: { amount: "0.25", currency: "EUR" },
        tokens: 500,
        durationS: 10,
        checkpoint: true,
      },
      usage: {
        calls: rare === 6 ? LIMITS.maxCalls : at % 900,
        callsLastMinute: at % 50,
        cost: { EUR: rare === 7 ? "46.00" : "12.50" },
        tokens: rare === 8 ? 95_000 : at * 10,
        durationS: 0,
      },
      context: {
        nowS: NOW_S + 10,
        risk: rare === 9 ? 0.9 : 0.1,
        confidence: rare === 10 ? 0.05 : 0.9,
        trust: 0.9,
        level: rare === 11 ? 1 : 3,
        verdict: rare === 12 ? "drifting" : "conformant",
        breakers: rare === 13 ? ["closed", "open"] : ["closed"],
        consensus: "none",
      },
    };
  });
}

/** Ours, an empty function and another engine in turn, on the same questions; they must agree on every one of them. */
export function measurePolicy(other: PolicyEngine, options: PolicyOptions): PolicySample[] {
  const policy = benchPolicy();
  const questions = benchQuestions();
  const decisions = questions.map((question) => decided(policy, question));
  decisions.forEach((decision, at) => {
    agree(decision, other.ask(at), at, other.name);
  });
  const part = (...effects: ActionDecision["effect"][]): number =>
    decisions.filter(({ effect }) => effects.includes(effect)).length / decisions.length;
  const facts = {
    otherName: other.name,
    nodes: policy.dag.nodes.length,
    rules: policy.hitl.rules.length,
    allowed: part("allow"),
    gated: part("gate"),
    refused: part("refuse", "abort"),
    reasons: decisions.reduce((sum, { reasons }) => sum + reasons.length, 0) / decisions.length,
  };
  const samples: PolicySample[] = [];
  const [first] = decisions;
  for (let turn = 0; turn < options.warmups + options.repetitions; turn += 1) {
    const ours = perSecond(options.decisions, (at) => decided(policy, questions[at % QUESTIONS]));
    const empty = perSecond(options.decisions * 100, () => first);
    const theirs = perSecond(options.otherDecisions, (at) => other.ask(at % QUESTIONS));
    if (turn >= options.warmups) samples.push({ ...facts, ours, empty, other: theirs });
  }
  return samples;
}

function decided(policy: AcpClaims, question: Question | undefined): ActionDecision {
  if (question === undefined) throw new Error("the bench has a question for every number");
  return decideAction(policy, question.action, () => question.usage, question.context);
}

function perSecond(times: number, ask: (at: number) => unknown): number {
  let answered = 0;
  const began = performance.now();
  for (let at = 0; at < times; at += 1) if (ask(at) !== undefined) answered += 1;
  const ms = performance.now() - began;
  if (answered !== times) throw new Error("an engine of the bench gave no answer");
  return (times / ms) * 1000;
}

function agree(decision: ActionDecision, answer: Answer, at: number, name: string): void {
  const sameRules =
    decision.effect !== "gate" ||
    (answer.rules.length === decision.ruleIds.length && decision.ruleIds.every((id) => answer.rules.includes(id)));
  if ((decision.effect === "allow") !== answer.allowed || !sameRules)
    throw new Error(
      `question ${at}: ${decision.effect} by ${decision.ruleIds.join(", ")}, but ${name} says ` +
        `${answer.allowed ? "allow" : "deny"} by ${answer.rules.join(", ")}`,
    );
}
