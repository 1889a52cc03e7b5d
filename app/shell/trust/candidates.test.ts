import { describe, expect, it } from "vitest";
import type { CertificateView, ExaminedTrust } from "../../api/contract/trust.ts";
import { candidatesOf, chosenOf, NOBODYS_KEYS } from "./candidates.ts";

const certificate = (change: Partial<CertificateView>): CertificateView => ({
  ...{ fingerprint: "F".repeat(43), subject: "CN=One", issuer: "CN=Root", from: 0, until: 9, uris: [], problem: null },
  ...{ isAuthority: true, isRoot: false, ...change },
});
const jwk = { kty: "OKP", crv: "Ed25519", x: "A".repeat(43), kid: "k1" } as const;

const seen = (certificates: ExaminedTrust["certificates"], keys: ExaminedTrust["keys"] = []): ExaminedTrust => ({
  certificates,
  keys,
  leftOut: [],
});
const keySet = seen([], [{ jwk, key: { kid: "k1", thumbprint: "K".repeat(43), alg: "EdDSA" } }]);

describe("what a file of certificates makes of itself", () => {
  const leaf = { der: "leaf", facts: certificate({ isAuthority: false, uris: ["spiffe://Ops.example/gateway"] }) };
  const middle = { der: "middle", facts: certificate({}) };
  const root = { der: "root", facts: certificate({ isRoot: true }) };

  it("[XA-63] a workload's certificate takes those between along, and its root is for its own domain alone", () => {
    const found = candidatesOf(seen([leaf, middle, root]));
    expect(found.map(({ isChosen }) => isChosen)).toEqual([true, false, true]);
    expect(chosenOf(seen([leaf, middle, root]), found, NOBODYS_KEYS, 0)).toEqual([
      { kind: "x509_certificate", certificate: "leaf", between: ["middle"] },
      { kind: "x509_anchor", domain: "ops.example", certificate: "root" },
    ]);
  });

  it("[XA-63] an authority that names no domain is nothing to sign until somebody says which", () => {
    const [only, ...more] = candidatesOf(seen([middle]));
    expect([only?.isChosen, more]).toEqual([true, []]);
    expect(chosenOf(seen([middle]), candidatesOf(seen([middle])), NOBODYS_KEYS, 0)).toBeNull();
    const named = candidatesOf(seen([middle])).map((one) => ({ ...one, domain: " Partner.example " }));
    expect(chosenOf(seen([middle]), named, NOBODYS_KEYS, 0)).toMatchObject([{ domain: "partner.example" }]);
  });
});

describe("a key set", () => {
  it.each([
    ["nothing", {}],
    ["only whose it is", { subject: "https://ops.example/g" }],
    ["only where it is", { uri: "https://ops.example/jwks" }],
    [
      "no client of the server",
      { kind: "oauth_client", issuer: "https://login.example", subject: "https://a.example" },
    ],
  ] as const)("[XA-63] of which %s is said is nothing to sign", (_what, said) => {
    expect(chosenOf(keySet, [], { ...NOBODYS_KEYS, ...said }, 0)).toBeNull();
  });

  it("[XA-63] is an address's or a client's, as the operator says", () => {
    const subject = "https://ops.example/g";
    expect(chosenOf(keySet, [], { ...NOBODYS_KEYS, uri: "https://ops.example/jwks", subject }, 0)).toEqual([
      { kind: "jwks", jwks_uri: "https://ops.example/jwks", subject, keys: [jwk] },
    ]);
    const client = { kind: "oauth_client", issuer: "https://login.example", clientId: " gateway ", subject } as const;
    expect(chosenOf(keySet, [], { ...NOBODYS_KEYS, ...client }, 0)).toEqual([
      { kind: "oauth_client", issuer: "https://login.example", client_id: "gateway", subject, keys: [jwk] },
    ]);
  });

  it("[BEH-67] is another domain's verifier's, by thumbprint, about the domains and for the days that are said", () => {
    const subject = "spiffe://ops.example/verifier";
    const said = { ...NOBODYS_KEYS, kind: "verifier", subject, about: " Ops.example, b.example ops.example" } as const;
    expect(chosenOf(keySet, [], said, 5000)).toEqual([
      {
        ...{ kind: "verifier", subject, about: ["ops.example", "b.example"], not_after: 5 + 90 * 86_400 },
        keys: [{ ...jwk, kid: "K".repeat(43) }],
      },
    ]);
    for (const wrong of [{ about: " , " }, { days: "0" }, { days: "400" }, { days: "x" }, { subject: " " }])
      expect(chosenOf(keySet, [], { ...said, ...wrong }, 5000)).toBeNull();
  });
});
