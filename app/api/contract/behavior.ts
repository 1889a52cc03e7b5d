import * as z from "zod";
import { OBSERVERS, tokenRefSchema, windowSchema } from "../../protocol/behavior/evidence.ts";
import { profileBodySchema, profileRefSchema } from "../../protocol/behavior/profile.ts";
import { BEHAVIOR_STATES } from "../../protocol/behavior/result.ts";
import { compactSchema, digestSchema, uriSchema, uuidSchema } from "../../protocol/jose/formats.ts";
import { assertedSchema } from "./behavior-asserted.ts";
import { evidenceRowSchema, reachSchema } from "./behavior-evidence.ts";
import { verdictSchema } from "./behavior-verdict.ts";
import { operation, pastInput, positionSchema } from "./common.ts";

export type { AssertedResult } from "./behavior-asserted.ts";
export type { EvidenceRow, QuarantineReach } from "./behavior-evidence.ts";

/** Agents that `alarms` names at most. */
export const MAX_ALARMS = 20;
/** Windows, reasons, changes and evidence of an agent that are told at most, newest first. */
export const MAX_TOLD = 200;
/** Instances of an agent that are told at most: those of running workflows first, then the newest. */
export const MAX_INSTANCES = 20;

const shareSchema = z.number().min(0).max(1);
const stateSchema = z.enum(BEHAVIOR_STATES);
const worstSchema = z.int().min(1).max(5).nullable();

/** Where the true drift lies, with the stated confidence (docs/behavior-detection.md); null where it is not known. */
const intervalSchema = z.object({ low: shareSchema, high: shareSchema, confidence: shareSchema }).nullable();

/** The sequential test beside the score: alarms once its statistic passes the threshold, wrongly at most so often. */
const alarmSchema = z
  .object({
    raised: z.boolean(),
    statistic: z.number().nonnegative(),
    threshold: z.number().positive(),
    falseAlarmRate: shareSchema,
    /** Epoch seconds of the window that raised it. */
    at: z.int().nullable(),
  })
  .nullable();

/** Who or what put an agent into quarantine. */
const quarantineSchema = z.object({
  cause: z.enum(["order", "trust", "second_window", "severity"]),
  /** The person who ordered it, else the verifier. */
  by: uriSchema,
  at: z.int(),
  seq: z.int(),
  /** Of an order, in the person's words: untrusted text. */
  reason: z.string().nullable(),
});

const instanceSchema = z.object({
  wid: uuidSchema,
  agent: uriSchema,
  status: z.enum(["running", "stopped", "finished"]),
  /** From when its open window is, epoch seconds, and when that closes; null where none is open. */
  window: z.object({ from: z.int(), due: z.int() }).nullable(),
});

const fleetAgentSchema = z.object({
  /** The agent behind its ids in workflows: `spiffe://<trust domain>/agent/<name>`. */
  agent: uriSchema,
  name: z.string(),
  state: stateSchema,
  /** Epoch seconds of the newest change of state, and the entry that states it; null where there was none. */
  since: z.int().nullable(),
  seq: z.int().nullable(),
  /** Of the newest appraisal that said something, as is all below up to `worst`; of the one that led to a quarantine while that lasts. */
  verdict: verdictSchema.nullable(),
  compliance: shareSchema.nullable(),
  drift: shareSchema.nullable(),
  driftInterval: intervalSchema,
  alarm: alarmSchema,
  window: windowSchema.nullable(),
  samples: z.int().nonnegative().nullable(),
  reasons: z.int().nonnegative(),
  worst: worstSchema,
  trust: shareSchema,
  floor: shareSchema,
  /** In force for it now; null where none is, and then nothing is known of its conduct. */
  profile: profileRefSchema.nullable(),
  instances: z.array(instanceSchema),
  instanceCount: z.int().nonnegative(),
  quarantine: quarantineSchema.nullable(),
  /** When it becomes stale unless evidence comes, epoch seconds; null where that does not run. */
  staleAt: z.int().nullable(),
});
export type FleetAgent = z.infer<typeof fleetAgentSchema>;

