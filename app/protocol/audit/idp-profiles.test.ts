import { exportJWK } from "jose";
import { beforeAll, describe, expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import { toBase64url, utf8 } from "../../base/bytes.ts";
import { EXAMPLE_JWK, sha256 } from "../ect/ect.fixture.ts";
import { jwkThumbprint } from "../jose/keys.ts";
import { createDomain, type Domain, NOW, type Party, partyOf } from "./audit.fixture.ts";
import type { IdentityPorts } from "./idp.ts";
import { type Idp, resolveIdp } from "./idp-profiles.ts";
import { type CertificateChange, certificates, KeyUsageFlags, OVER_SHA1, rsaOf, WORKLOAD } from "./x509.fixture.ts";

const NOTHING: IdentityPorts = { wit: async () => null };

let domain: Domain;
beforeAll(async () => {
  domain = await createDomain();
});

async function resolved(idp: Idp, ports: IdentityPorts = NOTHING, nowS = NOW) {
  const answer = await resolveIdp(idp, ports, { ...domain.context, nowS });
  return answer.ok ? answer.value : answer.error.code;
}

/** Whether audit tokens under this profile verify: by the key that the profile brings, with nothing known by its name. */
async function levelUnder(idp: Idp, iss: string, by: Party, ports: IdentityPorts): Promise<string> {
  const token = await domain.sign({ idp, iss, ect: undefined, jti: "0195400c-0000-7000-8000-0000000000aa" }, by);
  return domain.code(token, { identities: ports, domainOf: () => "ops.example", algorithms: ["ES256", "EdDSA"] });
}

describe("identity profile", () => {
  it("[XA-3] wimse: the identity token with that digest binds key and issuer", async () => {
    const idp: Idp = { kind: "wimse", wit_hash: toBase64url(sha256(utf8(domain.wit))) };
    expect(await resolved(idp, { wit: async () => domain.wit })).toMatchObject({ id: domain.gateway.trusted.subject });
    expect(await resolved(idp, { wit: async () => domain.wit }, NOW + 9999)).toBe("audit_idp_mismatch");
    expect(await resolved(idp)).toBe("audit_idp_unsupported");
  });

  it("[XA-3] did:jwk and did:key are resolved from the identifier alone", async () => {
    for (const alg of ["ES256", "EdDSA"] as const) {
      const party = await partyOf("unused", alg);
      const { kty, crv, x } = party.jwk;
      const jwk = party.jwk.kty === "EC" ? { kty, crv, x, y: party.jwk.y } : { kty, crv, x };
      const did = `did:jwk:${toBase64url(utf8(JSON.stringify(jwk)))}`;
      expect(await levelUnder({ kind: "did", did, vm: `${did}#0` }, did, party, NOTHING)).toBe("level 2");
      expect(await levelUnder({ kind: "did", did, vm: `${did}#0` }, "did:jwk:other", party, NOTHING)).toBe(
        "audit_idp_mismatch",
      );
      const key = await didKeyOf(party);
      expect(
        await levelUnder(
          { kind: "did", did: `did:key:${key}`, vm: `did:key:${key}#${key}` },
          `did:key:${key}`,
          party,
          NOTHING,
        ),
      ).toBe("level 2");
    }
  });

  it("[XA-3] [INV-5] did:key reads the published P-256 vector, with y computed from x", async () => {
    const key = "zDnaerDaTF5BXEavCrfRZEk316dpbLsfPDZ3WJ5hRTPFU2169";
    const answer = await resolved({ kind: "did", did: `did:key:${key}`, vm: `did:key:${key}#${key}` });
    const [trusted] = typeof answer === "string" ? [] : answer.keys;
    expect(await exportJWK(must(trusted, "a key").key)).toMatchObject({
      crv: "P-256",
      x: "fyNYMN0976ci7xqiSdag3buk-ZCwgXU4kz9XNkBlNUI",
      y: "hW2ojTNfH7Jbi8--CJUo3OCbH3y5n91g-IMA9MLMbTU",
    });
  });

  it.each([
    ["a method that needs a network", "did:web:ops.example", "did:web:ops.example#0", "audit_idp_unsupported"],
    ["no key", "did:key:zzzzzz", "did:key:zzzzzz#zzzzzz", "audit_idp_unsupported"],
    ["a letter that is none of base58", "did:key:z0OIl", "did:key:z0OIl#z0OIl", "audit_idp_unsupported"],
    ["another method of verification", "did:jwk:e30", "did:jwk:e30#1", "audit_idp_mismatch"],
    ["a JWK that is none", "did:jwk:e30", "did:jwk:e30#0", "audit_idp_unsupported"],
  ])("[XA-3] a DID with %s is no identity", async (_what, did, vm, code) => {
    expect(await resolved({ kind: "did", did, vm })).toBe(code);
  });

  it("[XA-3] oauth: the registered client's key, by its thumbprint", async () => {
    const party = await partyOf("unused");
    const idp: Idp = {
      kind: "oauth",
      issuer: "https://login.ops.example",
      client_id: "gateway",
      jkt: await jwkThumbprint(party.jwk),
    };
    const registered = { subject: "https://ops.example/gateway", jwk: party.jwk };
    const ports = { ...NOTHING, client: async () => registered };
    expect(await levelUnder(idp, registered.subject, party, ports)).toBe("level 2");
    expect(await levelUnder(idp, "https://ops.example/other", party, ports)).toBe("audit_idp_mismatch");
    expect(await resolved({ ...idp, jkt: "A".repeat(43) }, ports)).toBe("audit_idp_mismatch");
    expect(await resolved(idp)).toBe("audit_idp_unsupported");
  });

  it("[XA-3] jwks: the pinned set, by address and name, never fetched", async () => {
    const party = await partyOf("unused");
    const idp: Idp = { kind: "jwks", jwks_uri: "https://ops.example/jwks", kid: "k1" };
    const asked: string[] = [];
    const pinnedKey = async (uri: string, kid: string) => {
      asked.push(`${uri} ${kid}`);
      return { subject: "https://ops.example/gateway", jwk: party.jwk };
    };
    const ports = { ...NOTHING, pinnedKey };
    expect(await levelUnder(idp, "https://ops.example/gateway", party, ports)).toBe("level 2");
    expect(asked).toContain("https://ops.example/jwks k1");
    expect(await resolved(idp)).toBe("audit_idp_unsupported");
    const other = await partyOf("unused");
    expect(await levelUnder(idp, "https://ops.example/gateway", other, ports)).toBe("token_signature_invalid");
  });

  it("[XA-3] a key that its profile cannot be resolved for is unknown, and says why", async () => {
    const stranger = await partyOf("unused");
    const token = await domain.sign({ idp: { kind: "did", did: "did:web:x", vm: "did:web:x#0" } }, stranger);
    expect(await domain.code(token)).toBe("token_key_unknown");
  });
});

describe("X.509 profile", () => {
  it("[XA-3] a leaf that chains to an anchor names its workload by its URI", async () => {
    const chain = await chainOf();
    expect(await levelUnder(chain.idp, WORKLOAD, chain.party, chain.ports)).toBe("level 2");
    expect(await levelUnder(chain.idp, "spiffe://ops.example/other", chain.party, chain.ports)).toBe(
      "audit_idp_mismatch",
    );
    expect(await resolved(chain.idp, NOTHING)).toBe("audit_idp_unsupported");
  });

  it.each<[string, ChainChange]>([
    ["nothing between it and the anchor", { between: false }],
    ["an authority that may sign none", { ca: false }],
    ["more authorities below the anchor than it allows", { rootLength: 0 }],
    ["two URIs", { uris: [WORKLOAD, "spiffe://ops.example/second"] }],
    ["no URI", { uris: [] }],
    ["a time that is over", { nowS: NOW + 10_000_000 }],
    ["a time that has not begun", { nowS: NOW - 10_000_000 }],
    ["a key for another use", { usage: KeyUsageFlags.keyAgreement }],
    ["an authority's own certificate as its leaf", { leafCa: true }],
    ["another certificate than it names", { swapped: true }],
    ["names that its authority is limited in, which is not understood here", { constrained: true }],
    ["limits on names that may be left out of account", { constrained: true, loosely: true }],
    ["an authority whose key is too short", { rootBy: rsaOf(1024) }],
    ["a signature over a digest that can be forged", { rootBy: OVER_SHA1 }],
  ])("[XA-3] one with %s is no identity", async (_what, change) => {
    const chain = await chainOf(change);
    expect(await resolved(chain.idp, chain.ports, change.nowS)).toBe("audit_idp_mismatch");
  });

  it("[XA-3] an authority may sign by RSA with a key that is long enough", async () => {
    const chain = await chainOf({ rootBy: rsaOf(2048) });
    expect(await resolved(chain.idp, chain.ports)).toMatchObject({ id: WORKLOAD });
  });

  it.each<[string, ChainChange]>([
    ["no anchor", { anchors: false }],
    ["an anchor of another trust domain only", { of: "other.example" }],
  ])("[XA-3] [XA-63] [XA-64] with %s it cannot be told, and whose anchor is missing is said", async (_what, change) => {
    const chain = await chainOf(change);
    const answer = await resolveIdp(chain.idp, chain.ports, { ...domain.context, nowS: NOW });
    expect(answer).toMatchObject({
      ok: false,
      error: { code: "audit_idp_unsupported", detail: "no trust anchor for ops.example" },
    });
  });

  it("[XA-3] bytes that are no certificate, and keys of other kinds, are not supported", async () => {
    const junk = utf8("no certificate");
    const idp: Idp = { kind: "x509", x5t_s256: toBase64url(sha256(junk)) };
    expect(await resolved(idp, { ...NOTHING, certificate: async () => ({ leaf: junk, between: [] }) })).toBe(
      "audit_idp_unsupported",
    );
  });
});

/** A workload under a chain, and what a verifier would hold of it. */
async function chainOf(change: ChainChange = {}) {
  const { root, middle, leaf, leafKeys } = await certificates(change);
  const idp: Idp = { kind: "x509", x5t_s256: toBase64url(sha256(leaf)) };
  const ports: IdentityPorts = {
    ...NOTHING,
    anchors: change.anchors === false ? [] : [{ domain: change.of ?? "ops.example", der: root }],
    certificate: async () => ({
      leaf: change.swapped === true ? middle : leaf,
      between: change.between === false ? [] : [middle],
    }),
  };
  const signer = { kid: "leaf", alg: "ES256" as const, key: leafKeys.privateKey };
  const party = { ...(await partyOf("unused")), signer };
  return { idp, ports, party };
}

interface ChainChange extends CertificateChange {
  readonly anchors?: boolean;
  /** The trust domain that the anchor is for. */
  readonly of?: string;
  readonly between?: boolean;
  readonly nowS?: number;
  readonly swapped?: boolean;
}

const BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/** The identifier of a key, encoded by another way than it is read: digit by digit. */
async function didKeyOf({ jwk }: Party): Promise<string> {
  const x = Buffer.from(jwk.x, "base64url");
  const bytes =
    jwk.kty === "EC" ? [0x80, 0x24, 2 + ((Buffer.from(jwk.y, "base64url").at(-1) ?? 0) & 1), ...x] : [0xed, 0x01, ...x];
  const digits = [0];
  for (const byte of bytes) {
    let carry = byte;
    for (let at = 0; at < digits.length; at += 1) {
      carry += (digits[at] ?? 0) * 256;
      digits[at] = carry % 58;
      carry = Math.floor(carry / 58);
    }
    for (; carry > 0; carry = Math.floor(carry / 58)) digits.push(carry % 58);
  }
  return `z${digits
    .toReversed()
    .map((digit) => BASE58[digit])
    .join("")}`;
}

it("[INV-5] the example key of ect.md is the identity its DID says", async () => {
  const did = `did:jwk:${toBase64url(utf8(JSON.stringify(EXAMPLE_JWK)))}`;
  const answer = await resolved({ kind: "did", did, vm: `${did}#0` });
  expect(typeof answer === "string" ? answer : answer.id).toBe(did);
});
