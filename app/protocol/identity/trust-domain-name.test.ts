import fc from "fast-check";
import { expect, it, test } from "vitest";
import { domainNameSchema } from "../audit/stitch-claims.ts";
import { trustDomainOf } from "../audit/trust-domain.ts";
import { DEFAULT_TRUST_DOMAIN, isTrustDomainName } from "./trust-domain-name.ts";

test.each([DEFAULT_TRUST_DOMAIN, "ops.example", "a-1.b-2.c3", `${"a".repeat(63)}.example`])(
  "[XDA-49] %s is a name for a trust domain",
  (name) => {
    expect(isTrustDomainName(name)).toBe(true);
  },
);

test.each([
  ["nothing", ""],
  ["one part", "ops"],
  ["capitals", "Ops.example"],
  ["a dot at its end", "ops.example."],
  ["an empty part", "ops..example"],
  ["a part of 64 characters", `${"a".repeat(64)}.example`],
  ["254 characters", `${"a.".repeat(125)}abcd`],
  ["a hyphen at an edge", "-ops.example"],
  ["a space", "ops .example"],
  ["a slash", "ops.example/log"],
  ["an underscore", "ops_1.example"],
  ["a letter of another script", "оps.example"],
  ["an address", "127.0.0.1"],
])("[XDA-49] %s makes no name", (_what, name) => {
  expect(isTrustDomainName(name)).toBe(false);
});

it("[XDA-49] what is a name can stand in tokens, and is read from an id as it was given", () => {
  fc.assert(
    fc.property(fc.domain(), (name) => {
      fc.pre(isTrustDomainName(name));
      expect(domainNameSchema.safeParse(name).success).toBe(true);
      expect(trustDomainOf(`spiffe://${name}/log`)).toBe(name);
    }),
    { numRuns: 100 },
  );
});
