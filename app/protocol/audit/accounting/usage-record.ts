import * as z from "zod";
import { digestSchema, timeSchema, uriSchema, uuidSchema } from "../../jose/formats.ts";
import type { TokenType } from "../../jose/token-type.ts";
import { currencySchema, decimalSchema, signedDecimalSchema } from "./decimal-text.ts";

/** `prev` of a metering point's first record. */
export const FIRST_PREV = "A".repeat(43);

export const periodSchema = z
  .object({ from: timeSchema, to: timeSchema })
  .refine(({ from, to }) => from < to, { message: "a period is half-open, [from, to), and not empty" });
export type Period = z.infer<typeof periodSchema>;

/** The tariff a record was made under. */
export const tariffRefSchema = z.object({
  id: z.string().min(1).max(64),
  version: z.int().positive(),
  hash: digestSchema,
});
export type TariffRef = z.infer<typeof tariffRefSchema>;

export const usageItemSchema = z.object({
  resource: z.string().min(1).max(64),
  /** Negative in corrections only (XDA-18). */
  quantity: signedDecimalSchema,
  unit: z.string().min(1).max(16),
  unit_price: decimalSchema.optional(),
  amount: signedDecimalSchema.optional(),
  currency: currencySchema.optional(),
  /** XDA-19. */
  estimated: z.boolean(),
  attrs: z.record(z.string().max(64), z.string().max(256)).optional(),
});
export type UsageItem = z.infer<typeof usageItemSchema>;

/** `usage-record+jwt`: what one task used, stated by the metering point that saw it (XDA-14, XDA-15). */
export const usageRecordClaimsSchema = z
  .object({
    iss: uriSchema,
    aud: z.array(uriSchema).min(1).max(8),
    iat: timeSchema,
    exp: timeSchema,
    jti: uuidSchema,
    wid: uuidSchema,
    mp_id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/),
    consumer: uriSchema,
    payer: z.string().min(1).max(253),
    task: uuidSchema,
    act: z.record(z.string().max(64), z.json()).optional(),
    period: periodSchema,
    items: z.array(usageItemSchema).min(1).max(64),
    /** Per metering point, from 0, without gaps. */
    seq: z.int().nonnegative(),
    prev: digestSchema,
    tariff: tariffRefSchema.optional(),
    correction_of: uuidSchema.optional(),
    /** The order of a human that a correction follows [ours]. */
    ordered_by: uuidSchema.optional(),
  })
  .refine(
    ({ items, correction_of }) => correction_of !== undefined || items.every((i) => !i.quantity.startsWith("-")),
    {
      path: ["items"],
      message: "a negative quantity stands in a correction only",
    },
  )
  .refine(({ items }) => new Set(items.map((item) => item.resource)).size === items.length, {
    path: ["items"],
    message: "a resource stands in a record once",
  });
export type UsageRecordClaims = z.infer<typeof usageRecordClaimsSchema>;

/** Records are read long after they were made: their time matters to whoever takes them first. */
export const USAGE_RECORD_LIFETIME_S = 86_400;

export const USAGE_RECORD_TYPE: TokenType<UsageRecordClaims> = {
  typ: ["usage-record+jwt"],
  schema: usageRecordClaimsSchema,
  audience: "required",
  expiry: "required",
  maxLifetimeS: () => USAGE_RECORD_LIFETIME_S,
  replayScope: ({ iss, jti }) => `${iss} ${jti}`,
};