/** What one appraisal said, of one instance and one window. */
const windowViewSchema = z.object({
  wid: uuidSchema,
  /** The instance, by its id in the workflow. */
  agent: uriSchema,
  from: z.int(),
  to: z.int(),
  closed: z.enum(["time", "over", "severity"]),
  samples: z.int().nonnegative(),
  verdict: verdictSchema,
  compliance: shareSchema,
  drift: shareSchema.nullable(),
  driftInterval: intervalSchema,
  alarm: alarmSchema,
  /** After it. */
  trust: shareSchema,
  state: stateSchema,
  observers: z.array(z.enum(OBSERVERS)),
  /** They did not agree (B4 step 3). */
  conflict: z.boolean(),
  /** What was seen, by action. */
  counts: z.record(z.string(), z.int().nonnegative()),
  reasons: z.int().nonnegative(),
  worst: worstSchema,
  profile: profileRefSchema,
  /** The result: its id, its entry, and when it came, epoch seconds. */
  ear: uuidSchema,
  seq: z.int(),
  at: z.int(),
});
export type BehaviorWindow = z.infer<typeof windowViewSchema>;

/** A rule that was broken, or another reason of a verdict, which has no task (BEH-20). */
export const reasonViewSchema = z.object({
  rule: z.string(),
  kind: z.enum([
    "forbidden",
    "not_allowed",
    "must_precede",
    "must_follow",
    "never_after",
    "limit",
    "drift",
    "observer_conflict",
    "evidence",
    "other",
  ]),
  severity: z.int().min(1).max(5).nullable(),
  task: uuidSchema.nullable(),
  /** The recorded task's name, where it is known: untrusted text. */
  taskName: z.string().nullable(),
  action: z.string().nullable(),
  wid: uuidSchema,
  /** Epoch seconds of the task; of a reason without one, of the window's end. */
  at: z.int(),
  detail: z.string().nullable(),
  /** No observer told of it: found by replay of the log (BEH-S1). */
  hidden: z.boolean(),
  /** The result that states it, by its entry. */
  seq: z.int(),
});
export type BehaviorReason = z.infer<typeof reasonViewSchema>;

/** How often an action was seen beside how often it is expected. */
const mixRowSchema = z.object({
  /** An action, or the pattern of the baseline that stands for it. */
  key: z.string(),
  observed: z.int().nonnegative(),
  observedShare: shareSchema,
  /** Null where the profile has no baseline. */
  expectedShare: shareSchema.nullable(),
  /** Of the last conformant window; null where there is none. */
  lastGoodShare: shareSchema.nullable(),
  /** Its part of the squared drift, 0..1; the parts of all rows sum to it. Null where there is no baseline. */
  contribution: shareSchema.nullable(),
});
export type MixRow = z.infer<typeof mixRowSchema>;

/** A change of state or trust, with the entry that caused it (INV-1). */
const changeViewSchema = z.object({
  at: z.int(),
  seq: z.int(),
  from: stateSchema,
  to: stateSchema,
  trust: shareSchema,
  delta: z.number(),
  cause: z.string(),
  /** The person, where one ordered it; in their words: untrusted text. */
  by: uriSchema.nullable(),
  reason: z.string().nullable(),
});
export type BehaviorChange = z.infer<typeof changeViewSchema>;

export const profileVersionSchema = z.object({
  profile: profileBodySchema,
  hash: digestSchema,
  /** Of the token that put it in force. */
  jti: uuidSchema,
  by: uriSchema,
  role: z.string(),
  at: z.int(),
  seq: z.int(),
  reason: z.string(),
  /** It is the newest version and has not expired. */
  inForce: z.boolean(),
});
export type ProfileVersion = z.infer<typeof profileVersionSchema>;

const tokenInput = z.object({ token: compactSchema });
const taken = z.object({ seq: z.int(), jti: uuidSchema });

