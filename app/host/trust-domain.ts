import * as z from "zod";
import { ok, type Result } from "../base/result.ts";
import type { Storage, Unavailable } from "../engine/ports.ts";
import { DEFAULT_TRUST_DOMAIN, isTrustDomainName } from "../protocol/identity/trust-domain-name.ts";

/*
 * What a console's own domain is called (XDA-49): kept beside its log, chosen before anybody has written to that. A name
 * stands in the ids of everything signed in a log, and names what others pin; so a log keeps its name for good.
 */

export const CHOSEN = "host/trust-domain";
/** A new log begins with the identities of itself and of its enforcement point: nobody has been told its name by then. */
export const OWN_ENTRIES = 2;

const name = z.string().refine(isTrustDomainName);
/** A name, and the one that it takes the place of: that one counts if its log has been written to after all. */
const chosenSchema = z.object({ name, instead: name });

export type NamedStorage = Pick<Storage, "log" | "values">;

/** The name this storage's own log has, or will begin with. */
export async function keptTrustDomain({ log, values }: NamedStorage): Promise<Result<string, Unavailable>> {
  const stored = await values.get(CHOSEN);
  if (!stored.ok) return stored;
  const chosen = chosenSchema.safeParse(stored.value);
  if (!chosen.success) return ok(DEFAULT_TRUST_DOMAIN);
  const before = await log.head(chosen.data.instead);
  if (!before.ok) return before;
  return ok(before.value.size > OWN_ENTRIES ? chosen.data.instead : chosen.data.name);
}

/** Why a log of this size keeps its name; null while nobody but its host has written to it. */
export function whyNamed(domain: string, size: number): string | null {
  return size <= OWN_ENTRIES
    ? null
    : `${domain} stands in the ids of all that is signed in this log, and others know the log by it: a log keeps its name. Another name begins in a new browser profile.`;
}
