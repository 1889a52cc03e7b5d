import { must } from "../../base/assert.ts";
import { type AcpClaims, acpClaimsSchema } from "../../protocol/acp/claims.ts";
import { nodeJti, objectNode } from "../../protocol/ect/object-node.ts";
import type { Refusal } from "../../protocol/jose/refusal.ts";
import type { Verified } from "../../protocol/jose/verify-token.ts";
import type { Command, Draft, Moment } from "../command.ts";
import { decide } from "../decide.ts";
import { sha256 } from "../engine.fixture.ts";
import { evolve } from "../evolve.ts";
import type { Fact, FactOf, LoggedFact } from "../fact.ts";
import { hostIds } from "../records.ts";
import { initialState, type State } from "../state.ts";

/**
 * The engine's decisions and folds over a log in memory, with tokens taken as verified: for thousands of random runs. What
 * signatures, bytes and storage add is tested elsewhere.
 */

export const WID = "00000000-0000-4000-8000-00000000000a";
export const AGENT = `spiffe://world.test/agent/${WID}/worker`;
export const STARTER = "spiffe://world.test/human/starter";
export const PEOPLE = ["ann", "ben", "cid"].map((name) => `spiffe://world.test/human/${name}`);
const IDS = hostIds("world.test");
export const HASH = "A".repeat(43);
const START_S = 1_772_064_000;

/** How long a policy of the world lasts, seconds. */
export const POLICY_LASTS_S = 900;

export const POLICY: AcpClaims = acpClaimsSchema.parse({
  iss: STARTER,
  sub: STARTER,
  aud: [IDS.pepId],
  iat: START_S,
  exp: START_S + POLICY_LASTS_S,
  jti: "00000000-0000-4000-8000-0000000000b1",
  wid: WID,
  acp_ver: 1,
  dag: {
    root: "op",
    self: "op",
    max_depth: 1,
    nodes: [
      { id: "op", agent: STARTER, actions: ["*"], delegable: true },
      { id: "work", agent: AGENT, actions: ["one_*", "two_*", "glass_*", "mod_*"], consequence: "irreversible" },
      { id: "light", agent: AGENT, actions: ["free_*", "std_*"] },
    ],
    edges: [
      { from: "op", to: "work", kind: "delegates" },
      { from: "op", to: "light", kind: "delegates" },
    ],
  },
  hitl: {
    default_on_timeout: "deny",
    escalation: [{ role: "duty_manager", after_s: 30 }],
    rules: [
      {
        id: "one",
        trigger: { kind: "action", patterns: ["one_*"] },
        role: "operator",
        action: "approve",
        timeout_s: 60,
      },
      {
        id: "two",
        trigger: { kind: "action", patterns: ["two_*"] },
        role: "operator",
        action: "approve",
        approvals: 2,
        timeout_s: 60,
        on_timeout: "escalate",
      },
      {
        id: "glass",
        trigger: { kind: "action", patterns: ["glass_*"] },
        role: "operator",
        action: "approve",
        approvals: 2,
        timeout_s: 60,
        break_glass: true,
        // What lets one person approve alone is no leave for whoever started it, nor to say nothing (ACP-42).
        distinct_from_requester: false,
        reason_required: false,
      },
      {
        id: "mod",
        trigger: { kind: "action", patterns: ["mod_*"] },
        role: "operator",
        action: "approve",
        timeout_s: 60,
      },
      {
        id: "std",
        trigger: { kind: "action", patterns: ["std_*"] },
        role: "operator",
        action: "approve",
        timeout_s: 60,
      },
    ],
  },
});

/**
 * What the tasks of the world do: gated by one person, by two, by two or one alone in an emergency, by one who may change it,
 * by one or a standing grant, and not at all.
 */
export const TASKS = ["one_a", "two_a", "glass_a", "mod_a", "std_a", "std_b", "free_a"].map((act, at) => ({
  jti: `00000000-0000-4000-8000-00000000010${at}`,
  // The standing ones do the same, so that one grant is for all of them.
  act: act.startsWith("std_") ? "std_" : act,
  hash: `${at}`.repeat(43),
}));
export type WorldTask = (typeof TASKS)[number];

export interface World {
  readonly log: LoggedFact[];
  state: State;
  nowS: number;
  submit(command: Command): readonly Fact[] | Refusal;
  token(fact: Fact, digest?: string): Command;
  /** The same log folded from nothing, as after a crash. */
  restart(): void;
}

