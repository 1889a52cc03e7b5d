import * as z from "zod";
import { disputeSchema, settlementClaimsSchema, totalSchema } from "../../protocol/audit/accounting/settlement.ts";
import { publicJwkSchema } from "../../protocol/identity/claims.ts";
import { digestSchema, uriSchema, uuidSchema } from "../../protocol/jose/formats.ts";

const decimal = z.string();

export const recomputedSchema = z.object({
  root: digestSchema,
  count: z.int(),
  totals: z.array(totalSchema),
  amount: decimal,
  adjustments: settlementClaimsSchema.shape.adjustments,
  adjustmentsRoot: settlementClaimsSchema.shape.adjustments_root.unwrap().nullable(),
});
export type Figures = z.infer<typeof recomputedSchema>;

export const settlementSchema = z.object({
  id: uuidSchema,
  payee: z.string(),
  payer: z.string(),
  /** What this domain is in it. */
  side: z.enum(["payee", "payer"]),
  from: z.int(),
  to: z.int(),
  status: z.enum(["stated", "accepted", "disputed", "arbitration", "confirmed"]),
  round: z.int(),
  arbitration: z.string().nullable(),
  currency: z.string(),
  amount: decimal,
  count: z.int(),
  root: digestSchema,
  totals: z.array(totalSchema),
  statedAt: z.int(),
  /** The last moment at which it can be disputed, epoch seconds. */
  disputableUntil: z.int(),
  disputes: z.array(disputeSchema),
  steps: z.array(
    z.object({
      phase: z.enum(["statement", "accept", "dispute", "confirm"]),
      jti: uuidSchema,
      hash: digestSchema,
      by: uriSchema,
      at: z.int(),
      seq: z.int(),
      reason: z.string(),
    }),
  ),
  /** What this domain's own copies come to, and where the statement says something else; null where it has no copies. */
  check: z.object({ amount: decimal, count: z.int(), problems: z.array(z.string()) }).nullable(),
});
export type SettlementView = z.infer<typeof settlementSchema>;

export const peerSchema = z.object({
  domain: z.string(),
  logKid: z.string(),
  records: z.int(),
  at: z.int(),
  by: uriSchema,
  seq: z.int(),
});

export const ledgerReportSchema = z.object({
  domain: z.string(),
  digest: digestSchema,
  logKid: z.string(),
  /** Whether that key is the one this domain is known by; null when it is not known yet. */
  pinned: z.boolean().nullable(),
  records: z.int(),
  root: digestSchema,
  tariffs: z.int(),
  /** Messages in it that this log does not have yet. */
  settlements: z.int(),
  keys: z.array(z.object({ sub: uriSchema, name: z.string(), jwk: publicJwkSchema })),
});
export type LedgerReport = z.infer<typeof ledgerReportSchema>;

export const lineSchema = z.object({
  kind: z.enum(["matched", "missing_here", "missing_there", "quantity", "price"]),
  wid: uuidSchema,
  task: uuidSchema,
  taskName: z.string().nullable(),
  resource: z.string(),
  unit: z.string(),
  ours: decimal.nullable(),
  theirs: decimal.nullable(),
  /** Ours less theirs. */
  difference: decimal,
  ourPrice: decimal.nullable(),
  theirPrice: decimal.nullable(),
  estimated: z.boolean(),
  within: z.boolean(),
  ourRecords: z.array(uuidSchema),
  theirRecords: z.array(uuidSchema),
});
export type LineView = z.infer<typeof lineSchema>;
