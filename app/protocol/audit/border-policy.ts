import * as z from "zod";
import { must } from "../../base/assert.ts";
import type { Json } from "../../base/json.ts";
import type { Sha256 } from "../../base/ports.ts";
import { objectDigest } from "../jcs/canonical.ts";
import { digestSchema } from "../jose/formats.ts";
import {
  dataClassSchema,
  disclosureClaimSchema,
  domainNameSchema,
  regimeSchema,
  regProfileSchema,
} from "./stitch-claims.ts";

/** What a domain is under, what it takes from others, and what it shows to whom: the whole of it, as it is signed (XDA-72). */
export const borderPolicySchema = z.strictObject({
  reg: regProfileSchema,
  /** What comes in from others (X1). */
  takes: z.strictObject({
    level_min: z.int().min(1).max(3),
    regimes: z.array(regimeSchema).max(16),
    data_classes: z.array(dataClassSchema).max(6),
  }),
  /** Domains it names as those it works with; heard is who has a key in its log. */
  works_with: z.array(domainNameSchema).max(16),
  jurisdictions: z.array(z.string().regex(/^[A-Z]{2,3}$/, "a code of a country, or EU")).max(16),
  /** Goes with each record that is made under it. */
  disclosure: disclosureClaimSchema,
});
export type BorderPolicyText = z.infer<typeof borderPolicySchema>;

/** A version by which crossings name what they were judged under: 0 is the one that came with the domain, signed by nobody. */
export const borderVersionSchema = z.object({
  version: z.int().nonnegative(),
  /** Object digest of the policy. */
  hash: digestSchema,
});
export type BorderVersionName = z.infer<typeof borderVersionSchema>;

export function borderHash(policy: BorderPolicyText, sha256: Sha256): string {
  const digest = objectDigest(policy as unknown as Json, sha256); // its schema takes JSON only
  return must(digest.ok ? digest.value : null, "what was read by its schema has a canonical form");
}
