import * as z from "zod";
import { compactSchema, uriSchema, uuidSchema } from "../../protocol/jose/formats.ts";
import { overrideScopeSchema } from "../../protocol/override/claims.ts";
import { operation, pastInput, positionSchema } from "./common.ts";

/** State of an agent under its overrides (override.md section c). A pause of one task alone leaves it `running`. */
export const agentStateSchema = z.enum([
  "running",
  "constrained",
  "pausing",
  "paused",
  "human_control",
  "rolling_back",
  "stopping",
  "stopped",
]);

/** Five separate facts per target (OVR-19), each with the epoch ms at which it became one; null = not (yet). */
export const targetFactsSchema = z.object({
  agent: uriSchema,
  name: z.string(),
  sentAtMs: z.number().nullable(),
  deliveredAtMs: z.number().nullable(),
  acknowledgedAtMs: z.number().nullable(),
  compliedAtMs: z.number().nullable(),
  verifiedAtMs: z.number().nullable(),
  violatedAtMs: z.number().nullable(),
  /** The agent's worker was ended because it did not acknowledge in time. */
  terminatedAtMs: z.number().nullable(),
  /** `commanded` `acknowledged` `verified` `violated` `unconfirmed`: what the screen leads with, never better than the facts. */
  status: z.enum(["commanded", "acknowledged", "verified", "violated", "unconfirmed"]),
  detail: z.string(),
  /** It said no to advice, in its own words: untrusted text. Null for orders, which cannot be refused (OVR-9). */
  refused: z.object({ code: z.string(), alternatives: z.string().nullable() }).nullable(),
  /** What the log's signals make of the agent now: not what it says of itself. */
  state: agentStateSchema,
  /** Its tasks that still go on although it is to pause, as jti: who has not reached a safe point. */
  unfinished: z.array(uuidSchema),
});

/** A rung of the escalation ladder: sent again, enforced outside the agent, isolated, told to people. */
export const rungSchema = z.enum(["resend", "enforce", "isolate", "alert"]);

export const signalSchema = z.object({
  jti: uuidSchema,
  /** Null when the signal holds but could not be recorded (INV-3): said on screen. */
  seq: z.int().nullable(),
  action: z.string(),
  level: z.string(),
  scope: overrideScopeSchema,
  reason: z.string(),
  by: uriSchema,
  at: z.int(),
  /** What was wrong with a stop that holds all the same, as a code (OVR-S1); absent where nothing was. */
  code: z.string().optional(),
  priority: z.int(),
  /** As signed: `mode` of a pause, `of` of a resume or release, `set` of a modify. */
  params: z.record(z.string(), z.json()),
  /** A test of delivery and acknowledgement that has changed nothing (OVR-25): to be marked as such wherever it is shown. */
  drill: z.boolean(),
  /** A stop that still holds: nothing in scope may act. */
  latched: z.boolean(),
  /** An orderly stop that lets tasks under way end: `remainingMs` until it becomes immediate (S10). */
  stopping: z.boolean(),
  /** Its effect lasts: a latched stop, a pause, a change of limits or a takeover that nothing has ended. */
  inForce: z.boolean(),
  /** A takeover that is over and holds as a pause until it is resumed (OVR-22). */
  lapsed: z.boolean(),
  /** Epoch seconds at which its effect ends by itself; null where it does not. */
  effectUntil: z.int().nullable(),
  /** Ms until then, by the host's monotonic clock; null where no end is to come. */
  remainingMs: z.number().nullable(),
  supersedes: uuidSchema.nullable(),
  /** How its effect ended: by an operator's signal, by another in its place, or by its time (`by` is then the enforcement point). */
  released: z
    .object({
      how: z.enum(["released", "resumed", "superseded", "expired"]),
      by: uriSchema,
      at: z.int(),
      reason: z.string(),
      seq: z.int(),
    })
    .nullable(),
  targets: z.array(targetFactsSchema),
  /** What is done about agents that are not where it wants them (override.md section c). */
  ladder: z.object({
    /** The rungs that were taken, in order, each with its entry; `violated` of the `agents` went on against the order. */
    rungs: z.array(
      z.object({
        rung: rungSchema,
        at: z.int(),
        seq: z.int(),
        agents: z.array(uriSchema),
        violated: z.array(uriSchema),
      }),
    ),
    /** The rung that comes next, for how many agents and in how many ms, by the host's monotonic clock. */
    next: z.object({ rung: rungSchema, agents: z.int(), remainingMs: z.number() }).nullable(),
  }),
  effectsRefused: z.int(),
});
export type OverrideSignal = z.infer<typeof signalSchema>;

