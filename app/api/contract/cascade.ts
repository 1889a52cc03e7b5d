import * as z from "zod";
import { CASCADE_ACTIONS, CIRCUIT_REASONS, CIRCUIT_STATES } from "../../protocol/cascade/claims.ts";
import { DOMAIN_REASONS, DOMAIN_STATES } from "../../protocol/cascade/failure-domain.ts";
import { compactSchema, uriSchema, uuidSchema } from "../../protocol/jose/formats.ts";
import { operation, pastInput, positionSchema } from "./common.ts";

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

/** One failure domain: agents whose failures are kept among themselves (cascade.md section c). */
export const domainSchema = z.object({
  id: z.string(),
  wid: uuidSchema,
  parent: z.string().nullable(),
  /** With those of the domains inside; `failing` are those of them that count as failing now. */
  members: z.array(uriSchema),
  failing: z.array(uriSchema),
  leaf: z.boolean(),
  state: z.enum(DOMAIN_STATES),
  /** Epoch ms. */
  sinceMs: z.number(),
  /** Epoch ms at which its isolation ends by itself, and ms until then by the host's clock; null where it is not isolated. */
  untilMs: z.number().nullable(),
  remainingMs: z.number().nullable(),
  /** Of its newest transition; null before the first. `by` names the operator who ordered it. */
  reason: z.enum(DOMAIN_REASONS).nullable(),
  by: uriSchema.nullable(),
  /** Breakers between inside and outside: how many there are, and how many of them are shut. */
  border: z.object({ all: z.int(), shut: z.int() }),
  /** What it takes at once and what runs and waits of it (CAS-6); null where it is not bounded. */
  bulkhead: z
    .object({ most: z.int(), running: z.int(), queued: z.int(), queueMost: z.int(), onBreach: z.string() })
    .nullable(),
  /** What was out of proportion within the last 300 s (CAS-8): a share or milliseconds, against the mean of the hour before. */
  alert: z
    .object({ kind: z.enum(["error_rate", "latency"]), value: z.number(), mean: z.number(), entry: z.int() })
    .nullable(),
  seq: z.int(),
  entry: z.int().nullable(),
});
export type DomainView = z.infer<typeof domainSchema>;

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

const ofWorkflow = pastInput.extend({ wid: uuidSchema });

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
        /** Null for the past: what is due is playback, which no log keeps. */
        waiting: z.array(z.int()).nullable(),
        /** The failure domains its policy sets up; mostly none. */
        domains: z.array(domainSchema),
      }),
    ),
  /** Gives an order about the breakers of one edge, or about a failure domain: a compact `breaker-order+jwt` by the operator. */
  order: operation
    .route({ method: "POST", path: "/cascade/orders" })
    .input(z.object({ token: compactSchema }))
    .output(z.object({ seq: z.int(), moved: z.int() })),
  /**
   * Takes word that an agent fails (C2): a compact `failure-signal+jwt` by that agent, one that hands on to it or takes up its
   * results, or an operator. `unconfirmed`: grave, by one caller alone, so that it opened only what is between the two until a
   * second source says so within 30 s (`failure_unconfirmed`).
   */
  signal: operation
    .route({ method: "POST", path: "/cascade/signals" })
    .input(z.object({ token: compactSchema }))
    .output(
      z.object({
        seq: z.int(),
        outcome: z.enum(["accepted", "unconfirmed"]),
        code: z.literal("failure_unconfirmed").nullable(),
        opened: z.int(),
      }),
    ),
  /** The cascades of a workflow, newest first. */
  alerts: operation
    .route({ method: "GET", path: "/cascade/alerts" })
    .input(ofWorkflow)
    .output(z.object({ position: positionSchema, alerts: z.array(cascadeSchema) })),
};
