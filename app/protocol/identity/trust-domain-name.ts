import { regexes } from "zod/v4/core";

/** What a console is called until somebody names it. */
export const DEFAULT_TRUST_DOMAIN = "console.local";
/** As long as a name of the DNS may be; tokens have room for no longer one. */
export const MAX_TRUST_DOMAIN = 253;

/**
 * A name for a trust domain: a DNS name in small letters with at least two parts, since it stands in every id
 * (SPIFFE-ID 2.1). An address of a machine is nobody's name. [ours]
 */
export function isTrustDomainName(text: string): boolean {
  return (
    text.length <= MAX_TRUST_DOMAIN &&
    text === text.toLowerCase() &&
    text.includes(".") &&
    !text.endsWith(".") &&
    regexes.hostname.test(text) &&
    !regexes.ipv4.test(text)
  );
}

export const TRUST_DOMAIN_RULE =
  "a name such as ops.example: small letters, digits, dots and hyphens, two parts or more";