/** A limit's value in the type of its name (acp-dag-hitl.md section b); null where none is set. */
const limitValueSchema = z.union([z.number(), z.string(), z.boolean(), z.array(z.string())]).nullable();

export const overrideContract = {
  /**
   * Gives a signal: a compact `override+jwt` by the operator. For `stop` the latch holds before anything is queued or logged
   * (OVR-11); `recorded` says whether the log has it yet.
   */
  signal: operation
    .route({ method: "POST", path: "/overrides" })
    .input(z.object({ token: compactSchema }))
    .output(z.object({ jti: uuidSchema, latchedAtMs: z.number().nullable(), targets: z.int(), recorded: z.boolean() })),
  /** Every agent of the unfinished workflows with what holds it: the signals in force that reach it, by jti. */
  agents: operation
    .route({ method: "GET", path: "/overrides/agents" })
    .input(pastInput.extend({ wid: uuidSchema.optional() }))
    .output(
      z.object({
        position: positionSchema,
        agents: z.array(
          z.object({
            agent: uriSchema,
            name: z.string(),
            wid: uuidSchema,
            state: agentStateSchema,
            signals: z.array(uuidSchema),
            /** Signals that hold single tasks of it. */
            taskSignals: z.array(uuidSchema),
            unfinished: z.array(uuidSchema),
          }),
        ),
      }),
    ),
  /**
   * The next steps of agents that were taken over (OVR-30), first those that are due first: each is carried out by a `resume`
   * with the task as its scope and the takeover in `params.of`, under the same policy as ever.
   */
  due: operation
    .route({ method: "GET", path: "/overrides/due" })
    .input(pastInput.extend({ wid: uuidSchema }))
    .output(
      z.object({
        position: positionSchema,
        /** Null for the past: which step is due is playback, which no log keeps. */
        tasks: z
          .array(z.object({ task: uuidSchema, index: z.int(), agent: uriSchema, takeover: uuidSchema }))
          .nullable(),
      }),
    ),
  /**
   * What limits the agents of a workflow are under: by the policy, with the changes in force, and the furthest a change signed
   * by two may widen each. `humanBelow` names rules that ask a human by the share of a limit: those are never widened (OVR-21).
   */
  limits: operation
    .route({ method: "GET", path: "/overrides/limits" })
    .input(pastInput.extend({ wid: uuidSchema }))
    .output(
      z.object({
        position: positionSchema,
        agents: z.array(
          z.object({
            agent: uriSchema,
            name: z.string(),
            /** Changes in force that reach it, in order. */
            changes: z.array(uuidSchema),
            nodes: z.array(
              z.object({
                node: z.string(),
                limits: z.array(
                  z.object({
                    name: z.string(),
                    policy: limitValueSchema,
                    inForce: limitValueSchema,
                    delegated: limitValueSchema,
                    humanBelow: z.array(z.string()),
                  }),
                ),
              }),
            ),
          }),
        ),
      }),
    ),
  list: operation
    .route({ method: "GET", path: "/overrides" })
    .input(pastInput.optional())
    .output(z.object({ position: positionSchema, signals: z.array(signalSchema), latched: z.int() })),
};
