import { createHash } from "node:crypto";
import { type CompiledProfile, compileProfile } from "./compile-profile.ts";
import type { BetClaims } from "./evidence.ts";
import type { ObservedTask, Window } from "./observed.ts";
import { type ProfileBody, profileBodySchema, profileHash } from "./profile.ts";
import type { BetContext, ReceivedBet } from "./verify-bet.ts";

export const sha256 = (bytes: Uint8Array): Uint8Array => createHash("sha256").update(bytes).digest();

const WID = "0195400c-0000-7000-8000-00000000000a";
export const AGENT = `spiffe://ops.example/agent/${WID}/executor`;
export const PEER = `spiffe://ops.example/agent/${WID}/planner`;
export const MONITOR = "spiffe://ops.example/monitor/m1";
export const FROM_S = 1_772_064_000;
export const WINDOW: Window = { from: FROM_S, to: FROM_S + 3600 };

/** The nth id of a test. */
export const id = (n: number): string => `0195400c-0000-7000-8000-${n.toString(16).padStart(12, "0")}`;

/** The profile of the specification's example, with one rule of each kind. */
export const profileOf = (members: Partial<ProfileBody> = {}): ProfileBody =>
  profileBodySchema.parse({
    profile_id: "executor-prod",
    version: 3,
    owner: "spiffe://ops.example/owner",
    applies_to: ["spiffe://ops.example/agent/executor"],
    allowed_actions: ["apply_change", "read_state", "checkpoint", "tool_*"],
    forbidden_actions: ["tool_delete*"],
    sequences: [{ id: "seq-ckpt-before-apply", kind: "must_precede", a: "checkpoint", b: "apply_change", severity: 3 }],
    baseline: { action_freq: { apply_change: 0.6, read_state: 0.4 } },
    window_s: 3600,
    min_samples: 10,
    thresholds: { warn: 0.02, fail: 0.1, drift_warn: 0.2, drift_fail: 0.5 },
    assurance: "standard",
    ...members,
  });

export const compiled = (members: Partial<ProfileBody> = {}): CompiledProfile => compileProfile(profileOf(members));

/** The nth task, n seconds into the window unless said otherwise, done and well. */
export const task = (n: number, members: Partial<ObservedTask> = {}): ObservedTask => ({
  jti: id(n),
  wid: WID,
  agent: AGENT,
  action: "read_state",
  atMs: (FROM_S + n) * 1000,
  endedMs: (FROM_S + n) * 1000 + 500,
  outcome: "success",
  data: null,
  targets: null,
  gate: null,
  tokens: null,
  cost: null,
  bench: null,
  ...members,
});

/** So many tasks in the shares of the example's baseline, after a checkpoint long before the window. */
export const usual = (count: number): readonly ObservedTask[] => [
  task(0, { action: "checkpoint", atMs: (FROM_S - 60) * 1000 }),
  ...Array.from({ length: count }, (_, at) => task(at + 1, { action: at % 5 < 3 ? "apply_change" : "read_state" })),
];

/** The specification's example, word for word but for the profile's digest, which its text does not give. */
export const exampleBet = (members: Partial<BetClaims> = {}): BetClaims => ({
  iss: MONITOR,
  aud: ["spiffe://ops.example/verifier"],
  iat: 1_772_067_600,
  exp: 1_772_068_200,
  jti: "0195400c-0000-7000-8000-0000000000e1",
  wid: WID,
  exec_act: "behavior_evidence",
  pred: [id(2)],
  bet_ver: 1,
  subject: "spiffe://ops.example/agent/executor",
  observer: "sidecar",
  profile: { profile_id: "executor-prod", version: 3, hash: profileHash(profileOf(), sha256) },
  window: WINDOW,
  counts: { apply_change: 120, read_state: 80 },
  samples: 200,
  violations: [
    { rule_id: "seq-ckpt-before-apply", severity: 3, jti: id(2), at: 1_772_064_030 },
    { rule_id: "seq-ckpt-before-apply", severity: 3, jti: id(5), at: 1_772_065_030 },
  ],
  compliance: 0.975,
  drift: 0,
  metrics: { latency_p95_ms: 840 },
  nonce: "q83vEjRWeJCrze8SNFZ4kA",
  ...members,
});

export const received = (members: Partial<BetClaims> = {}, level: ReceivedBet["level"] = 2): ReceivedBet => ({
  claims: exampleBet(members),
  hash: "y9i8oDg3l7qgzMdecuhNeDChKV_T4XhO3YyS2v7CnuE",
  level,
});

/** A verifier that asked for exactly the example's evidence. */
export const contextOf = (members: Partial<BetContext> = {}, profile: ProfileBody = profileOf()): BetContext => ({
  profileOf: (profileId, version) =>
    profileId === profile.profile_id && version === profile.version
      ? { profile, hash: profileHash(profile, sha256) }
      : undefined,
  subject: "spiffe://ops.example/agent/executor",
  window: WINDOW,
  nonce: "q83vEjRWeJCrze8SNFZ4kA",
  nowS: WINDOW.to,
  knows: () => true,
  previousOf: () => null,
  observerOf: (iss) => (iss === MONITOR ? "sidecar" : null),
  selfOnly: 0,
  independentHere: false,
  place: () => ({ ok: true, value: undefined }),
  ...members,
});
