import * as z from "zod";
import { borderVersionSchema } from "../../protocol/audit/border-policy.ts";
import { FINDING_KINDS } from "../../protocol/audit/crossing-handling.ts";
import { CROSSING_PARTS, regProfileSchema, stitchClaimSchema } from "../../protocol/audit/stitch-claims.ts";
import { compactSchema, digestSchema, uriSchema, uuidSchema } from "../../protocol/jose/formats.ts";
import { operation, positionSchema, verificationStepSchema } from "./common.ts";
import { domainOrderOperations } from "./domain-orders.ts";
import { heldQuestionOperations } from "./held-questions.ts";
import { domainAnswerSchema } from "./trail-answer.ts";

/**
 * How one domain trusts another. `declared`: its policy names it, and the key of its gateway is in the log and in force.
 * `pinned`: that key is, and no policy names the domain. `asserted`: nothing but the other one's own word.
 */
export const peerTrustSchema = z.object({
  of: z.string(),
  domain: z.string(),
  basis: z.enum(["declared", "pinned", "asserted"]),
  /** Until when the pinned identity is, or was, in force, epoch seconds. */
  until: z.int().nullable(),
});
export type PeerTrustView = z.infer<typeof peerTrustSchema>;

/** One trust domain of this console, with its own log, keys, policy and regime. */
export const domainSchema = z.object({
  domain: z.string(),
  /** `console`: where workflows run and operators are. `beside`: keeps the trails of its own agents. */
  kind: z.enum(["console", "beside"]),
  /** Null for the console's own domain, which hands nothing over. */
  reg: regProfileSchema.nullable(),
  /** What it takes from others. */
  policy: z
    .object({
      minLevel: z.int(),
      regimes: z.array(z.string()),
      dataClasses: z.array(z.string()),
      trusted: z.array(peerTrustSchema),
      pairwise: z.boolean(),
    })
    .nullable(),
  /** `unread`: it cannot be opened now. `damaged`: it is read, and nothing more is written to it. */
  state: z.enum(["open", "damaged", "unread"]),
  detail: z.string(),
  /** Entries that were checked against their signatures and the tree since it was opened (V3). */
  checked: z.int(),
  size: z.int().nullable(),
  root: digestSchema.nullable(),
  /** Newest signed tree head: size and epoch seconds. */
  sth: z.object({ size: z.int(), iat: z.int() }).nullable(),
  gatewayKid: z.string().nullable(),
  /** Until when the gateway's identity is in force, epoch seconds; it is renewed a month before. */
  gatewayUntil: z.int().nullable(),
});
export type DomainView = z.infer<typeof domainSchema>;

/** How far the clock of `b` is ahead of that of `a`, from what crossed between them (L7); a bound nothing was heard for is null. */
export const clockOffsetSchema = z.object({
  a: z.string(),
  b: z.string(),
  lowMs: z.number().nullable(),
  highMs: z.number().nullable(),
  contradictory: z.boolean(),
  /** Surely above the tolerance: their times tell no order. */
  apart: z.boolean(),
  messages: z.int(),
});
export type ClockOffsetView = z.infer<typeof clockOffsetSchema>;

/** What operators did about a finding, and what the log tells of it. Epoch seconds. */
export const handlingSchema = z.object({
  flagged: z.object({ code: z.string(), at: z.int(), seq: z.int() }).nullable(),
  assigned: z
    .object({ to: uriSchema, by: uriSchema, note: z.string().nullable(), at: z.int(), seq: z.int() })
    .nullable(),
  /** Only where it is still what was resolved. */
  resolved: z.object({ by: uriSchema, reason: z.string(), at: z.int(), seq: z.int() }).nullable(),
});
export type HandlingView = z.infer<typeof handlingSchema>;

/** `uncompared`: what was handed over is named under a key that is not here (XDA-60). */
export const CROSSING_STATES = [
  "announced",
  "matched",
  "verified",
  "dangling",
  "conflict",
  "refused",
  "uncompared",
] as const;

export const crossingSchema = z.object({
  stitchId: uuidSchema,
  wid: z.string(),
  from: z.string(),
  to: z.string(),
  state: z.enum(CROSSING_STATES),
  code: z.string().nullable(),
  detail: z.string(),
  missing: z.array(z.enum(CROSSING_PARTS)),
  /** Epoch seconds by the clock of the side that spoke first. */
  since: z.int(),
  lamport: z.object({ out: z.int().nullable(), in: z.int().nullable() }),
  handling: handlingSchema,
});
export type CrossingView = z.infer<typeof crossingSchema>;

