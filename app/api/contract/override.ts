import * as z from "zod";
import { compactSchema, uriSchema, uuidSchema } from "../../protocol/jose/formats.ts";
import { overrideScopeSchema } from "../../protocol/override/claims.ts";
import { operation, positionSchema } from "./common.ts";

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
});

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
  /** Still latched: nothing in scope may act. */
  latched: z.boolean(),
  released: z.object({ by: uriSchema, at: z.int(), reason: z.string(), seq: z.int() }).nullable(),
  targets: z.array(targetFactsSchema),
  effectsRefused: z.int(),
});
export type OverrideSignal = z.infer<typeof signalSchema>;

export const overrideContract = {
  /**
   * Gives a signal: a compact `override+jwt` by the operator. For `stop` the latch holds before anything is queued or logged
   * (OVR-11); `recorded` says whether the log has it yet.
   */
  signal: operation
    .route({ method: "POST", path: "/overrides" })
    .input(z.object({ token: compactSchema }))
    .output(z.object({ jti: uuidSchema, latchedAtMs: z.number().nullable(), targets: z.int(), recorded: z.boolean() })),
  list: operation
    .route({ method: "GET", path: "/overrides" })
    .output(z.object({ position: positionSchema, signals: z.array(signalSchema), latched: z.int() })),
};
