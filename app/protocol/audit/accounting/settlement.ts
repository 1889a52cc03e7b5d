import * as z from "zod";
import { digestSchema, timeSchema, uriSchema, uuidSchema } from "../../jose/formats.ts";
import { messageType, type TokenType } from "../../jose/token-type.ts";
import { currencySchema, decimalSchema, signedDecimalSchema } from "./decimal-text.ts";
import { periodSchema } from "./usage-record.ts";

/** So long after a statement it can be disputed, by the log's time; accepting has no end (XDA-21). */
export const DISPUTE_WINDOW_S = 604_800;
/** Disputes that did not lead to an agreement, after which a human arbitrates. */
export const MAX_ROUNDS = 2;
/** Records a statement is about at most: computing it anew must not hold up anything else [ours]. */
export const MAX_STATED_RECORDS = 20_000;
/** Corrections that a message lists by id: more would be larger than a token may be. */
export const MAX_ADJUSTMENTS = 64;
/** It travels as a file and may wait on a desk, but is no bearer of anything: it is taken once, in its phase. */
const LIFETIME_S = 2_592_000;

export const totalSchema = z.object({
  resource: z.string().max(64),
  unit: z.string().max(16),
  quantity: signedDecimalSchema,
  amount: signedDecimalSchema,
});
export type Total = z.infer<typeof totalSchema>;

export const DISPUTE_KINDS = ["missing", "duplicate", "quantity", "price", "unauthorized"] as const;
export const disputeSchema = z.object({
  /** The usage record it is about. */
  jti: uuidSchema,
  kind: z.enum(DISPUTE_KINDS),
  resource: z.string().max(64).optional(),
  expected: decimalSchema.optional(),
  /** Ids of tokens or entries that show it. */
  evidence: z.array(z.string().max(256)).max(8),
});
export type Dispute = z.infer<typeof disputeSchema>;

/** `settlement+jwt`: one message between the two parties of a settlement (X7, XDA-16), signed by a person of either. */
export const settlementClaimsSchema = z
  .object({
    iss: uriSchema,
    aud: z.array(uriSchema).min(1).max(4),
    iat: timeSchema,
    exp: timeSchema,
    jti: uuidSchema,
    settlement_id: uuidSchema,
    phase: z.enum(["statement", "accept", "dispute", "confirm"]),
    payee: z.string().min(1).max(253),
    payer: z.string().min(1).max(253),
    period: periodSchema,
    records_root: digestSchema,
    records_count: z.int().nonnegative().max(MAX_STATED_RECORDS),
    totals: z.array(totalSchema).max(32),
    amount_total: signedDecimalSchema,
    currency: currencySchema,
    /** Corrections that a statement takes into account, each a record of its own (XDA-18). */
    adjustments: z.array(z.object({ jti: uuidSchema, correction_of: uuidSchema })).max(MAX_ADJUSTMENTS),
    /** In place of the list, of more corrections than a token holds: how many, and the Merkle root over their digests (XDA-83). */
    adjustments_root: z.object({ count: z.int().positive().max(MAX_STATED_RECORDS), root: digestSchema }).optional(),
    /** In a statement that is made again: the `jti` of the one before. */
    prev_settlement: uuidSchema.optional(),
    /** The message that this one answers, by its bytes [ours]; of the first statement there is none. */
    answers: z.object({ jti: uuidSchema, hash: digestSchema }).optional(),
    disputes: z.array(disputeSchema).max(48).optional(),
    /** What an arbitrator found, where two rounds led to nothing [ours]. */
    arbitration: z.string().trim().min(1).max(2000).optional(),
    due: timeSchema.optional(),
    reason: z.string().max(2000).optional(),
    role: z.enum(["finance", "duty_manager", "safety_officer"]),
    auth_time: timeSchema,
    amr: z.array(z.string()).min(1),
  })
  .refine(({ phase, answers }) => phase === "statement" || answers !== undefined, {
    path: ["answers"],
    message: "it names the message that it answers",
  })
  .refine(({ phase, disputes }) => (phase === "dispute") === (disputes ?? []).length > 0, {
    path: ["disputes"],
    message: "a dispute names the records it is about, and nothing else does",
  })
  .refine(({ adjustments, adjustments_root: beyond }) => beyond === undefined || adjustments.length === 0, {
    path: ["adjustments_root"],
    message: "corrections are listed, or told by their root",
  })
  .refine(({ payee, payer }) => payee !== payer, { path: ["payer"], message: "nobody settles with themselves" });
export type SettlementClaims = z.infer<typeof settlementClaimsSchema>;

export const SETTLEMENT_TYPE: TokenType<SettlementClaims> = messageType(
  "settlement+jwt",
  settlementClaimsSchema,
  LIFETIME_S,
);