export const gapSchema = z.object({
  id: uuidSchema,
  domain: z.string(),
  /** The task after which something is missing: its id and place in its log. */
  at: z.object({ jti: uuidSchema, seq: z.int() }).nullable(),
  missing: z.string().nullable(),
  reason: z.enum(["domain_not_read", "predecessor_missing"]),
  handling: handlingSchema,
});
export type GapView = z.infer<typeof gapSchema>;

/** A token of a crossing as it stands in one of the two logs. */
export const heldTokenSchema = z.object({
  part: z.enum(CROSSING_PARTS),
  domain: z.string(),
  seq: z.int(),
  digest: digestSchema,
  token: compactSchema,
  claims: z.record(z.string(), z.json()),
});
export type HeldTokenView = z.infer<typeof heldTokenSchema>;

export const crossingDetailSchema = z.object({
  crossing: crossingSchema,
  tokens: z.array(heldTokenSchema),
  /** What both sides say of the same thing. */
  compared: z.array(
    z.object({ what: z.string(), sender: z.string().nullable(), receiver: z.string().nullable(), agree: z.boolean() }),
  ),
  /** How the two trust each other now. */
  trust: z.array(peerTrustSchema),
  /** The versions of the two border policies that it was judged under; null where it does not say (XDA-74). */
  judged: z.object({ sender: borderVersionSchema.nullable(), receiver: borderVersionSchema.nullable() }),
  /** X1 as the receiver's policy was then. */
  steps: z.array(verificationStepSchema),
  offset: clockOffsetSchema.nullable(),
  /** XDA-9: what holds for the whole record. */
  retention: z.object({ minS: z.number(), maxS: z.number(), conflict: z.string().nullable() }).nullable(),
});
export type CrossingDetail = z.infer<typeof crossingDetailSchema>;

export const trailNodeSchema = z.object({
  key: z.string(),
  domain: z.string(),
  seq: z.int(),
  jti: uuidSchema,
  execAct: z.string(),
  /** `success` `failure` `partial` `denied` `compensated`. */
  outcome: z.string(),
  lamport: z.int(),
  level: z.int(),
  /** Epoch seconds by its domain's clock: for display only. */
  at: z.int(),
  stitch: stitchClaimSchema.nullable(),
});

export const domainsContract = {
  /** Every domain of this console, and how far their clocks are apart. */
  list: operation
    .route({ method: "GET", path: "/domains" })
    .output(
      z.object({ position: positionSchema, domains: z.array(domainSchema), offsets: z.array(clockOffsetSchema) }),
    ),
  /** Border crossings, what asks for somebody first; and the gaps in trails. */
  crossings: operation
    .route({ method: "GET", path: "/domains/crossings" })
    .input(z.object({ wid: uuidSchema.optional(), state: z.enum(CROSSING_STATES).optional() }))
    .output(
      z.object({
        position: positionSchema,
        crossings: z.array(crossingSchema),
        gaps: z.array(gapSchema),
        /** By state, over all that the workflow has. */
        counts: z.record(z.enum(CROSSING_STATES), z.int()),
      }),
    ),
  crossing: operation
    .route({ method: "GET", path: "/domains/crossings/{stitchId}" })
    .input(z.object({ stitchId: uuidSchema }))
    .output(z.object({ position: positionSchema, detail: crossingDetailSchema })),
  /** The trails of a workflow joined in causal order (X3). */
  trail: operation
    .route({ method: "GET", path: "/domains/trail" })
    .input(z.object({ wid: uuidSchema }))
    .output(
      z.object({
        position: positionSchema,
        nodes: z.array(trailNodeSchema),
        edges: z.array(z.tuple([z.string(), z.string()])),
        problems: z.array(z.object({ code: z.string(), detail: z.string(), nodes: z.array(z.string()) })),
        levels: z.array(z.object({ domain: z.string(), level: z.int() })),
        level: z.int().nullable(),
        /** False where a domain did not answer or something is missing (XDA-11). */
        complete: z.boolean(),
      }),
    ),
  /**
   * Asks the domains that a compact `audit-query+jwt` by an operator is addressed to (X4): each answers for itself, by its own
   * rules, and has the question on record (XDA-12).
   */
  ask: operation
    .route({ method: "POST", path: "/domains/questions" })
    .input(z.object({ token: compactSchema }))
    .output(
      z.object({
        position: positionSchema,
        answers: z.array(domainAnswerSchema),
        /** False where a domain that a trail goes on in did not answer, or not in full. */
        complete: z.boolean(),
      }),
    ),
  ...heldQuestionOperations,
  ...domainOrderOperations,
  /** Assigns or resolves a crossing or a gap: a compact `crossing-handling+jwt` by the operator. */
  handle: operation
    .route({ method: "POST", path: "/domains/findings" })
    .input(z.object({ token: compactSchema }))
    .output(z.object({ seq: z.int(), finding: z.enum(FINDING_KINDS) })),
};
