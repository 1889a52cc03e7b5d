import * as z from "zod";
import { publicJwkSchema } from "../identity/claims.ts";
import { digestSchema, timeSchema, uriSchema, uuidSchema } from "../jose/formats.ts";

/** Ledger entry (execution-audit.md section b). `leaf` = Merkle leaf hash of JCS {received_at, seq, submitter, token}. */
export const ledgerEntrySchema = z.object({
  seq: z.int().nonnegative(),
  token: z.string(),
  received_at: timeSchema,
  submitter: uriSchema,
  leaf: digestSchema,
});
export type LedgerEntry = z.infer<typeof ledgerEntrySchema>;

/** Signed tree head, `audit-sth+jwt`. No `aud`, no `exp`. */
export const sthClaimsSchema = z.object({
  iss: uriSchema,
  iat: timeSchema,
  jti: uuidSchema,
  tree_size: z.int().nonnegative(),
  root: digestSchema,
  prev_root: digestSchema,
  prev_size: z.int().nonnegative(),
});
export type SthClaims = z.infer<typeof sthClaimsSchema>;

/** Receipt, `audit-receipt+jwt`. */
export const receiptClaimsSchema = z.object({
  iss: uriSchema,
  iat: timeSchema,
  jti: uuidSchema,
  sub_hash: digestSchema,
  seq: z.int().nonnegative(),
  received_at: timeSchema,
  submitter: uriSchema,
  tree_size: z.int().positive(),
  root: digestSchema,
  path: z.array(digestSchema),
  vds: z.literal(1),
});
export type ReceiptClaims = z.infer<typeof receiptClaimsSchema>;

/** Consistency proof: the first `first_size` entries are the beginning of the first `second_size`. */
export const consistencyProofSchema = z.object({
  first_size: z.int().nonnegative(),
  second_size: z.int().nonnegative(),
  first_root: digestSchema,
  second_root: digestSchema,
  path: z.array(digestSchema),
});
export type ConsistencyProof = z.infer<typeof consistencyProofSchema>;

/** XA-19: a self-contained export. `objects` holds what tokens refer to by digest (recorded runs), JCS text by digest. */
export const logExportSchema = z.strictObject({
  signalbox_log: z.literal(1),
  manifest: z.object({
    log_id: uriSchema,
    domain: z.string(),
    exported_at: timeSchema,
    from: z.int().nonnegative(),
    entries: z.int().nonnegative(),
    heads: z.int().nonnegative(),
    keys: z.int().nonnegative(),
    objects: z.int().nonnegative(),
    root: digestSchema,
    tree_size: z.int().nonnegative(),
  }),
  keys: z.array(z.object({ kid: z.string(), subject: uriSchema, jwk: publicJwkSchema })),
  heads: z.array(z.string()),
  /** The head over all of it as a checkpoint (C2SP tlog-checkpoint), for other tools; absent where the log cannot sign one. */
  checkpoint: z.string().optional(),
  entries: z.array(ledgerEntrySchema),
  objects: z.record(digestSchema, z.json()),
});
export type LogExport = z.infer<typeof logExportSchema>;
