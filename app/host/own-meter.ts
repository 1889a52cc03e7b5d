import type { Sha256 } from "../base/ports.ts";
import { tokenDigest } from "../protocol/jose/sign-token.ts";

/** Name of the metering point for what the domain itself pays. */
export const OWN_METER = "gateway";

const COUNTER = "counter";

/** A chain for each payer: nobody's records tell a payer how much another one uses, and each sees that none is missing. */
export function meterFor(payer: string, domain: string, sha256: Sha256): string {
  return payer === domain ? OWN_METER : `${OWN_METER}-${slugOf(payer, sha256)}`;
}

function slugOf(domain: string, sha256: Sha256): string {
  const slug = domain
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 40);
  const mark = tokenDigest(domain, sha256)
    .toLowerCase()
    .replace(/[^a-z0-9]/g, "")
    .slice(0, 6);
  return `${slug}-${mark}`;
}

/** What a domain counts of the work that it had another one do: a chain of its own, shown to that one only (XDA-81). */
export const counterMeterFor = (doer: string, sha256: Sha256): string => `${COUNTER}-${slugOf(doer, sha256)}`;

/** Whether a metering point counts what some other domain did. */
export const isCounterMeter = (meter: string): boolean => mpIdOf(meter).startsWith(`${COUNTER}-`);

export const mpIdOf = (meter: string): string => meter.slice(meter.lastIndexOf("/") + 1);