/** A started workflow. Every id and digest counts up, so that a run is the same when it is repeated. */
export function createWorld(): World {
  let ids = 0;
  const uuid = (): string => {
    ids += 1;
    return `10000000-0000-4000-8000-${String(ids).padStart(12, "0")}`;
  };
  const world: World = {
    log: [],
    state: initialState(),
    nowS: START_S,
    submit: (command) => {
      const lastS = world.log.at(-1)?.receivedAt ?? 0;
      const nowS = Math.max(lastS, world.nowS);
      const moment: Moment = { nowS, nowMs: nowS * 1000, uuid, sha256 };
      const decided = decide(world.state, command, IDS, moment);
      if (!decided.ok) return decided.error;
      return decided.value.map((draft) => append(world, draft, nowS));
    },
    token: (fact, digest = HASH) => {
      const node = nodeOf(world, fact, digest);
      return {
        kind: "token",
        verified: verified(fact, digest),
        fact,
        ...(node === null ? {} : { node: { verified: verified(node, nodeDigest(fact, digest)), fact: node } }),
      };
    },
    restart: () => {
      world.state = world.log.reduce(evolve, initialState());
    },
  };
  // A log without role statements: everybody enrolled may decide in any role (COM-15).
  for (const subject of [IDS.logId, IDS.pepId, STARTER, ...PEOPLE, AGENT])
    append(world, { kind: "sign", as: "log", fact: wit(world, subject, uuid()) }, START_S);
  const start: Fact = {
    typ: "exec+jwt",
    claims: {
      ...common(world, STARTER, uuid()),
      wid: WID,
      exec_act: "run_start",
      pred: [],
      ect_ext: {
        obj_typ: "recorded-run+json",
        obj_hash: HASH,
        "org.signalbox.acp": { jti: POLICY.jti, hash: HASH },
      },
    },
  };
  append(world, draftOf({ typ: "acp+jwt", claims: POLICY }), START_S);
  append(world, draftOf(start), START_S);
  must(world.state.workflows.get(WID), "the workflow is started");
  return world;
}

function append(world: World, draft: Draft, nowS: number): Fact {
  const digest = draft.kind === "token" ? draft.digest : "";
  const logged: LoggedFact = { seq: world.log.length, receivedAt: nowS, digest, fact: draft.fact };
  world.log.push(logged);
  world.state = evolve(world.state, logged);
  return draft.fact;
}

const jwkOf = (kid: string) => ({ kty: "OKP" as const, crv: "Ed25519" as const, x: HASH, kid });

const wit = (world: World, sub: string, jti: string) => ({
  typ: "wit+jwt" as const,
  claims: {
    iss: IDS.logId,
    sub,
    iat: world.nowS,
    exp: world.nowS + 86_400,
    jti,
    cnf: { jwk: jwkOf(sub) },
    name: sub,
  },
});

export const common = (world: World, iss: string, jti: string) => ({
  iss,
  aud: [IDS.pepId],
  iat: world.nowS,
  exp: world.nowS + 300,
  jti,
});

const draftOf = (fact: Fact): Draft => ({ kind: "token", compact: "", submitter: fact.claims.iss, fact, digest: HASH });

function verified(fact: Fact, digest: string): Verified<unknown> {
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

/** The ECT that is due with a request or a decision. */
function nodeOf(world: World, fact: Fact, digest: string): FactOf<"exec+jwt"> | null {
  if (fact.typ !== "hitl-request+jwt" && fact.typ !== "hitl-decision+jwt") return null;
  const { claims } = fact;
  const requested = fact.typ === "hitl-decision+jwt" ? nodeJti(fact.claims.request.jti) : "";
  const isThere = world.state.workflows.get(WID)?.ects.has(requested) === true;
  return {
    typ: "exec+jwt",
    claims: objectNode(
      { typ: fact.typ, jti: claims.jti, hash: digest, iss: claims.iss, wid: claims.wid },
      {
        execAct: fact.typ === "hitl-request+jwt" ? "hitl_request" : "hitl_decision",
        aud: [IDS.pepId],
        pred: isThere ? [requested] : [],
        iat: claims.iat,
        ...(fact.typ === "hitl-decision+jwt" ? { outcome: fact.claims.outcome } : {}),
      },
    ),
  };
}

/** As different as the tokens they stand for. */
const nodeDigest = (fact: Fact, digest: string): string => `${fact.claims.jti}${digest}`.slice(0, 43);
