import * as z from "zod";
import { borderPolicySchema, borderVersionSchema } from "../../protocol/audit/border-policy.ts";
import { PROPOSAL_STATES, recordSelectorSchema, STAYS, shownErasureSchema } from "../../protocol/audit/domain-order.ts";
import { compactSchema, digestSchema, uriSchema, uuidSchema } from "../../protocol/jose/formats.ts";
import { operation, positionSchema } from "./common.ts";

/** A version of a domain's border policy. Times in epoch seconds by the domain's clock. */
export const borderVersionViewSchema = z.object({
  version: z.int().nonnegative(),
  hash: digestSchema,
  policy: borderPolicySchema,
  /** Null: it came with the domain, and nobody has signed it. */
  signed: z
    .object({
      jti: uuidSchema,
      by: uriSchema,
      confirmedBy: uriSchema.nullable(),
      reason: z.string(),
      seq: z.int(),
      at: z.int(),
    })
    .nullable(),
});
export type BorderVersionView = z.infer<typeof borderVersionViewSchema>;

/** A wider version that waits for a second person, or did in vain (XDA-73). */
export const borderProposalSchema = z.object({
  jti: uuidSchema,
  hash: digestSchema,
  by: uriSchema,
  reason: z.string(),
  seq: z.int(),
  at: z.int(),
  until: z.int(),
  state: z.enum(PROPOSAL_STATES),
  version: z.int(),
  policy: borderPolicySchema,
  widens: z.array(z.string()),
});
export type BorderProposalView = z.infer<typeof borderProposalSchema>;

export const borderViewSchema = z.object({
  domain: z.string(),
  inForce: borderVersionViewSchema,
  /** Newest first, without the one in force. */
  earlier: z.array(borderVersionViewSchema),
  proposals: z.array(borderProposalSchema),
});
export type BorderView = z.infer<typeof borderViewSchema>;

/** Somebody has a domain erase what records keep apart, or holds it back (XDA-13). */
export const erasureSchema = z.object({
  domain: z.string(),
  kind: z.enum(["erase", "legal_hold"]),
  jti: uuidSchema,
  seq: z.int(),
  at: z.int(),
  by: uriSchema,
  reason: z.string(),
  about: recordSelectorSchema,
  /** Of an order to erase: what was shown, and the entry that says it is done; null while it is not. */
  shown: shownErasureSchema.nullable(),
  doneSeq: z.int().nullable(),
  /** Of a legal hold: the entry that ended it. */
  endedSeq: z.int().nullable(),
});
export type ErasureView = z.infer<typeof erasureSchema>;

export const erasurePreviewSchema = z.object({
  domain: z.string(),
  about: recordSelectorSchema,
  /** Null where nothing would be erased. */
  shown: shownErasureSchema.nullable(),
  stays: z.record(z.enum(STAYS), z.int()),
  /** When the first of what its regime has kept may go. */
  freeFrom: z.int().nullable(),
});
export type ErasurePreviewView = z.infer<typeof erasurePreviewSchema>;

/** What one record keeps apart. */
export const recordApartSchema = z.object({
  jti: uuidSchema,
  hash: digestSchema,
  subject: z.string(),
  /** Claims that are only digests in the log, and which of them can still be told. */
  hidden: z.int(),
  kept: z.array(z.string()),
  /** The order that they were erased by; null where none was, also where they were erased because their time was over. */
  erasedBy: z.object({ jti: uuidSchema, seq: z.int(), by: uriSchema, at: z.int() }).nullable(),
  held: z.boolean(),
});
export type RecordApartView = z.infer<typeof recordApartSchema>;

export const domainOrderOperations = {
  /** The border policy of each domain beside the console's own: what is in force, who signed it, what waits (XDA-72). */
  borders: operation
    .route({ method: "GET", path: "/domains/borders" })
    .output(z.object({ position: positionSchema, borders: z.array(borderViewSchema) })),
  /** Orders to erase and legal holds, newest first. */
  erasures: operation
    .route({ method: "GET", path: "/domains/erasures" })
    .output(z.object({ position: positionSchema, erasures: z.array(erasureSchema) })),
  /** Whom records that keep something apart are about, in one domain. */
  subjects: operation
    .route({ method: "GET", path: "/domains/subjects/{domain}" })
    .input(z.object({ domain: z.string().max(253) }))
    .output(
      z.object({
        position: positionSchema,
        subjects: z.array(z.object({ subject: z.string(), records: z.int() })),
      }),
    ),
  /** What would be erased, counted, and what stays and why; nothing is. */
  erasurePreview: operation
    .route({ method: "POST", path: "/domains/erasures/preview" })
    .input(z.object({ domain: z.string().max(253), about: recordSelectorSchema }))
    .output(z.object({ position: positionSchema, preview: erasurePreviewSchema })),
  /** What the record at an entry of a domain's log keeps apart; null where it keeps nothing. */
  apart: operation
    .route({ method: "GET", path: "/domains/records/{domain}/{seq}" })
    .input(z.object({ domain: z.string().max(253), seq: z.coerce.number().int().nonnegative() }))
    .output(z.object({ position: positionSchema, record: recordApartSchema.nullable() })),
  /** Gives a domain an order: a compact `domain-order+jwt` (XDA-72 to XDA-76). It goes into that domain's log. */
  order: operation
    .route({ method: "POST", path: "/domains/orders" })
    .input(z.object({ token: compactSchema }))
    .output(
      z.object({
        domain: z.string(),
        kind: z.enum(["border_policy", "confirm", "legal_hold", "end_hold", "erase"]),
        seq: z.int(),
        /** The border policy in force once it was taken. */
        border: borderVersionSchema,
        /** Of an order to erase: the entry that says it is done; null where it is still to be carried out. */
        doneSeq: z.int().nullable(),
      }),
    ),
};
