import * as z from "zod";
import { publicJwkSchema } from "../../identity/claims.ts";
import { digestSchema, timeSchema, uriSchema, uuidSchema } from "../../jose/formats.ts";
import { messageType, type TokenType } from "../../jose/token-type.ts";
import { signedDecimalSchema } from "./decimal-text.ts";

const byFinance = {
  iss: uriSchema,
  aud: z.array(uriSchema).min(1),
  iat: timeSchema,
  exp: timeSchema,
  jti: uuidSchema,
  reason: z.string().trim().min(1).max(2000),
  role: z.literal("finance"),
  auth_time: timeSchema,
  amr: z.array(z.string()).min(1),
};

/**
 * `usage-correction+jwt` [ours]: finance orders that a record is corrected. The metering point then issues a record of its own
 * with the differences (XDA-18).
 */
export const usageCorrectionClaimsSchema = z.object({
  ...byFinance,
  record: uuidSchema,
  items: z
    .array(z.object({ resource: z.string().max(64), difference: signedDecimalSchema }))
    .min(1)
    .max(16)
    .refine((items) => new Set(items.map(({ resource }) => resource)).size === items.length, {
      message: "a resource stands in an order once",
    }),
});
export type UsageCorrectionClaims = z.infer<typeof usageCorrectionClaimsSchema>;
export const USAGE_CORRECTION_TYPE: TokenType<UsageCorrectionClaims> = messageType(
  "usage-correction+jwt",
  usageCorrectionClaimsSchema,
  300,
);

/**
 * `ledger-import+jwt` [ours]: finance takes another domain's ledger in, as the file with this digest, under that domain's log
 * key. The first of a domain pins its key; `keys` are the people of that domain whose settlement messages count from now on.
 */
export const ledgerImportClaimsSchema = z.object({
  ...byFinance,
  domain: z.string().min(1).max(253),
  /** Thumbprint of the other log's key. */
  log_kid: z.string().min(1).max(256),
  ledger: digestSchema,
  records_count: z.int().nonnegative(),
  records_root: digestSchema,
  keys: z.array(z.object({ sub: uriSchema, name: z.string().max(256), jwk: publicJwkSchema })).max(16),
});
export type LedgerImportClaims = z.infer<typeof ledgerImportClaimsSchema>;
export const LEDGER_IMPORT_TYPE: TokenType<LedgerImportClaims> = messageType(
  "ledger-import+jwt",
  ledgerImportClaimsSchema,
  300,
);
