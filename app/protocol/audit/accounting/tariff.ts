import * as z from "zod";
import type { Json } from "../../../base/json.ts";
import type { Sha256 } from "../../../base/ports.ts";
import { objectDigest } from "../../jcs/canonical.ts";
import { digestSchema, timeSchema, uriSchema, uuidSchema } from "../../jose/formats.ts";
import { messageType, type TokenType } from "../../jose/token-type.ts";
import { currencySchema, decimalSchema, isGreater } from "./decimal-text.ts";
import { resourceSchema, unitFits } from "./resources.ts";

/** The price of one resource. With tiers, `price` is what costs beyond the last of them. */
export const tariffLineSchema = z
  .object({
    resource: resourceSchema,
    unit: z.string(),
    price: decimalSchema,
    /** The price of what lies between the tier before and `upto`; of the whole line in a period. */
    tiers: z
      .array(z.object({ upto: decimalSchema, price: decimalSchema }))
      .min(1)
      .max(16)
      .optional(),
    /** What a line costs at least in a period in which anything is used. */
    minimum: decimalSchema.optional(),
    rounding: z.literal("half_even"),
    /** Decimal places of a line's amount. */
    scale: z.int().min(0).max(12),
  })
  .refine(({ resource, unit }) => unitFits(resource, unit), {
    path: ["unit"],
    message: "not the unit of this resource",
  })
  .refine(({ tiers }) => isAscending(tiers ?? []), {
    path: ["tiers"],
    message: "tiers end at ascending quantities above zero",
  });
export type TariffLine = z.infer<typeof tariffLineSchema>;

/** What is no decimal is told of by itself, and asked about all the same. */
function isAscending(tiers: readonly { readonly upto: string }[]): boolean {
  if (!tiers.every(({ upto }) => decimalSchema.safeParse(upto).success)) return true;
  return tiers.every(({ upto }, at) => isGreater(upto, tiers[at - 1]?.upto ?? "0"));
}

export const tariffBodySchema = z
  .object({
    tariff_id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, "lower-case letters, digits, hyphens"),
    version: z.int().positive(),
    currency: currencySchema,
    valid_from: timeSchema,
    valid_to: timeSchema.optional(),
    lines: z.array(tariffLineSchema).min(1).max(32),
  })
  .refine(({ valid_from, valid_to }) => valid_to === undefined || valid_to > valid_from, {
    path: ["valid_to"],
    message: "it ends after it begins",
  })
  .refine(({ lines }) => new Set(lines.map(({ resource }) => resource)).size === lines.length, {
    path: ["lines"],
    message: "each resource has one line",
  });
export type TariffBody = z.infer<typeof tariffBodySchema>;

export const tariffSchema = z.intersection(tariffBodySchema, z.object({ hash: digestSchema }));
export type Tariff = TariffBody & { readonly hash: string };

/** Object digest of a tariff without its own `hash`. */
export function tariffHash(tariff: TariffBody, sha256: Sha256): string {
  const { tariff_id, version, currency, valid_from, valid_to, lines } = tariff;
  const body = { tariff_id, version, currency, valid_from, ...(valid_to === undefined ? {} : { valid_to }), lines };
  // Its schema holds JSON only, which optional members hide from the type.
  const digest = objectDigest(JSON.parse(JSON.stringify(body)) as Json, sha256);
  return digest.ok ? digest.value : "";
}

/**
 * `tariff+jwt` [ours]: finance or a safety officer puts a tariff in force for what is charged to one payer: all work here, or
 * that of some workflows. What was metered before keeps the tariff it names.
 */
export const tariffClaimsSchema = z.object({
  iss: uriSchema,
  aud: z.array(uriSchema).min(1),
  iat: timeSchema,
  exp: timeSchema,
  jti: uuidSchema,
  tariff: tariffSchema,
  account: z.object({
    payer: z.string().min(1).max(253),
    wids: z.array(uuidSchema).min(1).max(64).optional(),
  }),
  reason: z.string().trim().min(1).max(2000),
  role: z.enum(["finance", "safety_officer"]),
  auth_time: timeSchema,
  amr: z.array(z.string()).min(1),
});
export type TariffClaims = z.infer<typeof tariffClaimsSchema>;

export const TARIFF_TYPE: TokenType<TariffClaims> = messageType("tariff+jwt", tariffClaimsSchema, 300);
