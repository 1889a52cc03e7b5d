import * as z from "zod";

/*
 * Decimals as tokens write them, apart from what reckons with them: tokens are read from the first moment on, and a library
 * for exact numbers is loaded with the first one that is added up.
 */

const PLAIN = "(0|[1-9]\\d{0,29})(\\.\\d{1,12})?";

/** A decimal as tokens write it: no exponent, no plus, at most 30 digits before and 12 after the point. */
export const decimalSchema = z.string().regex(new RegExp(`^${PLAIN}$`), "a decimal of at least zero, as text");
export const signedDecimalSchema = z.string().regex(new RegExp(`^-?${PLAIN}$`), "a decimal, as text");
export const currencySchema = z.string().regex(/^[A-Z]{3}$/, "an ISO 4217 code");

const PLACES = 12;

/** Whether the first of two decimals is the greater one; exact, since a decimal has 12 places at most. */
export const isGreater = (one: string, other: string): boolean => partsOf(one) > partsOf(other);

function partsOf(text: string): bigint {
  const [whole = "0", part = ""] = text.split(".");
  return BigInt(whole + part.padEnd(PLACES, "0"));
}
