import * as z from "zod";
import { CASCADE_ACTIONS, CIRCUIT_REASONS, CIRCUIT_STATES } from "../../protocol/cascade/claims.ts";
import { compactSchema, uriSchema, uuidSchema } from "../../protocol/jose/formats.ts";
import { operation, positionSchema } from "./common.ts";

/** One circuit breaker: on what `caller` hands on to `callee` for one kind of action (cascade.md). */
export const breakerSchema = z.object({
  id: z.string(),
  wid: uuidSchema,
  caller: uriSchema,
  callee: uriSchema,
  /** First word of the actions it is for. */
  group: z.string(),
  state: z.enum(CIRCUIT_STATES),
  /** An operator's order and the isolation of a cascade: each is released on its own (CAS-23). */
  forced: z.boolean(),
  isolated: z.boolean(),
  /** Epoch ms. */
  sinceMs: z.number(),
  /** Epoch ms at which it moves by itself, and ms until then by the host's clock; null where it does not. */
  untilMs: z.number().nullable(),
  remainingMs: z.number().nullable(),
  /** Of its newest transition; null before the first. `by` names the operator who ordered it. */
  reason: z.enum(CIRCUIT_REASONS).nullable(),
  by: uriSchema.nullable(),
  /** What it had counted when it moved last, over `windowMs`. */
  stats: z.object({ calls: z.int(), failures: z.int(), slow: z.int(), windowMs: z.number() }).nullable(),
  /** What its window holds now. */
  window: z.object({ calls: z.int(), failures: z.int() }),
  /** In half-open: calls let through that have not ended, and those that have succeeded, of those that are needed. */
  probes: z.object({ out: z.int(), succeeded: z.int(), needed: z.int() }),
  seq: z.int(),
  /** Entry that states its newest transition; null before the first. */
  entry: z.int().nullable(),
});
export type BreakerView = z.infer<typeof breakerSchema>;

/** A cascade: agents whose failures follow one another (C3), as it was stated last. */
export const cascadeSchema = z.object({
  id: uuidSchema,
  wid: uuidSchema,
  root: z.object({
    agent: uriSchema,
    /** The failure that came first. */
    task: uuidSchema.nullable(),
    /** Its number in the run; null where the run is not stored here. */
    index: z.int().nullable(),
    /** Why it is suspected (CAS-9): nothing upstream of it failed, when it failed, how many agents came after it. */
    why: z.object({ withoutCause: z.boolean(), failedAt: z.int(), descendants: z.int() }),
  }),
  agents: z.array(uriSchema),
  edges: z.array(z.tuple([uriSchema, uriSchema])),
  /** Failing agents that somebody still healthy depends on: where it spreads next. */
  front: z.array(uriSchema),
  action: z.enum(CASCADE_ACTIONS),
  /** Share of its edges that a failure named itself; the others are inferred from dependency and time. */
  confidence: z.number(),
  depth: z.int(),
  since: z.int(),
  lastFailureMs: z.number(),
  /** One of its agents failed within the last 300 s. */
  active: z.boolean(),
  entries: z.array(z.int()),
});
export type CascadeView = z.infer<typeof cascadeSchema>;

const ofWorkflow = z.object({ wid: uuidSchema });

export const cascadeContract = {
  /**
   * The breakers of a workflow, and the tasks that are due and wait for one, by index. Without one there were no calls between
   * its agents, or it has finished.
   */
  breakers: operation
    .route({ method: "GET", path: "/cascade/breakers" })
    .input(ofWorkflow)
    .output(
      z.object({
        position: positionSchema,
        breakers: z.array(breakerSchema),
        /** Edges that an operator has tripped for every kind of action, also kinds that no call has named yet. */
        heldEdges: z.array(z.object({ caller: uriSchema, callee: uriSchema, by: uriSchema })),
        waiting: z.array(z.int()),
      }),
    ),
  /** Gives an order about the breakers of one edge: a compact `breaker-order+jwt` by the operator. */
  order: operation
    .route({ method: "POST", path: "/cascade/orders" })
    .input(z.object({ token: compactSchema }))
    .output(z.object({ seq: z.int(), moved: z.int() })),
  /** The cascades of a workflow, newest first. */
  alerts: operation
    .route({ method: "GET", path: "/cascade/alerts" })
    .input(ofWorkflow)
    .output(z.object({ position: positionSchema, alerts: z.array(cascadeSchema) })),
};
