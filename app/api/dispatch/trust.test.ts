import { v4 } from "uuid";
import { describe, expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import { fromBase64url, toBase64url } from "../../base/bytes.ts";
import { turn } from "../../base/turn.ts";
import { openedHost } from "../../host/host.fixture.ts";
import { certificates } from "../../protocol/audit/x509.fixture.ts";
import type { Trust } from "../../protocol/identity/trust-statement.ts";
import { generateSigner, importPublicKey, type Signer } from "../../protocol/jose/keys.ts";
import { signToken } from "../../protocol/jose/sign-token.ts";
import { createMemoryStorage } from "../../storage/memory/memory-storage.ts";
import { enrolledOperator } from "./operator.fixture.ts";

type Opened = Awaited<ReturnType<typeof openedHost>>;
type Alice = Awaited<ReturnType<typeof enrolledOperator>>;
const nowS = (): number => Math.floor(Date.now() / 1000);

async function says(
  { client, host }: Opened,
  { subject, signer }: Pick<Alice, "subject" | "signer">,
  what: { readonly trust: Trust } | { readonly ends: string },
  change: object = {},
) {
  const claims = { iss: subject, aud: [host.engine.ids.logId], iat: nowS(), exp: nowS() + 120, jti: v4() };
  const as = { role: "safety_officer", auth_time: nowS(), amr: ["swk", "user"], reason: "Agreed with them" };
  const token = await signToken("trust-statement+jwt", { ...claims, ...as, ...what, ...change }, signer);
  return client.identity.stateTrust({ token });
}

/** The code of a refusal; "accepted" where there is none. */
const codeOf = (answer: Promise<unknown>): Promise<unknown> =>
  answer.then(
    () => "accepted",
    (error: { data?: { code?: string } }) => error.data?.code,
  );

const auditClaims = ({ host }: Opened, iss: string, domain: string, idp: object) => ({
  ...{ iss, aud: [host.engine.ids.logId], iat: nowS(), exp: nowS() + 300, jti: v4() },
  ...{ exec_act: "apply_change", pred: [], aud_ver: 1, level: 2, domain, outcome: "success", idp },
});

/** Each row of V1 and of CTV that has not passed, with what it says. */
async function unpassed({ client }: Opened, of: { token: string } | { seq: number }) {
  const { steps } = await client.audit.inspect(of);
  return steps
    .filter(({ result }) => result !== "passed" && result !== "not_applicable")
    .map(({ procedure, step, result, detail = "" }) => `${procedure}.${step} ${result} ${detail}`.trim());
}

describe("certificates of other frameworks", () => {
  it("[XA-63] [XA-64] [XA-3] count from their statements on, and what was logged before their end goes on verifying", async () => {
    const storage = createMemoryStorage();
    const open = await openedHost({ storage });
    const alice = await enrolledOperator(open.client);
    const { engine } = open.host;
    const jwk = await engine.read(
      (state) => [...state.keys.values()].find(({ subject }) => subject === engine.ids.pepId)?.jwk,
    );
    const key = await importPublicKey(must(jwk, "the enforcement point's key"));
    const publicKey = must(key.ok ? key.value.key : null, "it imports");
    const madeS = nowS();
    const { leaf, middle, root, pem } = await certificates({ uris: [engine.ids.pepId], publicKey, madeS });
    const fingerprint = toBase64url(open.host.ports.sha256(leaf));
    const signed = () =>
      engine.signAsPep(
        "exec-audit+jwt",
        auditClaims(open, engine.ids.pepId, engine.ids.domain, { kind: "x509", x5t_s256: fingerprint }),
      );
    const brought = async (): Promise<number | string> => {
      const received = await engine.receive(await signed());
      if (!received.ok) return `${received.error.code} ${received.error.detail}`;
      const taken = await engine.submit({ kind: "token", ...received.value });
      return taken.ok ? must(taken.value.logged[0], "it is logged").seq : taken.error.code;
    };

    const examined = await open.client.identity.examineTrust({ text: pem });
    expect(examined.certificates.map(({ facts }) => [facts.isAuthority, facts.isRoot])).toEqual([
      [false, false],
      [true, false],
      [true, true],
    ]);
    expect(fromBase64url(must(examined.certificates[0], "the workload's").der)).toEqual(leaf);

    expect(await brought()).toBe(`audit_idp_unsupported no certificate ${fingerprint} is held here`);
    await says(open, alice, {
      trust: { kind: "x509_certificate", certificate: toBase64url(leaf), between: [toBase64url(middle)] },
    });
    expect(await brought()).toBe("audit_idp_unsupported no trust anchor for console.local");
    const anchor = { kind: "x509_anchor", domain: "console.local", certificate: toBase64url(root) } as const;
    const { jti } = await says(open, alice, { trust: anchor });
    expect(await codeOf(says(open, alice, { trust: anchor }))).toBe("trust_known");
    const seq = await brought();
    expect(seq).toEqual(expect.any(Number));
    const later = await signed();
    expect(await unpassed(open, { token: later })).toEqual([
      "V1.9 not_checked no signed head covers it yet, or it is not in this log",
    ]);
    expect((await open.client.identity.trustReach({ jti })).identities).toEqual([engine.ids.pepId]);
    // As of before it was stated there was none (XA-42).
    const before = await open.client.identity.trust();
    expect((await open.client.identity.trust({ at: Number(seq) - 1 })).items).toHaveLength(before.items.length - 1);

    await says(open, alice, { ends: jti });
    expect(await codeOf(says(open, alice, { ends: jti }))).toBe("trust_unknown");
    expect((await unpassed(open, { token: later }))[0]).toBe(
      "V1.3 not_checked cannot be checked: no trust anchor for console.local",
    );
    expect(await brought()).toBe("audit_idp_unsupported no trust anchor for console.local");
    await engine.issueHead();
    open.host.close();

    const again = await openedHost({ storage });
    expect(await unpassed(again, { seq: Number(seq) })).toEqual([]);
    const [record] = (await again.client.audit.records({ seq: Number(seq) })).records;
    expect(record).toMatchObject({ code: null, untold: null, level: 3 });
    const { items } = await again.client.identity.trust();
    expect(items.map(({ about, ended }) => [about.kind, ended?.reason ?? null])).toEqual([
      ["x509_anchor", "Agreed with them"],
      ["x509_certificate", null],
    ]);
    expect(items[0]?.about).toMatchObject({ certificate: { subject: "CN=Root", until: madeS + 3600, problem: null } });
    expect((await again.host.integrity.verify()).firstBad).toBeNull();
    again.host.close();
  });

  it("[XA-64] a key that only its profile could bring is neither found wrong nor right without an anchor", async () => {
    const open = await openedHost();
    const alice = await enrolledOperator(open.client);
    const { leaf, middle, root, leafKeys } = await certificates({ madeS: nowS() });
    const idp = { kind: "x509", x5t_s256: toBase64url(open.host.ports.sha256(leaf)) };
    const signer: Signer = { kid: "their-key", alg: "ES256", key: leafKeys.privateKey };
    const claims = auditClaims(open, "spiffe://ops.example/gateway", "ops.example", idp);
    const token = await signToken("exec-audit+jwt", claims, signer);
    await says(open, alice, {
      trust: { kind: "x509_certificate", certificate: toBase64url(leaf), between: [toBase64url(middle)] },
    });
    const [first, ...others] = await unpassed(open, { token });
    expect(first).toBe("CTV.6 not_checked cannot be checked: no trust anchor for ops.example");
    expect(others.every((step) => !step.includes("failed"))).toBe(true);
    await says(open, alice, {
      trust: { kind: "x509_anchor", domain: "ops.example", certificate: toBase64url(root) },
    });
    expect(await unpassed(open, { token })).toEqual([
      "V1.9 not_checked no signed head covers it yet, or it is not in this log",
    ]);
    open.host.close();
  });
});

describe("registered clients and pinned key sets", () => {
  it("[XA-63] [XA-3] are whose the statement says, by the keys of a JWK Set that was given and not fetched", async () => {
    const open = await openedHost();
    const alice = await enrolledOperator(open.client);
    const [a, b] = [await generateSigner("ES256"), await generateSigner("EdDSA")];
    const text = JSON.stringify({
      keys: [
        { ...a.jwk, kid: "k1", use: "sig" },
        { ...b.jwk, kid: "k2" },
        { kty: "RSA", n: "AQAB", e: "AQAB", kid: "k3" },
        { ...a.jwk, kid: "k4", alg: "ECDH-ES" },
        { ...a.jwk, kid: "k5", use: "enc" },
        { ...a.jwk, kid: "k6", key_ops: ["deriveKey"] },
      ],
    });
    const { keys, leftOut } = await open.client.identity.examineTrust({ text });
    expect(keys.map(({ key }) => key.kid)).toEqual(["k1", "k2"]);
    expect(leftOut).toEqual([
      { what: "k3", why: "only P-256 and Ed25519 keys verify here" },
      { what: "k4", why: "the key is not for ES256" },
      { what: "k5", why: "the key is not for signatures" },
      { what: "k6", why: "the key is not for verifying" },
    ]);
    const jwks = keys.map(({ jwk }) => jwk);

    const subject = "https://ops.example/gateway";
    const uri = "https://ops.example/jwks";
    const pinned = await signToken(
      "exec-audit+jwt",
      auditClaims(open, subject, "ops.example", { kind: "jwks", jwks_uri: uri, kid: "k1" }),
      { ...a.signer, kid: "k1" },
    );
    const byClient = await signToken(
      "exec-audit+jwt",
      auditClaims(open, subject, "ops.example", {
        ...{ kind: "oauth", issuer: "https://login.ops.example", client_id: "gateway" },
        jkt: must(keys[1], "the second").key.thumbprint,
      }),
      { ...b.signer, kid: "k2" },
    );
    expect((await unpassed(open, { token: pinned }))[0]).toBe(
      `CTV.6 not_checked cannot be checked: no key k1 is pinned for ${uri}`,
    );
    expect((await unpassed(open, { token: byClient }))[0]).toContain(
      "cannot be checked: no client gateway of https://login.ops.example",
    );
    await says(open, alice, { trust: { kind: "jwks", jwks_uri: uri, subject, keys: jwks } });
    await says(open, alice, {
      trust: { kind: "oauth_client", issuer: "https://login.ops.example", client_id: "gateway", subject, keys: jwks },
    });
    for (const token of [pinned, byClient])
      expect((await unpassed(open, { token })).map((step) => step.slice(0, 4))).toEqual(["V1.9"]);
    open.host.close();
  });

  it.each([
    ["a private key", JSON.stringify({ keys: [{ kty: "OKP", crv: "Ed25519", x: "A".repeat(43), d: "A".repeat(43) }] })],
    ["a private key of a newer kind", JSON.stringify({ keys: [{ kty: "AKP", pub: "AAAA", priv: "AAAA" }] })],
    ["a private key in PEM", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"],
    [
      "a private key beside its certificate",
      "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n-----BEGIN EC PRIVATE KEY-----\nAAAA",
    ],
    ["nothing of both", "hello"],
  ])("[XA-63] a file with %s is refused", async (_what, text) => {
    const open = await openedHost();
    expect(await codeOf(open.client.identity.examineTrust({ text }))).toBe("trust_malformed");
    open.host.close();
  });

  it("[XA-63] of a file what is no certificate is left out, and what stands in it twice is one", async () => {
    const open = await openedHost();
    const { pem } = await certificates({ madeS: nowS() });
    const text = `${pem}\n${pem}\n-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----`;
    const { certificates: found, leftOut } = await open.client.identity.examineTrust({ text });
    expect(found.map(({ facts }) => facts.subject)).toEqual(["CN=Workload", "CN=Middle", "CN=Root"]);
    expect(leftOut).toEqual([{ what: "certificate 7", why: "it cannot be read" }]);
    open.host.close();
  });
});

it("[XA-63] [S5] a file of many certificates is read in turns: a stop that comes meanwhile does not wait for all of them", async () => {
  const open = await openedHost();
  const block = (at: number): string => {
    const body = Buffer.from(`no certificate ${at}`).toString("base64");
    return `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----`;
  };
  const look = (count: number) =>
    open.client.identity.examineTrust({ text: Array.from({ length: count }, (_, at) => block(at)).join("\n") });
  // What reads certificates is loaded by then.
  await look(1);
  let isRead = false;
  const reading = look(300).then((found) => {
    isRead = true;
    return found;
  });
  await turn();
  expect(isRead).toBe(false);
  expect((await reading).leftOut).toHaveLength(300);
  open.host.close();
});

it("[XA-63] [COM-17] is a safety officer's to say, authenticated moments ago", async () => {
  const open = await openedHost();
  const alice = await enrolledOperator(open.client);
  const bob = await enrolledOperator(open.client, "Bob", ["auditor", "operator"]);
  const { root, leaf } = await certificates({ madeS: nowS() });
  const anchor = { kind: "x509_anchor", domain: "ops.example", certificate: toBase64url(root) } as const;
  expect(await codeOf(says(open, bob, { trust: anchor }))).toBe("role_unauthorized");
  expect(await codeOf(says(open, alice, { trust: anchor }, { auth_time: nowS() - 1000 }))).toBe("role_auth_stale");
  expect(await codeOf(says(open, alice, { trust: { ...anchor, certificate: toBase64url(leaf) } }))).toBe(
    "trust_malformed",
  );
  expect(await codeOf(says(open, alice, { trust: anchor }, { ends: v4() }))).toBe("token_claim_invalid");
  expect(await codeOf(says(open, alice, { trust: anchor }))).toBe("accepted");
  open.host.close();
});