export const behaviorContract = {
  /** Every agent of this domain and where it stands, the abnormal first. */
  fleet: operation
    .route({ method: "GET", path: "/behavior/fleet" })
    .input(pastInput.optional())
    .output(z.object({ position: positionSchema, agents: z.array(fleetAgentSchema) })),
  /** What asks for somebody, for a line beside every view: how many agents are in each state, and the worst of them. */
  alarms: operation
    .route({ method: "GET", path: "/behavior/alarms" })
    .input(pastInput.optional())
    .output(
      z.object({
        position: positionSchema,
        counts: z.record(stateSchema, z.int().nonnegative()),
        /** Quarantined, nonconformant, drifting, then stale; of each the newest change first. */
        agents: z.array(fleetAgentSchema.pick({ agent: true, name: true, state: true, since: true, seq: true })),
      }),
    ),
  /** What a quarantine of an agent reaches, or holds where it is in force: instance by instance. */
  reach: operation
    .route({ method: "GET", path: "/behavior/reach" })
    .input(pastInput.extend({ agent: uriSchema }))
    .output(z.object({ position: positionSchema, instances: z.array(reachSchema) })),
  /** One agent, by the id behind its ids in workflows or by one of those. */
  agent: operation
    .route({ method: "GET", path: "/behavior/agent" })
    .input(pastInput.extend({ agent: uriSchema }))
    .output(
      z.object({
        position: positionSchema,
        agent: fleetAgentSchema,
        /** Oldest first, the newest of them last. */
        windows: z.array(windowViewSchema),
        /** Of the newest windows, newest first; `seq` says of which. */
        reasons: z.array(reasonViewSchema),
        /** Of the newest window; empty before the first. */
        mix: z.array(mixRowSchema),
        /** The last window that was conformant, for comparison. */
        lastGood: windowViewSchema.nullable(),
        changes: z.array(changeViewSchema),
        profile: profileVersionSchema.nullable(),
      }),
    ),
  /**
   * Raw evidence and results, newest first: for people who hold the role auditor (BEH-S7), and recorded as a read of
   * protected data (XA-18). `reader` is the console's word for who looks.
   */
  evidence: operation
    .route({ method: "GET", path: "/behavior/evidence" })
    .input(z.object({ agent: uriSchema, reader: uriSchema }))
    .output(z.object({ position: positionSchema, evidence: z.array(evidenceRowSchema) })),
  /** What pinned verifiers of other domains assert about agents of theirs (BEH-27), newest first; and who is pinned now. */
  asserted: operation
    .route({ method: "GET", path: "/behavior/asserted" })
    .input(pastInput.optional())
    .output(
      z.object({
        position: positionSchema,
        results: z.array(assertedSchema),
        verifiers: z.array(z.object({ subject: uriSchema, about: z.array(z.string()), until: z.int(), seq: z.int() })),
      }),
    ),
  /** Puts an agent into quarantine or lets it out (BEH-14): a compact `behavior-order+jwt` by a person. */
  order: operation
    .route({ method: "POST", path: "/behavior/orders" })
    .input(tokenInput)
    .output(taken.extend({ leasesCut: z.int().nonnegative(), breakersOpened: z.int().nonnegative() })),
  /**
   * Evidence or a result that somebody brings (BEH-19): a compact `bet+jwt` or `ear+jwt`, or another domain's
   * `bench-result+jwt`. Evidence that does not verify is on record as refused, with the code in `problem`, and changes nothing
   * else.
   */
  submitEvidence: operation
    .route({ method: "POST", path: "/behavior/evidence" })
    .input(tokenInput)
    .output(taken.extend({ problem: z.object({ code: z.string(), detail: z.string() }).nullable() })),
  /**
   * What the next evidence about an agent (by its id in a workflow) has to name, so that it is known to be fresh (BEH-S2), and
   * what it is to be about. While a challenge is out its window is not appraised for some seconds after its end.
   */
  challenge: operation
    .route({ method: "POST", path: "/behavior/challenges" })
    .input(z.object({ agent: uriSchema }))
    .output(
      z.object({
        nonce: z.string(),
        /** Epoch seconds. */
        until: z.int(),
        profile: profileRefSchema.nullable(),
        /** The first that is not appraised; an open one ends at `to` unless its workflow is over before. Null where none is. */
        window: z.object({ from: z.int(), to: z.int(), closed: z.boolean() }).nullable(),
        /** By observer, the evidence before it. */
        prev: z.record(z.string(), tokenRefSchema),
      }),
    ),
};
