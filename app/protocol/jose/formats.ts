import * as z from "zod";

/** Formats every token shares (spec README section 4). */
export const uuidSchema = z
  .string()
  .regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/, "a lower-case UUID");
export const digestSchema = z.string().regex(/^[A-Za-z0-9_-]{43}$/, "base64url SHA-256, no prefix");
export const timeSchema = z.int().nonnegative();
export const uriSchema = z
  .string()
  .min(3)
  .max(1024)
  .regex(/^[A-Za-z][A-Za-z0-9+.-]*:\S+$/, "an absolute URI");
export const compactSchema = z
  .string()
  .max(16_384)
  .regex(/^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/, "a compact JWS");
